"""SQL of the list of devices, put together from fixed parts: a condition that is not asked for costs nothing."""

from collections.abc import Collection
from typing import Any, NamedTuple

from linkops.db import Row, Tx
from linkops.devices.model import Device
from linkops.devices.search.model import DeviceFilter, Order
from linkops.devices.store import DEVICE_COLUMNS, device_of

_TAGS = """
SELECT t.device_id, t.tag_key, t.tag_value
FROM {devices: id bigint} r JOIN device_tag t ON t.device_id = r.id ORDER BY t.device_id, t.tag_key
"""
_TAGGED = "d.id IN (SELECT t.device_id FROM device_tag t WHERE t.tag_key = :tag_key)"
_TAGGED_SO = "d.id IN (SELECT t.device_id FROM device_tag t WHERE t.tag_key = :tag_key AND t.tag_value = :tag_value)"
_REPORTED = """d.id IN (
    SELECT v.device_id FROM module_version v WHERE v.product_id = :product_id AND v.module = :module{version}
)"""
_LAST = "coalesce(d.last_seen_at, 0)"


class _Sorting(NamedTuple):
    """``columns`` make a row's place; ``beyond`` is the condition of the rows behind such a place."""

    columns: tuple[str, ...]
    kinds: tuple[type, ...]
    beyond: str
    by: str


_SORTING = {
    # Within a product this is name order, and an index; several products come one after the other.
    Order.NAME: _Sorting(
        ("d.product_id", "d.device_name"),
        (int, str),
        "(d.product_id, d.device_name) > (:after0, :after1)",
        "d.product_id, d.device_name",
    ),
    Order.OLDEST: _Sorting(("d.id",), (int,), "d.id > :after0", "d.id"),
    Order.NEWEST: _Sorting(("d.id",), (int,), "d.id < :after0", "d.id DESC"),
    Order.LAST_SEEN: _Sorting(
        (_LAST, "d.id"), (int, int), f"({_LAST}, d.id) < (:after0, :after1)", f"{_LAST} DESC, d.id DESC"
    ),
}


def place_kinds(order: Order) -> list[type]:
    """Return the types of the values that make a row's place in this order."""
    return list(_SORTING[order].kinds)


class Question(NamedTuple):
    """A filter with its product looked up.

    Attributes:
        product_ids: None: all.
    """

    product_ids: Collection[int] | None
    filter: DeviceFilter


def some(tx: Tx, question: Question, order: Order, after: list[Any], most: int) -> list[tuple[Device, list[Any]]]:
    """Return up to ``most`` devices behind the place ``after`` (empty: from the start), each with its own place."""
    sorting = _SORTING[order]
    conditions, params = _where(question)
    if after:
        conditions.append(sorting.beyond)
        params.update({f"after{i}": value for i, value in enumerate(after)})
    sql = (  # every part is one of ours; what was asked for is a parameter
        f"SELECT {DEVICE_COLUMNS}, {', '.join(sorting.columns)} FROM device d JOIN product p ON p.id = d.product_id "  # noqa: S608
        f"WHERE {' AND '.join(conditions)} ORDER BY {sorting.by} LIMIT :most"
    )
    return [_placed(row, len(sorting.columns)) for row in tx.all(sql, **params, most=most)]


def _placed(row: Row, width: int) -> tuple[Device, list[Any]]:
    return device_of(row), list(row[-width:])


def count(tx: Tx, question: Question, most: int) -> int:
    """Return how many there are, counting no further than ``most``."""
    conditions, params = _where(question)
    sql = f"SELECT count(*) FROM (SELECT 1 FROM device d WHERE {' AND '.join(conditions)} LIMIT :most) c"  # noqa: S608
    return int(tx.scalar(sql, **params, most=most))


def tags(tx: Tx, device_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return the tags of devices that have any."""
    found: dict[int, dict[str, str]] = {}
    for device_id, key, value in tx.all(_TAGS, devices=[(device_id,) for device_id in device_ids]):
        found.setdefault(device_id, {})[key] = value
    return found


def _where(question: Question) -> tuple[list[str], dict[str, Any]]:
    conditions, params = ["1 = 1"], dict[str, Any]()
    if question.product_ids is not None and len(question.product_ids) == 1:
        conditions.append("d.product_id = :product_id")
        params["product_id"] = next(iter(question.product_ids))
    elif question.product_ids is not None:
        conditions.append("d.product_id IN (SELECT v.id FROM {products: id bigint} v)")
        params["products"] = [(product_id,) for product_id in question.product_ids]
    _narrow(question.filter, conditions, params)
    return conditions, params


def _narrow(wanted: DeviceFilter, conditions: list[str], params: dict[str, Any]) -> None:
    if wanted.name_prefix:
        conditions.append("d.device_name >= :prefix AND d.device_name < :beyond")
        params.update(prefix=wanted.name_prefix, beyond=wanted.name_prefix + "\U0010ffff")
    if wanted.online is not None:
        # Spelled out, not as a parameter: the index of those online is a partial one.
        conditions.append("d.online = 1" if wanted.online else "d.online = 0")
    if wanted.enabled is not None:
        conditions.append("d.enabled = 1" if wanted.enabled else "d.enabled = 0")
    if wanted.activated is not None:
        conditions.append("d.activated_at IS NOT NULL" if wanted.activated else "d.activated_at IS NULL")
    if wanted.tag_key is not None:
        conditions.append(_TAGGED if wanted.tag_value is None else _TAGGED_SO)
        params.update(tag_key=wanted.tag_key)
        params.update({} if wanted.tag_value is None else {"tag_value": wanted.tag_value})
    if wanted.module is not None:
        conditions.append(_REPORTED.format(version="" if wanted.version is None else " AND v.version = :version"))
        params.update(module=wanted.module)
        params.update({} if wanted.version is None else {"version": wanted.version})
