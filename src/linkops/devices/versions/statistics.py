"""SQL of how many devices run what, read from counters, and of which devices they are."""

from typing import NamedTuple

from linkops.db import Tx
from linkops.devices.versions.model import DeviceRunning

_TOTALS = """
SELECT coalesce(sum(devices), 0), count(*) FROM module_version_count
WHERE product_id = :product_id AND module = :module
"""
_DEVICES_OF = """
SELECT devices FROM module_version_count WHERE product_id = :product_id AND module = :module AND version = :version
"""
_VERSIONS = """
SELECT version, devices FROM module_version_count
WHERE product_id = :product_id AND module = :module
    AND (devices < :below OR (devices = :below AND version > :after))
ORDER BY devices DESC, version LIMIT :most
"""
_RUNNING = """
SELECT v.device_id, d.device_name, v.version, v.reported_at FROM module_version v JOIN device d ON d.id = v.device_id
WHERE v.product_id = :product_id AND v.module = :module
"""
# One statement for each question, so that each is answered from one stretch of the index.
_ANY = _RUNNING + "AND (v.version, v.device_id) > (:version, :after) ORDER BY v.version, v.device_id LIMIT :most"
_ONE = _RUNNING + "AND v.version = :version AND v.device_id > :after ORDER BY v.device_id LIMIT :most"

MOST_DEVICES = 2**62
"""More than any version has: a place before the first row."""


class Totals(NamedTuple):
    """How many devices have reported a module, and how many different versions they run."""

    devices: int
    versions: int


class VersionCount(NamedTuple):
    """How many devices run a version."""

    version: str
    devices: int


def totals(tx: Tx, product_id: int, module: str) -> Totals:
    """Return what all versions of a module come to."""
    devices, versions = tx.all(_TOTALS, product_id=product_id, module=module)[0]
    return Totals(int(devices), int(versions))


def devices_of(tx: Tx, product_id: int, module: str, version: str | None) -> int:
    """Return how many devices run a version (None: any) of a module."""
    if version is None:
        return totals(tx, product_id, module).devices
    return int(tx.scalar(_DEVICES_OF, product_id=product_id, module=module, version=version) or 0)


def versions(tx: Tx, product_id: int, module: str, after: VersionCount | None, most: int) -> list[VersionCount]:
    """Return up to ``most`` versions behind ``after``, those that most devices run first, equals by version."""
    place = after or VersionCount("", MOST_DEVICES)
    rows = tx.all(_VERSIONS, product_id=product_id, module=module, below=place.devices, after=place.version, most=most)
    return [VersionCount(*row) for row in rows]


def running(
    tx: Tx, product_id: int, module: str, version: str | None, after: tuple[str, int], most: int
) -> list[DeviceRunning]:
    """Return up to ``most`` devices behind the place ``after`` (a version and a device), by version and age."""
    of_version, device_id = after if version is None else (version, after[1])
    sql = _ANY if version is None else _ONE
    rows = tx.all(sql, product_id=product_id, module=module, version=of_version, after=device_id, most=most)
    return [DeviceRunning(*row) for row in rows]
