"""Conditions as SQL about ``device d``, put together from fixed parts: what is not asked for costs nothing.

A condition about another table is put in one of three ways, of which the wrong one takes a second where the right
one takes a millisecond. A *list* of the ids that it holds for: right when they are few. ``EXISTS`` asks once for each
device: right when it holds for most. A *walk* reads the table's index in the order of device ids from
where the last page ended: right for reading a million members a thousand at a time.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from linkops.db import Tx
from linkops.devices.conditions.model import AnyCondition, Condition, ConditionField, MemberOf

_FEW = 10_000
_OF_PRODUCT = "d.product_id = :product_id"
_NO_ID = 2**62
_IDS_PER_STEP = 10_000


class _Range(NamedTuple):
    """A part of an index that lists device ids in ascending order."""

    where: str
    value: Any


class _Linked(NamedTuple):
    """A condition about the rows ``x`` of a table with a column ``device_id``.

    Attributes:
        indexed: whether an index finds the rows of ``where``.
        ranges: the same rows by device id; empty: no index has them so.
        holds: False: that there is no such row.
    """

    table: str
    where: str
    indexed: bool = True
    ranges: tuple[_Range, ...] = ()
    holds: bool = True

    @property
    def exists(self) -> str:
        # OFFSET 0 keeps PostgreSQL from reading the whole table for a join, where a page needs a thousand look-ups.
        rows = f"SELECT 1 FROM {self.table} x WHERE x.device_id = d.id AND {self.where} LIMIT 1 OFFSET 0"  # noqa: S608 - fixed parts
        return f"EXISTS ({rows})" if self.holds else f"NOT EXISTS ({rows})"


class _Parts:
    """Conditions taken apart: those about the device itself, those about other tables, and their parameters."""

    def __init__(self, conditions: Sequence[AnyCondition], product_ids: Collection[int] | None, now: int) -> None:
        self.own: list[str] = ["1 = 1"]
        self.linked: list[_Linked] = []
        self.params: dict[str, Any] = {}
        self._one_product = False
        self._now = now
        self._of_products(product_ids)
        # Sorted, so that the same conditions in another order are the same text, which is compiled once.
        for number, condition in enumerate(sorted(conditions, key=_rank)):
            if isinstance(condition, MemberOf):
                self._member(condition, number)
            else:
                self._add(condition, number)

    def exist(self) -> str:
        """Return all conditions, asked for each device."""
        return " AND ".join([*self.own, *(linked.exists for linked in self.linked)])

    def _of_products(self, product_ids: Collection[int] | None) -> None:
        if product_ids is not None and len(product_ids) == 1:
            self.own.append(_OF_PRODUCT)
            self.params["product_id"] = next(iter(product_ids))
            self._one_product = True
        elif product_ids is not None:
            self.own.append("d.product_id IN (SELECT v.id FROM {products: id bigint} v)")
            self.params["products"] = [(product_id,) for product_id in product_ids]

    def _member(self, condition: MemberOf, number: int) -> None:
        name = f"groups_{number}"
        self.params[name] = [(group_id,) for group_id in condition.group_ids]
        where = f"x.group_id IN (SELECT g.id FROM {{{name}: id bigint}} g)"  # noqa: S608 - a fixed part
        by_id = "x.group_id = :range AND x.product_id = :product_id"
        ranges = tuple(_Range(by_id, group_id) for group_id in condition.group_ids) if self._one_product else ()
        self.linked.append(_Linked("device_group_member", where, ranges=ranges))

    def _add(self, condition: Condition, number: int) -> None:
        match condition.field:
            case ConditionField.PRODUCT:
                self._keys(condition, number)
            case ConditionField.NAME_PREFIX:
                self.own.append(f"d.device_name >= :prefix_{number} AND d.device_name < :beyond_{number}")
                prefix = condition.prefix or ""
                self.params |= {f"prefix_{number}": prefix, f"beyond_{number}": prefix + "\U0010ffff"}
            case ConditionField.TAG:
                self._tag(condition, number)
            case ConditionField.VERSION:
                self._version(condition, number)
            # Spelled out, not as parameters: the indexes of those online and of those disabled are partial ones.
            case ConditionField.ONLINE:
                self.own.append("d.online = 1" if condition.holds else "d.online = 0")
            case ConditionField.ENABLED:
                self.own.append("d.enabled = 1" if condition.holds else "d.enabled = 0")
            case ConditionField.ACTIVATED:
                self._activated(condition, number)

    def _keys(self, condition: Condition, number: int) -> None:
        self.own.append(
            f"d.product_id IN (SELECT k.id FROM {{keys_{number}: product_key text}} r "  # noqa: S608 - fixed parts
            "JOIN product k ON k.product_key = r.product_key)"
        )
        self.params[f"keys_{number}"] = [(key,) for key in condition.product_keys or ()]

    def _tag(self, condition: Condition, number: int) -> None:
        where = f"x.tag_key = :key_{number}"
        self.params[f"key_{number}"] = condition.key
        if condition.value is None:
            self.linked.append(_Linked("device_tag", where))
            return
        by_value = f"{where} AND x.tag_value = :range"
        self.params[f"value_{number}"] = condition.value
        where = f"{where} AND x.tag_value = :value_{number}"
        self.linked.append(_Linked("device_tag", where, ranges=(_Range(by_value, condition.value),)))

    def _version(self, condition: Condition, number: int) -> None:
        where = f"x.module = :module_{number}"
        self.params[f"module_{number}"] = condition.module
        if self._one_product:
            where = f"x.product_id = :product_id AND {where}"
        if condition.versions is None:
            holds = condition.holds is not False
            self.linked.append(_Linked("module_version", where, self._one_product, holds=holds))
            return
        by_version = f"{where} AND x.version = :range"
        ranges = tuple(_Range(by_version, version) for version in condition.versions) if self._one_product else ()
        name = f"versions_{number}"
        self.params[name] = [(version,) for version in condition.versions]
        where = f"{where} AND x.version IN (SELECT r.version FROM {{{name}: version text}} r)"  # noqa: S608 - a fixed part
        self.linked.append(_Linked("module_version", where, self._one_product, ranges))

    def _activated(self, condition: Condition, number: int) -> None:
        if condition.holds is not None:
            self.own.append("d.activated_at IS NOT NULL" if condition.holds else "d.activated_at IS NULL")
        since_at = condition.activated_since_at(self._now)
        if since_at is not None:
            self.own.append(f"d.activated_at >= :since_{number}")
            self.params[f"since_{number}"] = since_at
        if condition.before_at is not None:
            self.own.append(f"d.activated_at < :before_{number}")
            self.params[f"before_{number}"] = condition.before_at


def where(
    tx: Tx, conditions: Sequence[AnyCondition], product_ids: Collection[int] | None, now: int
) -> tuple[str, dict[str, Any]]:
    """Return the condition of ``device d`` for a list in any order, and its parameters; ``product_ids`` None: all."""
    parts = _Parts(conditions, product_ids, now)
    few = {linked: _few_ids(tx, linked, parts.params) for linked in parts.linked}
    asked = [linked.exists for linked in parts.linked if few[linked] is None]
    lists = [ids for ids in few.values() if ids is not None]
    if not lists:
        return " AND ".join([*parts.own, *asked]), parts.params
    # The sign keeps SQLite from reading a whole product in the order of the list where few devices need sorting.
    own = [f"+{own}" if own == _OF_PRODUCT else own for own in parts.own]
    listed = "d.id IN (SELECT f.id FROM {few: id bigint} f)"
    ids = sorted(set.intersection(*lists))
    return " AND ".join([*own, listed, *asked]), {**parts.params, "few": [(device_id,) for device_id in ids]}


def matching(
    tx: Tx, conditions: Sequence[AnyCondition], product_id: int | None, device_ids: Iterable[int], now: int
) -> set[int]:
    """Return those of the devices that fulfil all conditions (``product_id`` None: of whatever product)."""
    parts = _Parts(conditions, None if product_id is None else [product_id], now)
    sql = f"SELECT d.id FROM {{asked: id bigint}} a CROSS JOIN device d WHERE d.id = a.id AND {parts.exist()}"  # noqa: S608 - fixed parts
    return {row[0] for row in tx.all(sql, **parts.params, asked=[(device_id,) for device_id in device_ids])}


def ids_after(
    tx: Tx, conditions: Sequence[AnyCondition], product_id: int, after: int, most: int, now: int
) -> list[int]:
    """Return the lowest ``most`` ids beyond ``after`` of the product's devices that fulfil all conditions, in order."""
    parts = _Parts(conditions, [product_id], now)
    walked = _fewest(tx, parts, after)
    if walked is None:
        sql = f"SELECT d.id FROM device d WHERE d.id > :after AND {parts.exist()} ORDER BY d.id LIMIT :most"  # noqa: S608 - fixed parts
        return [row[0] for row in tx.all(sql, **parts.params, after=after, most=most)]
    # Joined by CROSS JOIN, which SQLite takes as the order in which to read: the index is walked, not searched.
    others = " AND ".join([*parts.own, *(other.exists for other in parts.linked if other is not walked)])
    sql = (
        f"SELECT d.id FROM {walked.table} x CROSS JOIN device d WHERE {walked.ranges[0].where} "  # noqa: S608 - fixed parts
        f"AND x.device_id > :after AND x.device_id < :beyond AND d.id = x.device_id AND {others} "
        "ORDER BY x.device_id LIMIT :most"
    )
    return _merged(tx, sql, walked.ranges, {**parts.params, "after": after, "most": most})


