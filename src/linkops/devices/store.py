"""SQL of devices: create, change, delete. Lists are in `search.store`, online state is in `presence.store`."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from linkops.db import Row, Tx
from linkops.devices.lots import lot
from linkops.devices.model import Device, DeviceKey, ModuleVersion

DEVICE_COLUMNS = (
    "d.id, d.product_id, p.product_key, d.device_name, d.nickname, d.enabled, d.online, d.online_at, d.offline_at, "
    "d.last_seen_at, d.activated_at, d.address, d.sdk_language, d.sdk_version, d.created_at, d.updated_at"
)

_ADD = """
INSERT INTO device (product_id, device_name, nickname, secret_sealed, lot, created_at, updated_at)
SELECT :product_id, r.device_name, r.nickname, r.secret_sealed, r.lot, :now, :now
FROM {devices: device_name text, nickname text, secret_sealed text, lot bigint} r WHERE 1 = 1
ON CONFLICT (product_id, device_name) DO NOTHING
RETURNING id, device_name
"""
_FIND = """
SELECT d.id, d.product_id, p.product_key, d.device_name, d.enabled
FROM {keys: product_key text, device_name text} k
JOIN product p ON p.product_key = k.product_key
JOIN device d ON d.product_id = p.id AND d.device_name = k.device_name
ORDER BY d.id
"""
_BY_ID = f"SELECT {DEVICE_COLUMNS} FROM device d JOIN product p ON p.id = d.product_id WHERE d.id = :id"  # noqa: S608 - ours
_SECRET = "SELECT secret_sealed FROM device WHERE id = :id"  # noqa: S105 - a statement
_SET_SECRET = "UPDATE device SET secret_sealed = :secret_sealed, updated_at = :now WHERE id = :id"  # noqa: S105
_SET_NICKNAME = "UPDATE device SET nickname = :nickname, updated_at = :now WHERE id = :id"
_SET_ENABLED = """
UPDATE device SET enabled = :enabled, updated_at = :now
WHERE id IN (SELECT r.id FROM {devices: id bigint} r) AND enabled <> :enabled
RETURNING id
"""
_DELETE = "DELETE FROM device WHERE id IN (SELECT r.id FROM {devices: id bigint} r)"
_TAGS = "SELECT tag_key, tag_value FROM device_tag WHERE device_id = :id AND origin <> 'system' ORDER BY tag_key"
_OPERATORS_TAGS = "SELECT tag_key, tag_value FROM device_tag WHERE device_id = :id AND origin = 'operator'"
_SET_TAGS = """
INSERT INTO device_tag (device_id, tag_key, tag_value)
SELECT :id, r.tag_key, r.tag_value FROM {tags: tag_key text, tag_value text} r WHERE 1 = 1
ON CONFLICT (device_id, tag_key) DO UPDATE SET tag_value = excluded.tag_value, origin = 'operator'
"""
_REMOVE_TAGS = (
    "DELETE FROM device_tag WHERE device_id = :id AND tag_key IN (SELECT r.tag_key FROM {keys: tag_key text} r)"
)
_MODULE_VERSIONS = "SELECT module, version, reported_at FROM module_version WHERE device_id = :id ORDER BY module"


class DeviceToAdd(NamedTuple):
    """The columns of a device to be."""

    device_name: str
    nickname: str
    secret_sealed: str


_ONLINE = "SELECT d.id FROM device d WHERE d.online = 1 AND d.id IN (SELECT r.id FROM {devices: id bigint} r)"


class DeviceRef(NamedTuple):
    """A device that exists."""

    id: int
    product_id: int
    key: DeviceKey
    enabled: bool


def online(tx: Tx, device_ids: Iterable[int]) -> set[int]:
    """Return those of the devices that have a connection."""
    return {row[0] for row in tx.all(_ONLINE, devices=[(device_id,) for device_id in device_ids])}


def add(tx: Tx, product_id: int, devices: Collection[DeviceToAdd], now: int) -> dict[str, int]:
    """Insert those whose names are free, each name once, and return their ids by name."""
    rows = tx.all(
        _ADD, product_id=product_id, devices=[(*device, lot(device.device_name)) for device in devices], now=now
    )
    return {device_name: device_id for device_id, device_name in rows}


def find(tx: Tx, keys: Collection[DeviceKey]) -> list[DeviceRef]:
    """Return those that exist."""
    rows = tx.all(_FIND, keys=list(keys))
    return [DeviceRef(row[0], row[1], DeviceKey(row[2], row[3]), bool(row[4])) for row in rows]


def by_id(tx: Tx, device_id: int) -> Device:
    """Return a device that exists."""
    return device_of(tx.all(_BY_ID, id=device_id)[0])


def secret_sealed(tx: Tx, device_id: int) -> str:
    """Return the secret of a device that exists, sealed."""
    return str(tx.scalar(_SECRET, id=device_id))


def set_secret(tx: Tx, device_id: int, sealed: str, now: int) -> None:
    """Replace its secret."""
    tx.run(_SET_SECRET, id=device_id, secret_sealed=sealed, now=now)


def set_nickname(tx: Tx, device_id: int, nickname: str, now: int) -> None:
    """Replace its nickname."""
    tx.run(_SET_NICKNAME, id=device_id, nickname=nickname, now=now)


def set_enabled(tx: Tx, device_ids: Iterable[int], *, enabled: bool, now: int) -> list[int]:
    """Enable or disable devices; return those that were not so already."""
    devices = [(device_id,) for device_id in device_ids]
    return [row[0] for row in tx.all(_SET_ENABLED, devices=devices, enabled=int(enabled), now=now)]


def delete(tx: Tx, device_ids: Iterable[int]) -> None:
    """Delete devices with their tags, versions (see `versions.saving.forget_versions`) and sessions."""
    tx.run(_DELETE, devices=[(device_id,) for device_id in device_ids])


def tags(tx: Tx, device_id: int) -> dict[str, str]:
    """Return a device's tags, its SDK's left out (see `linkops.devices.tags`)."""
    return dict(row for row in tx.all(_TAGS, id=device_id))


def operators_tags(tx: Tx, device_id: int) -> dict[str, str]:
    """Return those of a device's tags that operators set."""
    return dict(row for row in tx.all(_OPERATORS_TAGS, id=device_id))


def set_tags(tx: Tx, device_id: int, changes: Mapping[str, str]) -> None:
    """Add or replace tags; they are the operators' from now on."""
    tx.run(_SET_TAGS, id=device_id, tags=list(changes.items()))


def remove_tags(tx: Tx, device_id: int, keys: Iterable[str]) -> None:
    """Remove tags, if they are there."""
    tx.run(_REMOVE_TAGS, id=device_id, keys=[(key,) for key in keys])


def module_versions(tx: Tx, device_id: int) -> list[ModuleVersion]:
    """Return what a device reported that it runs."""
    return [ModuleVersion(*row) for row in tx.all(_MODULE_VERSIONS, id=device_id)]


def device_of(row: Row) -> Device:
    """Return the device in a row of `DEVICE_COLUMNS`."""
    return Device(
        id=row[0],
        product_id=row[1],
        key=DeviceKey(row[2], row[3]),
        nickname=row[4],
        enabled=bool(row[5]),
        online=bool(row[6]),
        online_at=row[7],
        offline_at=row[8],
        last_seen_at=row[9],
        activated_at=row[10],
        address=row[11],
        sdk_language=row[12],
        sdk_version=row[13],
        created_at=row[14],
        updated_at=row[15],
    )
