"""SQL of device lists."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from linkops.db import Tx

_ADD = """
INSERT INTO ota_device_list (product_id, account_id, created_at) VALUES (:product_id, :account_id, :now) RETURNING id
"""
# A cross join keeps its order on SQLite, which would otherwise search the names once for each device of the product.
_RESOLVE = """
SELECT d.device_name, d.id FROM {names: name text} r
CROSS JOIN device d WHERE d.product_id = :product_id AND d.device_name = r.name
"""
_ADD_ROWS = """
INSERT INTO ota_device_list_row (list_id, device_id) SELECT :list_id, r.id FROM {devices: id bigint} r WHERE 1 = 1
ON CONFLICT (list_id, device_id) DO NOTHING
"""
_ADD_REFUSALS = """
INSERT INTO ota_device_list_refusal (list_id, line, content, code)
SELECT :list_id, r.line, r.content, r.code FROM {refusals: line bigint, content text, code text} r WHERE 1 = 1
"""
_COUNT = "UPDATE ota_device_list SET devices = devices + :devices, refused = refused + :refused WHERE id = :list_id"
_FIND = """
SELECT id, product_id, account_id, devices, refused, kept, created_at FROM ota_device_list WHERE id = :list_id
"""
_REFUSALS = """
SELECT line, content, code FROM ota_device_list_refusal
WHERE list_id = :list_id AND line > :after ORDER BY line LIMIT :most
"""
_KEEP = "UPDATE ota_device_list SET kept = 1 WHERE id = :list_id"
_OLD = "SELECT id FROM ota_device_list WHERE kept = 0 AND created_at < :before ORDER BY created_at LIMIT 1"
_DELETE_ROWS = """
DELETE FROM ota_device_list_row WHERE list_id = :list_id AND device_id IN (
    SELECT device_id FROM ota_device_list_row WHERE list_id = :list_id LIMIT :most
)
"""
_DELETE = "DELETE FROM ota_device_list WHERE id = :list_id"


class DeviceList(msgspec.Struct, frozen=True):
    """Devices that were listed by name.

    Attributes:
        devices: of the product, each once.
        refused: lines that name no device of the product.
        kept: whether a job was made of it; otherwise it is deleted after a while.
    """

    id: int
    product_id: int
    account_id: int
    devices: int
    refused: int
    kept: bool
    created_at: int


class Refusal(NamedTuple):
    """A line that names no device, and why, as a code of `linkops.errors`."""

    line: int
    content: str
    code: str


def add(tx: Tx, product_id: int, account_id: int, now: int) -> int:
    """Insert an empty list and return its id."""
    return int(tx.scalar(_ADD, product_id=product_id, account_id=account_id, now=now))


def resolve(tx: Tx, product_id: int, names: Iterable[str]) -> dict[str, int]:
    """Return the ids of those devices that exist, by name."""
    return dict(row for row in tx.all(_RESOLVE, product_id=product_id, names=[(name,) for name in names]))


def add_devices(tx: Tx, list_id: int, device_ids: Iterable[int]) -> int:
    """Add devices that are not on the list yet and return how many there were."""
    return tx.run(_ADD_ROWS, list_id=list_id, devices=[(device_id,) for device_id in device_ids])


def add_refusals(tx: Tx, list_id: int, refusals: Sequence[Refusal]) -> None:
    """Keep lines that name no device."""
    tx.run(_ADD_REFUSALS, list_id=list_id, refusals=refusals)


def count(tx: Tx, list_id: int, devices: int, refused: int) -> None:
    """Count what was added."""
    tx.run(_COUNT, list_id=list_id, devices=devices, refused=refused)


def find(tx: Tx, list_id: int) -> DeviceList | None:
    """Return a list."""
    row = tx.one(_FIND, list_id=list_id)
    return None if row is None else DeviceList(row[0], row[1], row[2], row[3], row[4], bool(row[5]), row[6])


def refusals(tx: Tx, list_id: int, after: int, most: int) -> list[Refusal]:
    """Return up to ``most`` kept lines behind the line ``after``."""
    return [Refusal(*row) for row in tx.all(_REFUSALS, list_id=list_id, after=after, most=most)]


def keep(tx: Tx, list_id: int) -> None:
    """Keep a list for a job."""
    tx.run(_KEEP, list_id=list_id)


def forget_some(tx: Tx, before: int, most: int) -> bool:
    """Delete up to ``most`` rows of a list that no job was made of in time, and return whether there was one."""
    list_id = tx.scalar(_OLD, before=before)
    if list_id is None:
        return False
    if tx.run(_DELETE_ROWS, list_id=list_id, most=most) < most:
        tx.run(_DELETE, list_id=list_id)
    return True
