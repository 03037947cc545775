"""Dynamic jobs: a device that comes to match gets its task in the unit that says so."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from linkops.db import Tx
from linkops.ota.candidates import store as candidates
from linkops.ota.filling import store
from linkops.ota.filling.making import make_tasks
from linkops.ota.filling.store import Filling
from linkops.ota.model import Targets

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
    fresh = {report.device_id for report in last.values() if report.is_new}
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


def _add(tx: Tx, job: Filling, device_ids: list[int], fresh: set[int], now: int) -> None:
    """Make tasks for devices that the job has not had yet, or that report a version anew and not too often."""
    if not device_ids:
        return
    had = store.tasks_of_devices(tx, [job.job_id], device_ids)
    due = [
        device_id
        for device_id in device_ids
        if (matches := had.get((job.job_id, device_id), 0)) == 0 or (device_id in fresh and matches < MAX_MATCHES)
    ]
    candidates.lock(tx, due)
    make_tasks(tx, job, candidates.matching(tx, job.criteria, due), now)
