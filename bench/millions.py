"""A job over a million devices: how soon it is there, what it takes, whom it disturbs, what a power cut does to it."""

import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.ended import database_in, register
from bench.figures import Row, Run, median
from bench.fleet import Fleet, fleet
from bench.paced import paced
from bench.reports import CONNECTIONS, LAST_STEP, Round
from bench.rollouts import Rollouts
from bench.seed import seed
from bench.server import System, started

_DEVICES = 1_000_000
_POLL_S = 0.1
_MIB = 2**20
_FILLED_WITHIN_S = 300.0


class Filling:
    """One job over the whole product, watched while its tasks are made; nobody is pushed to."""

    def __init__(self, running: System, rollouts: Rollouts) -> None:
        self._running = running
        self._package_id = rollouts.package()
        self.id_ms = self.filled_s = 0.0
        self.grown_bytes = 0
        self.job_id = 0

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Create the job, and return from the block once it is filled."""
        before = self._running.process.resident_bytes()
        began = time.perf_counter()
        asked = {"package_id": self._package_id, "need_push": False}
        self.job_id = int(self._running.rest.post("/api/v1/ota/jobs", asked)["id"])
        self.id_ms = (time.perf_counter() - began) * 1_000
        watcher = threading.Thread(target=self._watch, args=(began, before))
        watcher.start()
        yield
        watcher.join()

    def _watch(self, began: float, before: int) -> None:
        while self.job()["filled_at"] is None and time.perf_counter() - began < _FILLED_WITHIN_S:
            self.grown_bytes = max(self.grown_bytes, self._running.process.resident_bytes() - before)
            time.sleep(_POLL_S)
        self.filled_s = time.perf_counter() - began

    def job(self) -> dict[str, Any]:
        """Return the job as it is now."""
        shown: dict[str, Any] = self._running.rest.get(f"/api/v1/ota/jobs/{self.job_id}")
        return shown


def rows(run: Run) -> Iterator[Row]:
    """Fill a job over the whole product alone, beside reports, and across a power cut."""
    with tempfile.TemporaryDirectory(prefix="linkops-bench-") as folder:
        data_dir, connected = Path(folder) / "data", run.size(CONNECTIONS, 100)
        seeded = seed(data_dir, database_in(data_dir), connected)
        run.say("millions: making the fleet")
        asyncio.run(register(database_in(data_dir), run.size(_DEVICES, 5_000) - connected))
        with started(data_dir, seeded) as running:
            rollouts = Rollouts(running)
            yield from _alone(run, running, rollouts)
            yield _beside_reports(run, running, rollouts)
            run.say("millions: a power cut midway")
            job_id, devices = _cut_midway(running, rollouts)
        with started(data_dir, seeded) as running:
            yield _goes_on(running, job_id, devices)


def _alone(run: Run, running: System, rollouts: Rollouts) -> Iterator[Row]:
    run.say("millions: filling")
    filling = Filling(running, rollouts)
    with filling.going_on():
        pass
    tasks = sum(filling.job()["counts"].values())
    seconds, mib = filling.filled_s, filling.grown_bytes / _MIB
    yield Row(f"static job over a product of {tasks:,} devices: its id", f"{filling.id_ms:.0f} ms", "at once")
    yield Row("… filled", f"{seconds:.1f} s", "≤ 15 s", seconds <= 15)
    yield Row("… memory growth meanwhile", f"{mib:.0f} MiB", "≤ 200 MB", filling.grown_bytes <= 200e6)
    running.rest.post(f"/api/v1/ota/jobs/{filling.job_id}/cancel", {})


def _beside_reports(run: Run, running: System, rollouts: Rollouts) -> Row:
    with fleet(running.server.mqtt, running.devices) as clients:
        clients.connect(at_once=200)
        quiet, beside = [], []
        capacity = _capacity(clients, rollouts, running)
        for _ in run.repeat(3, "millions: reports without and beside a job that is filled"):
            rollouts.push(clients, running.devices)
            quiet.append(paced(clients, capacity).p99_ms)
            clients.call("report_version", rollouts.version)
            rollouts.push(clients, running.devices)
            filling = Filling(running, rollouts)
            with filling.going_on():
                beside.append(paced(clients, capacity).p99_ms)
            clients.call("report_version", rollouts.before)
            running.rest.post(f"/api/v1/ota/jobs/{filling.job_id}/cancel", {})
    bar_ms = median(quiet) + 25
    name = "… p99 of reports without and beside it"
    return Row(name, f"{median(quiet):.1f} / {median(beside):.1f} ms", f"≤ {bar_ms:.1f} ms", median(beside) <= bar_ms)


def _capacity(clients: Fleet, rollouts: Rollouts, running: System) -> float:
    rollouts.push(clients, running.devices)
    capacity = Round.of(clients.call("report_progress", 0, LAST_STEP)).per_second
    clients.call("report_version", rollouts.version)
    return capacity


def _cut_midway(running: System, rollouts: Rollouts) -> tuple[int, int]:
    """Kill the server while it fills a job; return the job, and how many devices it is for (as far as is counted)."""
    rest = running.rest
    job_id = int(rest.post("/api/v1/ota/jobs", {"package_id": rollouts.package(), "need_push": False})["id"])
    while not sum(rest.get(f"/api/v1/ota/jobs/{job_id}")["counts"].values()) > 0:
        time.sleep(_POLL_S)
    devices = int(rest.get("/api/v1/devices", limit=1)["total"])
    running.server.kill()
    return job_id, devices


def _goes_on(running: System, job_id: int, devices: int) -> Row:
    rest, deadline = running.rest, time.monotonic() + _FILLED_WITHIN_S
    while (job := rest.get(f"/api/v1/ota/jobs/{job_id}"))["filled_at"] is None and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    tasks = sum(job["counts"].values())
    bar = f"≥ {devices:,}, where counting ends"
    return Row(
        "… killed midway, it goes on: tasks", f"{tasks:,}", bar, job["filled_at"] is not None and tasks >= devices
    )
