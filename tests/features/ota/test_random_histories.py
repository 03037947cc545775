"""Jobs, devices, time, cancels and crashes at random, against a naive model: a few fields per task, no cleverness."""

import asyncio
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from linkops.clock import FixedClock
from linkops.db import open_database
from linkops.devices.model import NewDevice
from linkops.errors import Conflict
from linkops.events.actor import SYSTEM
from linkops.ota.model import Job, JobStatus, Package, Task, TaskStatus
from linkops.ota.pace import MINUTE_MS
from linkops.ota.tasks.service import TaskFilter
from tests.support.ota import Fleet, counted_tasks, job_counters

DEVICES = 4
NOW = 1_800_000_000_000
LIVE = {"QUEUED", "NOTIFIED", "IN_PROGRESS"}
VERSIONS = ["1.0", "2.0", "3.0"]
devices = st.integers(0, DEVICES - 1)


@dataclass
class Expected:
    """What the model thinks of one task."""

    job: int
    source: str
    target: str
    timeout_s: int | None
    status: str = "QUEUED"
    step: int = -1
    offers: int = 0
    first_progress_at: int | None = None
    offered_in: set[int] = field(default_factory=set)

    @property
    def live(self) -> bool:
        return self.status in LIVE


class Rollouts(RuleBasedStateMachine):
    """Drives the real services; the loop runs only inside a rule."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FixedClock(NOW)
        self.db = open_database(str(Path(self.folder.name) / "linkops.db"))
        self.tasks: dict[tuple[int, int], Expected] = {}  # by job and device
        self.jobs: dict[int, Job] = {}
        self.versions = dict.fromkeys(range(DEVICES), "")

    def teardown(self) -> None:
        self.db.close()
        self.runner.close()
        self.folder.cleanup()

    @initialize()
    def begin(self) -> None:
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        self.fleet = Fleet(self.db, self.clock, Path(self.folder.name))
        self.devices: list[NewDevice] = await self.fleet.start(DEVICES)
        self.packages: dict[str, Package] = {v: await self.fleet.package(v) for v in VERSIONS[1:]}

    # --- what happens -------------------------------------------------------------------------------------------

    @rule(version=st.sampled_from(VERSIONS[1:]), timeout_s=st.sampled_from([None, 60]), limited=st.booleans())
    def create_job(self, version: str, timeout_s: int | None, limited: bool) -> None:  # noqa: FBT001 - drawn
        asked = {"timeout_s": timeout_s, "rate_per_minute": 10 if limited else None}
        outdated = [number for number in range(DEVICES) if self.versions[number] != version]
        try:
            job = self.runner.run(self.fleet.job(self.packages[version], **asked))
        except Conflict:
            assert not outdated
            return
        self.jobs[job.id] = job
        for number in outdated:
            busy = any(task.live for (_, device), task in self.tasks.items() if device == number)
            status = "FAILED" if busy else "QUEUED"
            self.tasks[job.id, number] = Expected(job.id, self.versions[number], version, timeout_s, status)

    @rule(number=devices)
    def connect(self, number: int) -> None:
        self.clock.advance(1)
        if self.devices[number].id not in self.fleet.hub.connected:
            self.runner.run(self.fleet.connect(self.devices[number]))

    @rule(number=devices)
    def disconnect(self, number: int) -> None:
        self.clock.advance(1)
        if self.devices[number].id in self.fleet.hub.connected:
            self.runner.run(self.fleet.disconnect(self.devices[number]))

    @rule(number=devices, step=st.integers(-4, 100), times=st.integers(1, 3))
    def report_progress(self, number: int, step: int, times: int) -> None:
        for _ in range(times):
            self.runner.run(self.fleet.progress(self.devices[number], step))
        task = self._live(number)
        if task is None:
            return
        if step < 0:
            if task.status != "QUEUED" or task.offers:
                task.status = "FAILED"
        elif step >= task.step:
            task.status, task.step = "IN_PROGRESS", step
            task.first_progress_at = task.first_progress_at or self.clock.now()

    @rule(number=devices, version=st.sampled_from([*VERSIONS, "9.9"]), times=st.integers(1, 3))
    def report_version(self, number: int, version: str, times: int) -> None:
        for _ in range(times):
            self.runner.run(self.fleet.version(self.devices[number], version))
        self.versions[number] = version
        task = self._live(number)
        if task is None:
            return
        if version == task.target:
            task.status = "SUCCEEDED"
        elif task.status == "IN_PROGRESS" and version != task.source:
            task.status = "FAILED"

    @rule(number=devices)
    def pull(self, number: int) -> None:
        answered = self.runner.run(self.fleet.pull(self.devices[number])) is not None
        task = self._live(number)
        assert answered == (task is not None)
        if task is not None:
            task.offers, task.step = task.offers + 1, -1
            task.status = "NOTIFIED" if task.status == "QUEUED" else task.status
            task.offered_in.add(self._slot(task))

    @precondition(lambda self: self.jobs)
    @rule(data=st.data(), statuses=st.sets(st.sampled_from(sorted(LIVE)), min_size=1))
    def cancel(self, data: st.DataObject, statuses: set[str]) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.jobs)))
        try:
            self.runner.run(self.fleet.ota.jobs.cancel(SYSTEM, job_id, {TaskStatus(status) for status in statuses}))
        except Conflict:
            assert not any(task.live for (job, _), task in self.tasks.items() if job == job_id)
            return
        for (job, _), task in self.tasks.items():
            if job == job_id and task.status in statuses:
                task.status = "CANCELED"

    @rule(ms=st.sampled_from([0, 500, 2_000, 7_000, MINUTE_MS, 61_000]))
    def time_passes(self, ms: int) -> None:
        self.clock.advance(ms)
        self.fleet.take_pushes()
        self.runner.run(self.fleet.tick())
        pushed = Counter(push["device_id"] for push in self.fleet.take_pushes())
        self._time_out(after_pushes=pushed)

    @rule()
    def crash_while_pushing(self) -> None:
        self.fleet.hub.lost = True
        with suppress(ConnectionError):
            self.runner.run(self.fleet.ota.dispatcher.push_due())
        self.fleet.hub.lost = False
        self.fleet.restart()
        for (job, number), task in self.tasks.items():
            if task.live and (attempt := self._stored(job)[number].attempt) > task.offers:
                assert attempt == task.offers + 1
                task.offers, task.step = attempt, -1
                self._offer_in_slot(task)

    @rule()
    def restart(self) -> None:
        self.fleet.restart()

    @rule()
    def wait_until_all_is_quiet(self) -> None:
        """Whoever is online has been told after a few slots, whatever happened before."""
        for _ in range(3):
            self.time_passes(MINUTE_MS + 2_000)
        for (_, number), task in self.tasks.items():
            assert not (task.status == "QUEUED" and self.devices[number].id in self.fleet.hub.connected)

    # --- the model ----------------------------------------------------------------------------------------------

    def _live(self, number: int) -> Expected | None:
        live = [task for (_, device), task in self.tasks.items() if device == number and task.live]
        assert len(live) <= 1
        return next(iter(live), None)

    def _slot(self, task: Expected) -> int:
        return (self.clock.now() - (self.jobs[task.job].started_at or 0)) // MINUTE_MS

    def _offer_in_slot(self, task: Expected) -> None:
        slot = self._slot(task)
        assert slot not in task.offered_in
        task.offered_in.add(slot)

    def _time_out(self, after_pushes: Counter[object]) -> None:
        for number, device in enumerate(self.devices):
            task = self._live(number)
            if pushes := after_pushes.pop(device.id, 0):
                assert pushes == 1
                assert task is not None
                assert device.id in self.fleet.hub.connected
                self._offer_in_slot(task)
                task.offers, task.step = task.offers + 1, -1
                task.status = "NOTIFIED" if task.status == "QUEUED" else task.status
            if task is not None and task.status == "IN_PROGRESS" and self._is_overdue(task):
                task.status = "FAILED"
        assert not after_pushes

    def _is_overdue(self, task: Expected) -> bool:
        if task.timeout_s is None or task.first_progress_at is None:
            return False
        return self.clock.now() >= task.first_progress_at + task.timeout_s * 1_000

    def _stored(self, job_id: int) -> dict[int, Task]:
        page = self.runner.run(self.fleet.ota.tasks.of_job(SYSTEM, job_id, TaskFilter(), limit=200))
        numbers = {device.id: number for number, device in enumerate(self.devices)}
        return {numbers[task.device_id]: task for task in page.items}

    @invariant()
    def every_task_is_as_expected(self) -> None:
        for job_id in self.jobs:
            expected = {number: task for (job, number), task in self.tasks.items() if job == job_id}
            stored = self._stored(job_id)
            assert {n: task.status for n, task in stored.items()} == {n: task.status for n, task in expected.items()}
            live = [number for number, task in expected.items() if task.live]
            assert {n: (stored[n].step, stored[n].attempt) for n in live} == {
                n: (None if expected[n].step < 0 else expected[n].step, expected[n].offers) for n in live
            }

    @invariant()
    def counters_are_exact(self) -> None:
        for job_id in self.jobs:
            counters = self.runner.run(self.db.read(job_counters, job_id))
            assert counters == self.runner.run(self.db.read(counted_tasks, job_id))

    @invariant()
    def a_job_that_ended_has_nothing_left(self) -> None:
        for job_id in self.jobs:
            job = self.runner.run(self.fleet.ota.jobs.get(SYSTEM, job_id))
            live = any(task.live for (of, _), task in self.tasks.items() if of == job_id)
            assert not (live and job.ended_at is not None)
            assert not (live and job.status is JobStatus.COMPLETED)


TestRollouts = pytest.mark.timeout(240)(Rollouts.TestCase)
TestRollouts.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
