"""SQL that writes what devices run. `saving` decides which counters move with it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from linkops.db import Row, Tx

# One order everywhere, so that two servers that write the same devices wait instead of blocking each other. Devices are
# locked because whoever gives them tasks locks them, and reads afterwards what they run.
_SAVE = """
INSERT INTO module_version (device_id, module, product_id, version, reported_at)
SELECT d.id, r.module, d.product_id, r.version, r.at
FROM {versions: device_id bigint, module text, version text, at bigint} r JOIN device d ON d.id = r.device_id
WHERE 1 = 1 ORDER BY d.id, r.module{for_update}
ON CONFLICT (device_id, module) DO UPDATE SET
    previous_version = module_version.version, version = excluded.version, reported_at = excluded.reported_at
RETURNING product_id, module, version, previous_version
"""
_LOCK_DEVICES = "SELECT id FROM device WHERE id IN (SELECT r.id FROM {devices: id bigint} r) ORDER BY id{for_update}"
_LOCK_OF_DEVICES = """
SELECT v.product_id, v.module, v.version FROM module_version v
WHERE v.device_id IN (SELECT r.id FROM {devices: id bigint} r) ORDER BY v.device_id, v.module{for_update}
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


class NewVersion(NamedTuple):
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


def save(tx: Tx, reported: Sequence[NewVersion]) -> Sequence[Row]:
    """Store one report a module of each device; return (product id, module, version, version before or None) of each.

    A device that is gone is left out.
    """
    return tx.all(_SAVE, versions=reported)


def lock_devices(tx: Tx, device_ids: Iterable[int]) -> list[Counted]:
    """Return what these devices run, and let nobody report for them until the unit ends."""
    devices = [(device_id,) for device_id in device_ids]
    tx.all(_LOCK_DEVICES, devices=devices)
    return [Counted(*row) for row in tx.all(_LOCK_OF_DEVICES, devices=devices)]


def count(tx: Tx, differences: Mapping[Counted, int]) -> None:
    """Add ``differences`` to the counters; a counter that comes to 0 is gone."""
    counts = [(*key, devices) for key, devices in sorted(differences.items()) if devices]
    if not counts:
        return
    # One by one: few come to 0, and SQLite would search a list of them through all versions of the product.
    for *key, devices in tx.all(_COUNT, counts=counts):
        if devices == 0:
            tx.run(_FORGET, **Counted(*key)._asdict())
