"""SQL of the list of devices: its orders and its pages."""

from collections.abc import Collection
from typing import Any, NamedTuple

from linkops.db import Row, Tx
from linkops.devices.model import Device
from linkops.devices.search.model import DeviceRow, Order
from linkops.devices.store import DEVICE_COLUMNS, device_of

_TAGS = """
SELECT t.device_id, t.tag_key, t.tag_value
FROM {devices: id bigint} r JOIN device_tag t ON t.device_id = r.id AND t.origin <> 'system'
ORDER BY t.device_id, t.tag_key
"""
_ROWS = f"""
SELECT {DEVICE_COLUMNS} FROM {{devices: id bigint}} r JOIN device d ON d.id = r.id JOIN product p ON p.id = d.product_id
ORDER BY d.product_id, d.id
"""  # noqa: S608 - our own columns
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
    """What is asked, as SQL about ``device d`` with its parameters (`linkops.devices.conditions.store.where`)."""

    where: str
    params: dict[str, Any]


def some(tx: Tx, question: Question, order: Order, after: list[Any], most: int) -> list[tuple[Device, list[Any]]]:
    """Return up to ``most`` devices behind the place ``after`` (empty: from the start), each with its own place."""
    sorting = _SORTING[order]
    conditions = [question.where, sorting.beyond] if after else [question.where]
    params = question.params | {f"after{i}": value for i, value in enumerate(after)}
    sql = (  # every part is one of ours; what was asked for is a parameter
        f"SELECT {DEVICE_COLUMNS}, {', '.join(sorting.columns)} FROM device d JOIN product p ON p.id = d.product_id "  # noqa: S608
        f"WHERE {' AND '.join(conditions)} ORDER BY {sorting.by} LIMIT :most"
    )
    return [_placed(row, len(sorting.columns)) for row in tx.all(sql, **params, most=most)]


def _placed(row: Row, width: int) -> tuple[Device, list[Any]]:
    return device_of(row), list(row[-width:])


def count(tx: Tx, question: Question, most: int) -> int:
    """Return how many there are, counting no further than ``most``."""
    sql = f"SELECT count(*) FROM (SELECT 1 FROM device d WHERE {question.where} LIMIT :most) c"  # noqa: S608
    return int(tx.scalar(sql, **question.params, most=most))


def rows(tx: Tx, device_ids: Collection[int]) -> list[DeviceRow]:
    """Return these devices, product by product, the first registered first."""
    devices = [device_of(row) for row in tx.all(_ROWS, devices=[(device_id,) for device_id in device_ids])]
    tags_of = tags(tx, device_ids)
    return [DeviceRow(device, tags_of.get(device.id, {})) for device in devices]


def tags(tx: Tx, device_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return the tags of devices that have any."""
    found: dict[int, dict[str, str]] = {}
    for device_id, key, value in tx.all(_TAGS, devices=[(device_id,) for device_id in device_ids]):
        found.setdefault(device_id, {})[key] = value
    return found
