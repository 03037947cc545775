"""SQL of device logs and their switches."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from linkops.db import Row, Tx
from linkops.devices.logs.model import LogFilter, LogLine, LogSwitch

_ADD = """
INSERT INTO device_log (device_id, received_at, logged_at, utc_time, level, module, code, trace_context, content)
SELECT r.device_id, r.received_at, r.logged_at, r.utc_time, r.level, r.module, r.code, r.trace_context, r.content
FROM {entries: device_id bigint, received_at bigint, logged_at bigint, utc_time text, level text, module text,
    code text, trace_context text, content text} r WHERE 1 = 1
"""
_COLUMNS = "id, received_at, logged_at, utc_time, level, module, code, trace_context, content"
_SWITCHED_ON = """
SELECT d.id FROM device d
LEFT JOIN device_log_switch s ON s.device_id = d.id LEFT JOIN product_log_switch p ON p.product_id = d.product_id
WHERE d.id IN (SELECT r.id FROM {devices: id bigint} r) AND coalesce(s.is_on, p.is_on, 0) = 1
"""
_SWITCH = """
SELECT coalesce(s.is_on, p.is_on, 0), s.is_on FROM device d
LEFT JOIN device_log_switch s ON s.device_id = d.id LEFT JOIN product_log_switch p ON p.product_id = d.product_id
WHERE d.id = :device_id
"""
_PRODUCT_SWITCH = "SELECT is_on FROM product_log_switch WHERE product_id = :product_id"
_SET_DEVICE = """
INSERT INTO device_log_switch (device_id, is_on) VALUES (:device_id, :is_on)
ON CONFLICT (device_id) DO UPDATE SET is_on = excluded.is_on
"""
_UNSET_DEVICE = "DELETE FROM device_log_switch WHERE device_id = :device_id"
_SET_PRODUCT = """
INSERT INTO product_log_switch (product_id, is_on, told_up_to) VALUES (:product_id, :is_on, 0)
ON CONFLICT (product_id) DO UPDATE SET is_on = excluded.is_on, told_up_to = 0
"""
_TELLING = "SELECT product_id, is_on, told_up_to FROM product_log_switch WHERE told_up_to IS NOT NULL LIMIT 1"
_TO_TELL = """
SELECT d.id, p.product_key, d.device_name FROM device d JOIN product p ON p.id = d.product_id
LEFT JOIN device_log_switch s ON s.device_id = d.id
WHERE d.product_id = :product_id AND d.online = 1 AND d.id > :after AND s.device_id IS NULL ORDER BY d.id LIMIT :most
"""
_TOLD = """
UPDATE product_log_switch SET told_up_to = :told_up_to
WHERE product_id = :product_id AND is_on = :is_on AND told_up_to = :before
"""
_TRIM = """
DELETE FROM device_log WHERE id IN (
    SELECT id FROM device_log WHERE device_id = :device_id
        AND id <= (SELECT id FROM device_log WHERE device_id = :device_id ORDER BY id DESC LIMIT 1 OFFSET :keep)
    ORDER BY id LIMIT :most)
"""
_DELETE_OLD = """
DELETE FROM device_log WHERE id IN (
    SELECT id FROM device_log WHERE received_at < :before ORDER BY received_at LIMIT :most)
