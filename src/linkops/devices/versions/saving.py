"""Storing what devices run: rows and counters in the caller's unit of work, exact also with several servers."""

from collections import Counter
from collections.abc import Iterable, Sequence

from linkops.db import Tx
from linkops.devices.versions import store
from linkops.devices.versions.store import Counted, NewVersion


def save_versions(tx: Tx, reported: Sequence[NewVersion]) -> None:
    """Store what devices run, one report a module of a device; a device that is gone is left out."""
    moves = Counter(store.save(tx, reported))
    differences: Counter[Counted] = Counter()
    for (product_id, module, version, before), devices in moves.items():
        differences[Counted(product_id, module, version)] += devices
        if before is not None:
            differences[Counted(product_id, module, before)] -= devices
    store.count(tx, differences)


def forget_versions(tx: Tx, device_ids: Iterable[int]) -> None:
    """Count devices out that are deleted in the same unit, right after this."""
    differences: Counter[Counted] = Counter()
    differences.subtract(store.lock_devices(tx, device_ids))
    store.count(tx, differences)
