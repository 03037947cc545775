"""Which devices do not have what they should.

Only those are looked at that may not, or to which narrower documents apply. All others are told from counts: they
should have the product's own document.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from linkops.db import Tx
from linkops.devices.groups import store as groups
from linkops.devices.groups.access import members_after
from linkops.remote_config.documents.contents.store import of_product
from linkops.remote_config.documents.effective import Effective, effective
from linkops.remote_config.states.drift import store
from linkops.remote_config.states.drift.model import DRIFTING, DeviceDrift, Known, Standing, standing

_NO_CONTENT = 0


class Looked(NamedTuple):
    """Devices that were looked at; ``reached``: up to which id, None: there are no more."""

    devices: list[DeviceDrift]
    reached: int | None


class Corrections(NamedTuple):
    """What devices with narrower documents change in the counts."""

    counts: Counter[Standing]
    reached: int | None


def plain_counts(tx: Tx, product_id: int) -> Counter[Standing]:
    """Return how devices stand if all of them should have the product's own document."""
    plain = _plain(tx, product_id)
    counts: Counter[Standing] = Counter()
    for has, refused, devices in store.by_content(tx, product_id):
        counts[standing(plain or None, has, refused)] += devices
    unheard = store.count_devices(tx, product_id) - counts.total()
    counts[standing(plain or None, None, None)] += unheard
    return counts


def corrections(tx: Tx, product_id: int, after: int, most: int, now: int) -> Corrections:
    """Return what the next devices with narrower documents change; in a unit that may write."""
    ids = _narrower(tx, product_id, after, most, now)
    plain, wanted, known = _plain(tx, product_id), effective(tx, product_id, ids, now), store.known(tx, ids)
    counts: Counter[Standing] = Counter()
    for device_id in ids:
        has = known[device_id]
        counts[standing(plain or None, has.content_id, has.refused_content_id)] -= 1
        counts[_standing(wanted.get(device_id), has)] += 1
    return Corrections(counts, ids[-1] if len(ids) == most else None)


def look(tx: Tx, product_id: int, after: int, most: int, now: int) -> Looked:
    """Return those of the next devices that may drift which do; in a unit that may write."""
    plain = _plain(tx, product_id)
    ids = _lowest([
        store.not_on(tx, product_id, plain, after, most) if plain else [],
        _narrower(tx, product_id, after, most, now),
    ], most)  # fmt: skip
    found = _described(tx, product_id, ids, now)
    drifting = [device for device in found if device.standing in DRIFTING]
    return Looked(drifting, ids[-1] if len(ids) == most else None)


def of_device(tx: Tx, product_id: int, device_id: int, now: int) -> DeviceDrift:
    """Return how one device stands; in a unit that may write."""
    return _described(tx, product_id, [device_id], now)[0]


def _plain(tx: Tx, product_id: int) -> int:
    product = of_product(tx, product_id)
    return _NO_CONTENT if product is None else product.stored.id


def _narrower(tx: Tx, product_id: int, after: int, most: int, now: int) -> list[int]:
    """Return the lowest ``most`` ids behind ``after`` of devices with a document of their own or of a group."""
    sources = [store.with_own_document(tx, product_id, after, most)]
    for group_id in store.groups_with_documents(tx, product_id):
        group = groups.by_id(tx, group_id)
        if group is not None:
            sources.append(members_after(tx, group, product_id, after, most, now))
    return _lowest(sources, most)


def _lowest(sources: Sequence[Sequence[int]], most: int) -> list[int]:
    return sorted(set().union(*sources))[:most]


def _described(tx: Tx, product_id: int, ids: Sequence[int], now: int) -> list[DeviceDrift]:
    wanted, known, names = effective(tx, product_id, ids, now), store.known(tx, ids), store.names(tx, ids)
    digests = store.digests(tx, [has.content_id for has in known.values() if has.content_id is not None])
    return [_drift(device_id, names[device_id], wanted.get(device_id), known[device_id], digests) for device_id in ids]


def _standing(wanted: Effective | None, has: Known) -> Standing:
    return standing(None if wanted is None else wanted.content_id, has.content_id, has.refused_content_id)


def _drift(device_id: int, name: str, wanted: Effective | None, has: Known, digests: dict[int, str]) -> DeviceDrift:
    found = _standing(wanted, has)
    return DeviceDrift(
        device_id=device_id,
        device_name=name,
        standing=found,
        wanted_config_id="" if wanted is None else wanted.config_id,
        wanted_sha256="" if wanted is None else wanted.sha256,
        known_sha256="" if has.content_id is None else digests.get(has.content_id, ""),
        evidence=has.evidence,
        known_at=has.known_at,
        refused_at=has.refused_at if found is Standing.REFUSED else None,
        sent_at=has.sent_at,
    )
