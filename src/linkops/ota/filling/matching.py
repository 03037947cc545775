"""Dynamic jobs: a device that comes to match gets its task in the unit that says so."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from linkops.db import Tx
from linkops.ota.candidates import store as candidates
from linkops.ota.filling import store
from linkops.ota.filling.making import make_tasks
from linkops.ota.filling.store import NONE, Filling, Had
from linkops.ota.model import Targets
from linkops.ota.strategy import DynamicMode

MAX_MATCHES = 10
"""Of one device in one job: an endless loop of up- and downgrades ends here."""


class Reported(NamedTuple):
    """A version that a device runs, and whether it is another than it said before."""

    device_id: int
    product_id: int
    module: str
    version: str
    is_new: bool


def match_reports(tx: Tx, reports: Sequence[Reported], now: int) -> None:
    """Give devices a task whose version is one that a dynamic job looks for; of several jobs, the newest counts."""
    jobs = [job for job in store.dynamic(tx, sorted({report.product_id for report in reports})) if _by_version(job)]
    if not jobs:
        return
    wanted = {job: list[int]() for job in (job.job_id for job in jobs)}
    last = {(report.device_id, report.module): report for report in reports}
    for report in last.values():
        job = newest_match(jobs, report)
        if job is not None:
            wanted[job.job_id].append(report.device_id)
    # All at once and before anything is looked at, so that two servers neither give a device two tasks of a job nor
    # wait for each other.
    candidates.lock(tx, sorted({device_id for device_ids in wanted.values() for device_id in device_ids}))
    # Of a report that comes twice at once, only the first is new.
    fresh = {(report.device_id, report.module) for report in reports if report.is_new}
    for job in jobs:
        _add(tx, job, wanted[job.job_id], fresh, now)


def newest_match(jobs: Iterable[Filling], report: Reported) -> Filling | None:
    """Return the newest of these jobs that looks for what a device reports."""
    matching = [job for job in jobs if _matches(job, report)]
    return max(matching, key=lambda job: job.job_id, default=None)


def _matches(job: Filling, report: Reported) -> bool:
    wanted = job.criteria
    is_of = (wanted.product_id, wanted.module) == (report.product_id, report.module)
    return is_of and report.version in wanted.source_versions


def _by_version(job: Filling) -> bool:
    return job.criteria.targets is Targets.ALL


def _add(tx: Tx, job: Filling, device_ids: list[int], fresh: set[tuple[int, str]], now: int) -> None:
    if not device_ids:
        return
    had, module = store.tasks_of_devices(tx, [job.job_id], device_ids), job.criteria.module
    due = [
        device_id
        for device_id in device_ids
        if _is_due(job, had.get((job.job_id, device_id), NONE), is_new=(device_id, module) in fresh)
    ]
    make_tasks(tx, job, candidates.matching(tx, job.criteria, due), now)


def _is_due(job: Filling, had: Had, *, is_new: bool) -> bool:
    """Return whether a device that matches gets a task: its first one, or one more for a version that it reports anew.

    Not while it has one that brings it to the same version already.
    """
    if had.unfinished or had.tasks >= MAX_MATCHES:
        return False
    return is_new or (not had.tasks and job.strategy.dynamic_mode is DynamicMode.ALL_MATCHING)
