"""Progress and version reports: a device's own reports are folded in order, everything else is one statement a list."""

from collections.abc import Iterable, Sequence

from linkops.db import Tx
from linkops.devices.versions.saving import save_versions
from linkops.devices.versions.store import NewVersion
from linkops.events.interest import Interest
from linkops.events.kinds import OTA_PROGRESS
from linkops.events.store import record_events
from linkops.ota import rollout, wire
from linkops.ota.filling.matching import Reported, match_reports
from linkops.ota.rollout import TaskState
from linkops.ota.states.saving import save
from linkops.ota.states.store import Change, live_of_devices
from linkops.ota.uplinks import store
from linkops.ota.uplinks.reports import ReportedProgress, ReportedVersion

MODULES_PER_DEVICE = 32
"""A device that invents module names fills no table: versions of further modules are not kept."""


class _Tasks:
    """The unfinished tasks of some devices, as they were read and as they are after each report."""

    def __init__(self, tx: Tx, device_ids: Iterable[int]) -> None:
        # With one update at a time, a device has one task; it may be of another module than a report is about.
        self._before = {(task.device_id, task.module): task for task in live_of_devices(tx, device_ids)}
        self._changes: dict[tuple[int, str], Change] = {}

    def of(self, device_id: int, module: str) -> TaskState | None:
        key = device_id, module
        change = self._changes.get(key)
        return self._before.get(key) if change is None else change.after

    def replace(self, after: TaskState, at: int) -> None:
        key = after.device_id, after.module
        self._changes[key] = Change(self._before[key], after, at)

    def changes(self) -> list[Change]:
        return list(self._changes.values())


def record_progress(tx: Tx, reports: Sequence[ReportedProgress], interest: Interest) -> list[bool]:
    """Apply the reports in order and return which of them changed a task; applications hear of these if they want."""
    tasks = _Tasks(tx, {report.device_id for report in reports})
    changed = [_record_one(tasks, report) for report in reports]
    if interest.wants(OTA_PROGRESS):
        news = [(task, report) for task, report in zip(changed, reports, strict=True) if task is not None]
        record_events(tx, [wire.progressed(task, report.step, report.at) for task, report in news])
    save(tx, tasks.changes())
    return [task is not None for task in changed]


def _record_one(tasks: _Tasks, report: ReportedProgress) -> TaskState | None:
    before = tasks.of(report.device_id, report.module)
    if before is None:
        return None
    after = rollout.progressed(before, report.step, report.description, report.at)
    if after is before:
        return None
    tasks.replace(after, report.at)
    return after


def record_versions(tx: Tx, reports: Sequence[ReportedVersion]) -> list[bool]:
    """Store what devices run, let that end tasks, and return for which of the reports the version was new."""
    device_ids = {report.device_id for report in reports}
    known = store.versions(tx, device_ids)
    replaced = [_replaced(known.setdefault(report.device_id, {}), report) for report in reports]
    changed = [before is not None for before in replaced]
    new = [(report, before) for report, before in zip(reports, replaced, strict=True) if before is not None]
    if new:
        _save_versions(tx, new)
    _end_tasks(tx, reports, device_ids)
    _match(tx, reports, changed)
    return changed


def _match(tx: Tx, reports: Sequence[ReportedVersion], changed: Sequence[bool]) -> None:
    pairs = zip(reports, changed, strict=True)
    found = [Reported(r.device_id, r.product_id, r.module, r.version, is_new) for r, is_new in pairs]
    match_reports(tx, found, max(report.at for report in reports))


def _replaced(modules: dict[str, str], report: ReportedVersion) -> str | None:
    """Return the version that this one takes the place of, '' for a module's first one; None: it is not new."""
    before = modules.get(report.module)
    if before == report.version:
        return None
    if before is None and len(modules) >= MODULES_PER_DEVICE:
        return None
    modules[report.module] = report.version
    return before or ""


def _save_versions(tx: Tx, new: Sequence[tuple[ReportedVersion, str]]) -> None:
    last = {(report.device_id, report.module): report for report, _ in new}
    save_versions(tx, [NewVersion(r.device_id, r.module, r.version, r.at) for r in last.values()])
    record_events(tx, [wire.version_changed(report, before) for report, before in new])


def _end_tasks(tx: Tx, reports: Sequence[ReportedVersion], device_ids: Iterable[int]) -> None:
    tasks = _Tasks(tx, device_ids)
    for report in reports:
        before = tasks.of(report.device_id, report.module)
        if before is None:
            continue
        after = rollout.version_reported(before, report.version, report.at)
        if after is not before:
            tasks.replace(after, report.at)
    save(tx, tasks.changes())