def count(tx: Tx, conditions: Sequence[AnyCondition], product_id: int, most: int, now: int) -> int:
    """Return how many devices of the product fulfil all conditions, counting no further than ``most``."""
    counted, after = 0, 0
    while counted < most:
        ids = ids_after(tx, conditions, product_id, after, min(most - counted, _IDS_PER_STEP), now)
        if not ids:
            break
        counted, after = counted + len(ids), ids[-1]
    return counted


def _merged(tx: Tx, sql: str, ranges: Sequence[_Range], params: dict[str, Any]) -> list[int]:
    """Return the lowest ids of several ranges, each once; a later range is read no further than they reach already."""
    most, lowest, beyond = params["most"], list[int](), _NO_ID
    for part in ranges:
        found = {row[0] for row in tx.all(sql, **params, range=part.value, beyond=beyond)}
        lowest = sorted(found.union(lowest))[:most]
        beyond = lowest[-1] if len(lowest) == most else _NO_ID
    return lowest


def _fewest(tx: Tx, parts: _Parts, after: int) -> _Linked | None:
    """Return the condition whose index is the shortest to walk from here; None: none has such an index."""
    walkable = [linked for linked in parts.linked if linked.ranges]
    if len(walkable) < 2:
        return next(iter(walkable), None)
    return min(walkable, key=lambda linked: _length(tx, linked, {**parts.params, "after": after}))


