"""SQL that writes what devices run. `saving` decides which counters move with it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from linkops.db import Tx

# Locked in one order everywhere, so that two servers that write the same devices wait instead of blocking each other.
_LOCK = """
SELECT v.device_id, v.module, v.product_id, v.version
FROM {keys: device_id bigint, module text} r JOIN module_version v ON v.device_id = r.device_id AND v.module = r.module
ORDER BY v.device_id, v.module{for_update}
"""
_LOCK_DEVICES = "SELECT id FROM device WHERE id IN (SELECT r.id FROM {devices: id bigint} r) ORDER BY id{for_update}"
_LOCK_OF_DEVICES = """
SELECT v.product_id, v.module, v.version FROM module_version v
WHERE v.device_id IN (SELECT r.id FROM {devices: id bigint} r) ORDER BY v.device_id, v.module{for_update}
"""
_ADD = """
INSERT INTO module_version (device_id, module, product_id, version, reported_at)
SELECT d.id, r.module, d.product_id, r.version, r.at
FROM {versions: device_id bigint, module text, version text, at bigint} r JOIN device d ON d.id = r.device_id
WHERE 1 = 1 ORDER BY d.id, r.module
ON CONFLICT (device_id, module) DO NOTHING
RETURNING device_id, module, product_id
"""
_REPLACE = """
UPDATE module_version SET version = r.version, reported_at = r.at
FROM {versions: device_id bigint, module text, version text, at bigint} r
WHERE module_version.device_id = r.device_id AND module_version.module = r.module
"""
_COUNT = """
INSERT INTO module_version_count (product_id, module, version, devices)
SELECT r.product_id, r.module, r.version, r.devices
FROM {counts: product_id bigint, module text, version text, devices bigint} r WHERE 1 = 1
ON CONFLICT (product_id, module, version) DO UPDATE SET devices = module_version_count.devices + excluded.devices
RETURNING product_id, module, version, devices
"""
_FORGET = """
DELETE FROM module_version_count WHERE product_id = :product_id AND module = :module AND version = :version
"""

ModuleKey = tuple[int, str]
"""A device's id and the name of one of its modules."""


class Reported(NamedTuple):
    """What a device said at ``at`` that a module runs."""

    device_id: int
    module: str
    version: str
    at: int


class Counted(NamedTuple):
    """What devices are counted by."""

    product_id: int
    module: str
    version: str


def locked(tx: Tx, keys: Collection[ModuleKey]) -> dict[ModuleKey, Counted]:
    """Return what is known of these modules, locked until the unit ends."""
    if not keys:
        return {}
    return {(row[0], row[1]): Counted(row[2], row[1], row[3]) for row in tx.all(_LOCK, keys=sorted(keys))}


def lock_devices(tx: Tx, device_ids: Iterable[int]) -> list[Counted]:
    """Return what these devices run, and let nobody report for them until the unit ends."""
    devices = [(device_id,) for device_id in device_ids]
    tx.all(_LOCK_DEVICES, devices=devices)
    return [Counted(*row) for row in tx.all(_LOCK_OF_DEVICES, devices=devices)]


def add(tx: Tx, first: Sequence[Reported]) -> dict[ModuleKey, Counted]:
    """Store first reports and return those of devices that exist, of whose module nothing was known."""
    if not first:
        return {}
    versions = {(device_id, module): version for device_id, module, version, _ in first}
    rows = tx.all(_ADD, versions=first)
    return {(row[0], row[1]): Counted(row[2], row[1], versions[row[0], row[1]]) for row in rows}


def replace(tx: Tx, reported: Sequence[Reported]) -> None:
    """Store reports about modules of which something is known."""
    if reported:
        tx.run(_REPLACE, versions=reported)


def count(tx: Tx, differences: Mapping[Counted, int]) -> None:
    """Add ``differences`` to the counters; a counter that comes to 0 is gone."""
    counts = [(*key, devices) for key, devices in sorted(differences.items()) if devices]
    if not counts:
        return
    # One by one: few come to 0, and SQLite would search a list of them through all versions of the product.
    for *key, devices in tx.all(_COUNT, counts=counts):
        if devices == 0:
            tx.run(_FORGET, **Counted(*key)._asdict())