"""


class NewLine(NamedTuple):
    """The columns of an entry to be."""

    device_id: int
    received_at: int
    logged_at: int | None
    utc_time: str
    level: str
    module: str
    code: str
    trace_context: str
    content: str


class Telling(NamedTuple):
    """A product whose online devices are being told; those up to the id ``told_up_to`` were."""

    product_id: int
    is_on: int
    told_up_to: int


class ToTell(NamedTuple):
    """A device that is told."""

    device_id: int
    product_key: str
    device_name: str


def add(tx: Tx, lines: Sequence[NewLine]) -> None:
    """Insert entries, in order."""
    if lines:
        tx.run(_ADD, entries=lines)


def switched_on(tx: Tx, device_ids: Iterable[int]) -> set[int]:
    """Return those of these devices that shall upload their log."""
    return {device_id for (device_id,) in tx.all(_SWITCHED_ON, devices=[(device_id,) for device_id in device_ids])}


def switch(tx: Tx, device_id: int) -> LogSwitch:
    """Return the switch of a device that exists."""
    holds, own = tx.all(_SWITCH, device_id=device_id)[0]
    return LogSwitch(bool(holds), None if own is None else bool(own))


def product_switch(tx: Tx, product_id: int) -> bool:
    """Return the switch of a product."""
    return bool(tx.scalar(_PRODUCT_SWITCH, product_id=product_id))


def set_device(tx: Tx, device_id: int, *, on: bool | None) -> None:
    """Set the switch of a device; None: that of its product holds."""
    if on is None:
        tx.run(_UNSET_DEVICE, device_id=device_id)
    else:
        tx.run(_SET_DEVICE, device_id=device_id, is_on=int(on))


def set_product(tx: Tx, product_id: int, *, on: bool) -> None:
    """Set the switch of a product; its online devices are to be told."""
    tx.run(_SET_PRODUCT, product_id=product_id, is_on=int(on))


def telling(tx: Tx) -> Telling | None:
    """Return a product of which not all online devices were told."""
    row = tx.one(_TELLING)
    return None if row is None else Telling(*row)


def to_tell(tx: Tx, product_id: int, after: int, most: int) -> list[ToTell]:
    """Return up to ``most`` online devices with an id above ``after`` that have no switch of their own."""
    return [ToTell(*row) for row in tx.all(_TO_TELL, product_id=product_id, after=after, most=most)]


def told(tx: Tx, told: Telling, up_to: int | None) -> None:
    """Store that devices up to this id (None: all) were told, unless the switch was turned meanwhile."""
    tx.run(_TOLD, product_id=told.product_id, is_on=told.is_on, before=told.told_up_to, told_up_to=up_to)


def newest(tx: Tx, device_id: int, wanted: LogFilter, before: int, most: int) -> list[LogLine]:
    """Return up to ``most`` entries with an id below ``before``, the newest first."""
    return _lines(tx, device_id, wanted, f"id < :place{_where(wanted)} ORDER BY id DESC", before, most)


def oldest(tx: Tx, device_id: int, wanted: LogFilter, after: int, most: int) -> list[LogLine]:
    """Return up to ``most`` entries with an id above ``after``, the oldest first."""
    return _lines(tx, device_id, wanted, f"id > :place{_where(wanted)} ORDER BY id", after, most)


def _lines(tx: Tx, device_id: int, wanted: LogFilter, which: str, place: int, most: int) -> list[LogLine]:
    # Every part is one of ours; what was asked for is a parameter.
    sql = f"SELECT {_COLUMNS} FROM device_log WHERE device_id = :device_id AND {which} LIMIT :most"  # noqa: S608
    rows = tx.all(sql, device_id=device_id, place=place, most=most, **_params(wanted))
    return [_line(row) for row in rows]


def trim(tx: Tx, device_id: int, keep: int, most: int) -> int:
    """Delete up to ``most`` of a device's oldest entries beyond the last ``keep`` and return how many."""
    return tx.run(_TRIM, device_id=device_id, keep=keep, most=most)


def delete_old(tx: Tx, before: int, most: int) -> int:
    """Delete up to ``most`` entries that came before ``before`` and return how many."""
    return tx.run(_DELETE_OLD, before=before, most=most)


def _where(wanted: LogFilter) -> str:
    return "".join(
        f" AND {condition}" for condition, given in _conditions(wanted).items() if None not in given.values()
    )


def _params(wanted: LogFilter) -> dict[str, Any]:
    used = [given for given in _conditions(wanted).values() if None not in given.values()]
    return {name: value for given in used for name, value in given.items()}


def _conditions(wanted: LogFilter) -> dict[str, dict[str, Any]]:
    prefix = wanted.text_prefix
    return {
        "upper(level) = :level": {"level": wanted.level and wanted.level.upper()},
        "module = :module": {"module": wanted.module},
        "received_at >= :since": {"since": wanted.since},
        "received_at < :until": {"until": wanted.until},
        "substr(content, 1, :chars) = :prefix": {"prefix": prefix or None, "chars": len(prefix)},
    }


def _line(row: Row) -> LogLine:
    return LogLine(
        id=row[0],
        received_at=row[1],
        logged_at=row[2],
        utc_time=row[3],
        level=row[4],
        module=row[5],
        code=row[6],
        trace_context=row[7],
        content=row[8],
    )