def _length(tx: Tx, linked: _Linked, params: dict[str, Any]) -> int:
    sql = (
        f"SELECT count(*) FROM (SELECT 1 FROM {linked.table} x WHERE {linked.ranges[0].where} "  # noqa: S608 - fixed parts
        "AND x.device_id > :after LIMIT :few) c"
    )
    return sum(int(tx.scalar(sql, **params, range=part.value, few=_FEW)) for part in linked.ranges)


def _few_ids(tx: Tx, linked: _Linked, params: dict[str, Any]) -> set[int] | None:
    """Return the ids of the devices that fulfil a condition; None: they are not few, or no index finds them."""
    if not (linked.indexed and linked.holds):
        return None
    ids = set[int]()
    for part in linked.ranges or (_Range(linked.where, None),):
        sql = f"SELECT x.device_id FROM {linked.table} x WHERE {part.where} LIMIT :most"  # noqa: S608 - fixed parts
        found = [row[0] for row in tx.all(sql, **params, range=part.value, most=_FEW)]
        if len(ids.union(found)) >= _FEW:
            return None
        ids.update(found)
    return ids


def _rank(condition: AnyCondition) -> tuple[str, ...]:
    if isinstance(condition, MemberOf):
        return ()
    return (condition.field, *(name for name in Condition.__struct_fields__ if getattr(condition, name) is not None))
