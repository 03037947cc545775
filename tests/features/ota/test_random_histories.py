"""Jobs, devices, time, people and crashes at random, against a naive model (`tests.support.rollout_model`)."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
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
from linkops.ota.model import Hold, JobStatus, Package, Task, TaskStatus
from linkops.ota.pace import MINUTE_MS
from linkops.ota.tasks.service import TaskFilter
from tests.support.ota import Fleet, counted_tasks, job_counters
from tests.support.rollout_model import LIVE, MOST_RETRIES, RETRY_MS, ExpectedJob, ExpectedTask, Model

DEVICES = 4
NOW = 1_800_000_000_000
VERSIONS = ["1.0", "2.0", "3.0"]
devices = st.integers(0, DEVICES - 1)
times = st.integers(1, 3)
STRATEGIES = st.fixed_dictionaries(
    {
        "timeout_s": st.sampled_from([None, 90, 600]),
        "notify_timeout_s": st.sampled_from([None, 90]),
        "retries": st.booleans(),
        "confirm": st.sampled_from([False, False, True]),
        "overwrite": st.booleans(),
    }
)
RATES = st.sampled_from([None, 10])


class Rollouts(RuleBasedStateMachine):
    """Drives the real services; the loop runs only inside a rule."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FixedClock(NOW)
        self.db = open_database(str(Path(self.folder.name) / "linkops.db"))
        self.model = Model(DEVICES)

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

    # --- jobs ---------------------------------------------------------------------------------------------------

    @rule(version=st.sampled_from(VERSIONS[1:]), rate=RATES, asked=STRATEGIES)
    def create_job(self, version: str, rate: int | None, asked: dict[str, object]) -> None:
        outdated = [number for number in range(DEVICES) if self.model.versions[number] != version]
        self._create(version, rate, asked, outdated, can=bool(outdated))

    @rule(
        version=st.sampled_from(VERSIONS[1:]), rate=RATES, asked=STRATEGIES, sources=st.sets(st.sampled_from(VERSIONS))
    )
    def create_dynamic_job(self, version: str, rate: int | None, asked: dict[str, object], sources: set[str]) -> None:
        wanted = frozenset(sources - {version}) or frozenset({"1.0"})
        matching = [number for number in range(DEVICES) if self.model.versions[number] in wanted]
        taken = any(job.looks_for_more and job.target == version for job in self.model.jobs)
        self._create(version, rate, {**asked, "sources": wanted}, matching, can=not taken)

    def _create(
        self, version: str, rate: int | None, asked: dict[str, object], selected: Iterable[int], *, can: bool
    ) -> None:
        job = ExpectedJob(0, version, self.clock.now(), **asked)  # type: ignore[arg-type]
        wish: dict[str, object] = {
            "rate_per_minute": rate,
            "timeout_s": job.timeout_s,
            "notify_timeout_s": job.notify_timeout_s,
            "retry": {"interval_s": RETRY_MS // 1_000, "count": MOST_RETRIES} if job.retries else None,
            "need_confirm": job.confirm,
            "overwrite": job.overwrite,
        }
        if job.sources is not None:
            wish |= {"selection": "DYNAMIC", "source_versions": sorted(job.sources)}
        try:
            job.id = self.runner.run(self.fleet.job(self.packages[version], **wish)).id
        except Conflict:
            assert not can
            return
        assert can
        self.model.jobs.append(job)
        for number in selected:
            self.model.select(job, number)

    @precondition(lambda self: self.model.jobs)
    @rule(data=st.data(), statuses=st.sets(st.sampled_from(sorted(LIVE)), min_size=1))
    def cancel(self, data: st.DataObject, statuses: set[str]) -> None:
        job = data.draw(st.sampled_from(self.model.jobs))
        try:
            self.runner.run(self.fleet.ota.jobs.cancel(SYSTEM, job.id, {TaskStatus(status) for status in statuses}))
        except Conflict:
            assert self.model.is_over(job)
            return
        for task in self.model.of_job(job):
            task.status = "CANCELED" if task.status in statuses else task.status
        if job.sources is not None or "QUEUED" in statuses:
            job.stopped, job.paused = True, False

    @precondition(lambda self: self.model.jobs)
    @rule(data=st.data(), times=times)
    def pause(self, data: st.DataObject, times: int) -> None:
        job = data.draw(st.sampled_from(self.model.jobs))
        for _ in range(times):
            try:
                held = self.runner.run(self.fleet.ota.steering.pause(SYSTEM, job.id))
            except Conflict:
                assert job.stopped or self.model.is_over(job)
                return
            assert held.hold is Hold.PAUSED
            job.paused = True

    @precondition(lambda self: any(job.paused for job in self.model.jobs))
    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from([job for job in self.model.jobs if job.paused]))
        try:
            self.runner.run(self.fleet.ota.steering.resume(SYSTEM, job.id))
        except Conflict:
            assert self.model.is_over(job)
        job.paused = False

    # --- tasks --------------------------------------------------------------------------------------------------

    @rule(number=devices, times=times)
    def confirm(self, number: int, times: int) -> None:
        task = self.model.live(number)
        if task is None:
            return
        for _ in range(times):
            done = self.runner.run(self.fleet.ota.task_changes.confirm(SYSTEM, [self._stored(task).id]))
            assert done == (task.status == "CONFIRM")
            task.status = "QUEUED" if task.status == "CONFIRM" else task.status

    @precondition(lambda self: any(task.status in ("FAILED", "CANCELED") for task in self.model.tasks))
    @rule(data=st.data())
    def update_again(self, data: st.DataObject) -> None:
        ended = [task for task in self.model.tasks if task.status in ("FAILED", "CANCELED")]
        task = data.draw(st.sampled_from(ended))
        task_id = self._stored(task).id
        try:
            assert self.runner.run(self.fleet.ota.task_changes.update_again(SYSTEM, task.job.id, [task_id])) == 1
        except Conflict:
            up_to_date = self.model.versions[task.device] == task.job.target
            assert task.job.stopped or up_to_date or self.model.live(task.device) is not None
            return
        assert not task.job.stopped
        assert self.model.versions[task.device] != task.job.target
        assert self.model.live(task.device) is None
        task.begin()

    # --- devices ------------------------------------------------------------------------------------------------

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

    @rule(number=devices, steps=st.lists(st.integers(-4, 100), min_size=1, max_size=3), times=times)
    def report_progress(self, number: int, steps: list[int], times: int) -> None:
        """In any order, each so often; what comes at once is one unit."""
        said = [step for step in steps for _ in range(times)]
        self.runner.run(self._at_once(self.fleet.progress(self.devices[number], step) for step in said))
        task = self.model.live(number)
        if task is not None:
            for step in said:
                task.progress(step, self.clock.now())

    @rule(numbers=st.sets(devices, min_size=1), version=st.sampled_from([*VERSIONS, "9.9"]), times=times)
    def report_version(self, numbers: set[int], version: str, times: int) -> None:
        reports = [number for number in sorted(numbers) for _ in range(times)]
        self.runner.run(self._at_once(self.fleet.version(self.devices[number], version) for number in reports))
        for number in reports:
            self.model.report_version(number, version, self.clock.now())

    async def _at_once(self, messages: Iterable[object]) -> None:
        await asyncio.gather(*messages)  # type: ignore[call-overload]

    @rule(number=devices, times=times)
    def pull(self, number: int, times: int) -> None:
        for _ in range(times):
            answered = self.runner.run(self.fleet.pull(self.devices[number])) is not None
            task = self.model.live(number)
            waits = task is None or task.status == "CONFIRM" or (task.status == "QUEUED" and task.job.paused)
            assert answered is not waits
            if task is not None and answered:
                task.claim(None)
                task.offered_in.add(self._slot(task))
                task.tell(self.clock.now())

    # --- time and crashes ---------------------------------------------------------------------------------------

    @rule(ms=st.sampled_from([0, 500, 2_000, 7_000, MINUTE_MS, 61_000]))
    def time_passes(self, ms: int) -> None:
        self.clock.advance(ms)
        self.fleet.take_pushes()
        self.runner.run(self.fleet.tick())
        now = self.clock.now()
        for device_id, pushes in Counter(push["device_id"] for push in self.fleet.take_pushes()).items():
            assert pushes == 1
            assert device_id in self.fleet.hub.connected
            [number] = [number for number, device in enumerate(self.devices) if device.id == device_id]
            task = self.model.live(number)
            assert task is not None
            self._pushed(task)
            task.tell(now)
        for task in self.model.tasks:
            task.pass_time(now)
        for job in self.model.jobs:
            job.paused = job.paused and not self.model.is_over(job)

    def _pushed(self, task: ExpectedTask) -> None:
        assert not task.job.paused
        assert task.failed_at is None or self.clock.now() >= task.failed_at + RETRY_MS
        task.claim(self._slot(task))

    @rule()
    def crash_while_pushing(self) -> None:
        self.fleet.hub.lost = True
        with suppress(ConnectionError):
            self.runner.run(self.fleet.ota.dispatcher.push_due())
        self.fleet.hub.lost = False
        self.fleet.restart()
        for task in self.model.tasks:
            if task.live and self._stored(task).attempt > task.offers:
                self._pushed(task)

    @rule()
    def restart(self) -> None:
        self.fleet.restart()

    @rule()
    def wait_until_all_is_quiet(self) -> None:
        """Whoever is online has been told after a few slots, whatever happened before."""
        for _ in range(4):
            self.time_passes(MINUTE_MS + 2_000)
        for task in self.model.tasks:
            if self.devices[task.device].id in self.fleet.hub.connected and not task.job.paused:
                assert task.status != "QUEUED"
                assert not (task.live and task.failed_at is not None)

    # --- what is compared ---------------------------------------------------------------------------------------

    def _slot(self, task: ExpectedTask) -> int:
        return (self.clock.now() - task.job.started_at) // MINUTE_MS

    def _stored_of(self, job: ExpectedJob) -> dict[int, list[Task]]:
        """Return the tasks of a job by device, the oldest first."""
        page = self.runner.run(self.fleet.ota.tasks.of_job(SYSTEM, job.id, TaskFilter(), limit=200))
        assert page.next is None
        numbers = {device.id: number for number, device in enumerate(self.devices)}
        found: dict[int, list[Task]] = {}
        for task in page.items:
            found.setdefault(numbers[task.device_id], []).append(task)
        return found

    def _stored(self, task: ExpectedTask) -> Task:
        of_device = [each for each in self.model.of_job(task.job) if each.device == task.device]
        return self._stored_of(task.job)[task.device][of_device.index(task)]

    @invariant()
    def every_task_is_as_expected(self) -> None:
        for job in self.model.jobs:
            expected: dict[int, list[ExpectedTask]] = {}
            for task in self.model.of_job(job):
                expected.setdefault(task.device, []).append(task)
            stored = self._stored_of(job)
            assert {number: [task.status for task in tasks] for number, tasks in stored.items()} == {
                number: [task.status for task in tasks] for number, tasks in expected.items()
            }
            for number, tasks in expected.items():
                for task, found in zip(tasks, stored[number], strict=True):
                    _is_as_expected(task, found)

    @invariant()
    def counters_are_exact(self) -> None:
        for job in self.model.jobs:
            counters = self.runner.run(self.db.read(job_counters, job.id))
            assert counters == self.runner.run(self.db.read(counted_tasks, job.id))

    @invariant()
    def a_job_that_ended_has_nothing_left(self) -> None:
        for job in self.model.jobs:
            stored = self.runner.run(self.fleet.ota.jobs.get(SYSTEM, job.id))
            if stored.ended_at is not None or stored.status is JobStatus.COMPLETED:
                assert self.model.is_over(job)
            assert (stored.status is JobStatus.CANCELED) == job.stopped
            assert (stored.hold is Hold.PAUSED) == job.paused


def _is_as_expected(task: ExpectedTask, found: Task) -> None:
    assert found.source_version == task.source
    if not task.live:
        assert (found.ended_at is not None, found.timeout_at, found.retry_at) == (True, None, None)
        return
    assert found.attempt == task.offers
    assert found.step == (None if task.step < 0 else task.step)
    assert found.retries == (MOST_RETRIES - task.retries_left if task.job.retries else 0)
    assert (found.retry_at is None) == (task.failed_at is None and not task.deaf)
    if found.retry_at is not None and task.failed_at is not None:
        assert RETRY_MS <= found.retry_at - task.failed_at <= 1.1 * RETRY_MS


TestRollouts = pytest.mark.timeout(300)(Rollouts.TestCase)
TestRollouts.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
