"""Killing the server at any moment of a rollout loses nothing that it acknowledged and pushes nothing twice."""

import asyncio
import os
import random
import sqlite3
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import httpx
import pytest

from linkops.ota.model import LIVE, TaskStatus
from linkops.ota.pace import MINUTE_MS
from linkops.simulator import Fleet, Mix, Pace
from tests.support.diary import Diary
from tests.support.operator import Operator
from tests.support.restarts import RestartedServer, add_fleet

KILLS = int(os.environ.get("LINKOPS_KILLS", "50"))
SEED = int(os.environ.get("LINKOPS_SEED", str(random.randrange(2**32))))
ROLLOUTS = 2
"""Side by side, each with its share of the kills: devices wait for the end of their minute at the same time."""
DEVICES = 500
RATE = 900
VERSION = "2.0.0"
MIX = Mix.parse("succeed=7,fail:-4=1,disconnect=1,silent=1")
"""The silent ones take a push and say nothing: after each restart they are pushed to again, once their slot is over."""
PACE = Pace(install_s=0.5, restart_s=0.3, reconnect_s=0.4, reconnect_at_most_s=1.0)
LATE_MS = 5_000
"""A push arrives at most so long after its slot was claimed, on a machine that is busy."""
COMPLETED_WITHIN_S = 180

T = TypeVar("T")


class Stored(NamedTuple):
    """A task as it is on disk."""

    status: str
    step: int
    progress_at: int | None
    claimed_at: int | None


@pytest.mark.timeout(600)
async def test_a_rollout_survives_kills(tmp_path: Path) -> None:
    print(f"LINKOPS_SEED={SEED}")
    async with asyncio.TaskGroup() as rollouts:  # when one fails the other ends, too
        for number in range(ROLLOUTS):
            rollouts.create_task(_Rollout(tmp_path / f"data-{number}", SEED + number).run())


