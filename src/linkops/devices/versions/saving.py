"""Storing what devices run: rows and counters in the caller's unit of work, exact also with several servers."""

from collections import Counter
from collections.abc import Iterable, Sequence

from linkops.db import Tx
from linkops.devices.versions import store
from linkops.devices.versions.store import Counted, Reported


def save_versions(tx: Tx, reported: Sequence[Reported]) -> None:
    """Store what devices run, one report a module of a device; a device that is gone is left out."""
    reports = {(report.device_id, report.module): report for report in reported}
    before = store.locked(tx, reports.keys())
    added = store.add(tx, [report for key, report in reports.items() if key not in before])
    # What is in neither was added by another server since the first look, or its device is gone.
    before |= store.locked(tx, reports.keys() - before.keys() - added.keys())
    store.replace(tx, [reports[key] for key in before])
    after = [Counted(was.product_id, was.module, reports[key].version) for key, was in before.items()]
    differences = Counter([*after, *added.values()])
    differences.subtract(before.values())
    store.count(tx, differences)


def forget_versions(tx: Tx, device_ids: Iterable[int]) -> None:
    """Count devices out that are deleted in the same unit, right after this."""
    differences: Counter[Counted] = Counter()
    differences.subtract(store.lock_devices(tx, device_ids))
    store.count(tx, differences)
