"""SQL of candidates: devices in the order in which a job goes through them, and those of them that it is for."""

from collections.abc import Sequence
from typing import NamedTuple

from linkops.db import Tx
from linkops.devices.groups import store as groups
from linkops.devices.groups.access import members_after
from linkops.ota.model import Scope, Targets

_BY_ID = """
SELECT id FROM device WHERE product_id = :product_id AND id > :after AND id <= :last ORDER BY id LIMIT :most
"""
_BY_LOT = """
SELECT lot, id FROM device WHERE product_id = :product_id AND (lot, id) > (:lot, :after) AND id <= :last
ORDER BY lot, id LIMIT :most
"""
_LISTED = """
SELECT device_id FROM ota_device_list_row WHERE list_id = :list_id AND device_id > :after ORDER BY device_id LIMIT :most
"""
_LOCK = "SELECT id FROM device WHERE id IN (SELECT r.id FROM {devices: id bigint} r) ORDER BY id{for_update}"
# Joined by CROSS JOIN, which SQLite takes as the order in which to read; else it walks the product for each chunk.
_MATCHING = """
SELECT d.id, d.online, coalesce(v.version, '')
FROM {devices: id bigint} r CROSS JOIN device d
LEFT JOIN module_version v ON v.device_id = d.id AND v.module = :module
WHERE d.id = r.id AND d.product_id = :product_id AND coalesce(v.version, '') <> :version
    AND (:any_source = 1 OR v.version IN (SELECT s.version FROM {source_versions: version text} s))
    AND (:anywhere = 1 OR EXISTS (
        SELECT 1 FROM {regions: province text, city text} g
        JOIN device_tag p ON p.device_id = d.id AND p.tag_key = 'province' AND p.tag_value = g.province
        LEFT JOIN device_tag c ON c.device_id = d.id AND c.tag_key = 'city'
        WHERE g.city = '' OR c.tag_value = g.city
    ))
"""


class Criteria(NamedTuple):
    """Whom an update is for.

    Attributes:
        version: the target; whoever runs it needs nothing.
        source_versions: empty: any.
        last_device_id: devices registered later do not belong to it.
    """

    product_id: int
    module: str
    version: str
    targets: Targets
    scope: Scope
    source_versions: Sequence[str]
    device_list_id: int | None
    last_device_id: int


class Place(NamedTuple):
    """How far a job has gone through its devices."""

    device_id: int = 0
    lot: int = -1


class Candidate(NamedTuple):
    """A device that needs the update."""

    device_id: int
    online: bool
    version: str


START = Place()


def next_devices(tx: Tx, wanted: Criteria, place: Place, most: int, now: int) -> tuple[list[int], Place | None]:
    """Return up to ``most`` devices behind ``place``, and how far they reach; None when there are no more."""
    if wanted.targets is Targets.GRAY:
        return _by_lot(tx, wanted, place, most)
    if wanted.targets is Targets.GROUP:
        return _of_group(tx, wanted, place, most, now)
    if wanted.targets is Targets.SPECIFIC:
        rows = tx.all(_LISTED, list_id=wanted.device_list_id, after=place.device_id, most=most)
    else:
        params = {"product_id": wanted.product_id, "last": wanted.last_device_id}
        rows = tx.all(_BY_ID, after=place.device_id, most=most, **params)
    return [device_id for (device_id,) in rows], Place(rows[-1][0]) if rows else None


def _of_group(tx: Tx, wanted: Criteria, place: Place, most: int, now: int) -> tuple[list[int], Place | None]:
    group = groups.by_id(tx, wanted.scope.group_id or 0)
    if group is None:
        return [], None
    ids = members_after(tx, group, wanted.product_id, place.device_id, most, now)
    return ids, Place(ids[-1]) if ids else None


def _by_lot(tx: Tx, wanted: Criteria, place: Place, most: int) -> tuple[list[int], Place | None]:
    params = {"product_id": wanted.product_id, "last": wanted.last_device_id}
    rows = tx.all(_BY_LOT, lot=place.lot, after=place.device_id, most=most, **params)
    return [device_id for _, device_id in rows], Place(rows[-1][1], rows[-1][0]) if rows else None


def lock(tx: Tx, device_ids: Sequence[int]) -> None:
    """Keep others from giving these devices tasks until the unit ends: of two jobs, one sees the other's tasks."""
    tx.all(_LOCK, devices=[(device_id,) for device_id in device_ids])


def matching(tx: Tx, wanted: Criteria, device_ids: Sequence[int]) -> list[Candidate]:
    """Return those of these devices that need the update, in the same order."""
    rows = tx.all(
        _MATCHING,
        devices=[(device_id,) for device_id in device_ids],
        product_id=wanted.product_id,
        module=wanted.module,
        version=wanted.version,
        source_versions=[(version,) for version in wanted.source_versions],
        any_source=int(not wanted.source_versions),
        regions=[(region.province, region.city) for region in wanted.scope.regions],
        anywhere=int(not wanted.scope.regions),
    )
    found = {row[0]: Candidate(row[0], bool(row[1]), row[2]) for row in rows}
    return [found[device_id] for device_id in device_ids if device_id in found]