class _Rollout:
    """One server, its fleet, and what the fleet knows."""

    def __init__(self, data_dir: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._server = RestartedServer(data_dir)
        self._diary = Diary()
        self._job_id = 0
        self._claims: dict[str, set[int]] = defaultdict(set)
        self._statuses_at_kills: set[str] = set()

    async def run(self) -> None:
        server = self._server
        await asyncio.to_thread(server.start)
        try:
            operator = await asyncio.to_thread(server.operator)
            product_key, identities = await asyncio.to_thread(add_fleet, operator, DEVICES)
            fleet = Fleet(server.mqtt, identities, mix=MIX, pace=PACE, observer=self._diary)
            async with fleet:
                await fleet.settled()
                package_id = await asyncio.to_thread(operator.add_package, product_key, VERSION, b"image" * 2_000)
                created = asyncio.create_task(asyncio.to_thread(self._create, operator, package_id))
                await self._kill_again_and_again()
                await created
                await self._completed(operator)
            self._check_end(operator)
            operator.client.close()
        finally:
            await asyncio.to_thread(server.kill)
        assert server.sound(), server.log.read_text()[-8_000:]

    def _create(self, operator: Operator, package_id: int) -> None:
        """Do it once, as docs/api.md says: whoever hears that a request was cut off looks whether it was done."""
        for number in range(KILLS):
            if (answer := _persistently(partial(_start_job, operator, package_id, number))).is_success:
                self._job_id = answer.json()["id"]
                return
            assert answer.json()["code"] == "idempotency.in_progress", answer.text
            jobs = _persistently(partial(operator.get, "/ota/jobs", package_id=package_id))["items"]
            if jobs:
                self._job_id = jobs[0]["id"]
                return

    async def _kill_again_and_again(self) -> None:
        for _ in range(KILLS // ROLLOUTS):
            # Half of them strike while the fleet comes back, the others while it works.
            await asyncio.sleep(self._random.choice([self._random.uniform(0, 0.6), self._random.uniform(2, 5)]))
            await self._kill()

    async def _kill(self) -> None:
        await asyncio.to_thread(self._server.kill)
        # Reports that were acknowledged are in the sockets' buffers now: the devices shall read them first.
        await asyncio.sleep(0.05)
        self._check_nothing_lost()
        await asyncio.to_thread(self._server.start)

    async def _completed(self, operator: Operator) -> None:
        """Wait until all are done but the silent ones, and those have been pushed to again; then cancel theirs."""
        path = f"/ota/jobs/{self._job_id}"
        await self._until(operator, lambda job: job["counts"]["NOTIFIED"] == sum(job["counts"][each] for each in LIVE))
        silent = [name for name, task in self._tasks().items() if task.status == TaskStatus.NOTIFIED]
        assert silent
        # Whoever comes back without an answer is pushed to again, once its minute is over: now that is all of them.
        await self._kill()
        await self._until(operator, lambda _: all(len(self._diary.offers[name]) > 1 for name in silent))
        await asyncio.to_thread(operator.post, f"{path}/cancel", {"statuses": ["NOTIFIED"]})
        await self._until(operator, lambda job: job["ended_at"] is not None)

    async def _until(self, operator: Operator, reached: Callable[[Any], bool]) -> None:
        deadline = time.monotonic() + COMPLETED_WITHIN_S
        while not reached(job := await asyncio.to_thread(operator.get, f"/ota/jobs/{self._job_id}")):
            assert time.monotonic() < deadline, job["counts"]
            await asyncio.sleep(0.5)

    # What must be true

    def _check_nothing_lost(self) -> None:
        tasks = self._tasks()
        self._statuses_at_kills |= {task.status for task in tasks.values()} or {"none yet"}
        for name, task in tasks.items():
            if task.claimed_at is not None:
                self._claims[name].add(task.claimed_at)
        for name, reports in self._diary.reports.items():
            if name not in tasks:  # the job is not filled so far
                continue
            for report in reports:
                self._check_stored(name, tasks[name], report.params, report.sent_at)

    def _check_stored(self, name: str, task: Stored, params: dict[str, str], sent_at: int) -> None:
        if params.get("version") == VERSION:
            assert task.status == TaskStatus.SUCCEEDED, (name, params, task)
        elif "step" in params and int(params["step"]) < 0:
            assert task.status == TaskStatus.FAILED, (name, params, task)
        elif "step" in params:
            assert task.progress_at is not None, (name, params, task)
            offered_again = (task.claimed_at or 0) > sent_at - LATE_MS
            assert offered_again or task.step >= int(params["step"]), (name, params, task)

    def _tasks(self) -> dict[str, Stored]:
        with closing(sqlite3.connect(self._server.data_dir / "linkops.db")) as db:
            rows = db.execute(
                "SELECT d.device_name, t.status, t.step, t.progress_at, t.claimed_at"
                " FROM ota_task t JOIN device d ON d.id = t.device_id"
            ).fetchall()
        return {row[0]: Stored(*row[1:]) for row in rows}

    def _check_end(self, operator: Operator) -> None:
        self._check_nothing_lost()
        jobs = operator.get("/ota/jobs")["items"]
        assert [job["id"] for job in jobs] == [self._job_id]
        outcomes = Counter(outcomes[-1].partition(":")[0] for outcomes in self._diary.outcomes.values())
        counts = jobs[0]["counts"]
        assert sum(counts.values()) == DEVICES == len(self._tasks())
        assert counts == {**dict.fromkeys(counts, 0), **Counter(task.status for task in self._tasks().values())}
        assert {"QUEUED", "NOTIFIED", "IN_PROGRESS", "SUCCEEDED", "FAILED"} <= self._statuses_at_kills
        assert (counts["SUCCEEDED"], counts["FAILED"]) == (outcomes["succeeded"], outcomes["failed"])
        self._check_pushes(int(jobs[0]["started_at"]))

    def _check_pushes(self, started_at: int) -> None:
        again = [claims for claims in self._claims.values() if len(claims) > 1]
        assert again, "nobody was pushed to twice: the rule about slots was not put to the test"
        for claims in again:
            slots = [(claimed_at - started_at) // MINUTE_MS for claimed_at in claims]
            assert len(set(slots)) == len(slots), slots
        for name, offers in self._diary.offers.items():
            for first, second in pairwise(offers):
                # The first may have been claimed in the slot before and been late; the second may not be early.
                slot_before = (first - LATE_MS - started_at) // MINUTE_MS
                assert (second - started_at) // MINUTE_MS > slot_before, (name, first - started_at, second - started_at)
        times = sorted(time for offers in self._diary.offers.values() for time in offers)
        in_a_minute = max(bisect_right(times, start + MINUTE_MS) - n for n, start in enumerate(times))
        assert in_a_minute <= RATE * 1.05 + 1


def _start_job(operator: Operator, package_id: int, number: int) -> httpx.Response:
    body = {"package_id": package_id, "rate_per_minute": RATE}
    return operator.client.post("/ota/jobs", json=body, headers={"Idempotency-Key": f"attempt-{number}"})


def _persistently(do: Callable[[], T]) -> T:
    """Do something until it is acknowledged, however often the server is killed meanwhile."""
    deadline = time.monotonic() + COMPLETED_WITHIN_S
    while True:
        try:
            return do()
        except (httpx.TransportError, AssertionError):
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)
