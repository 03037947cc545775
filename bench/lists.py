"""The device list while devices report, and what it does to their latency.

Open loop at 30 % of the capacity that was just measured: reports come at an even pace whatever the server does, once
with and once without people looking at the list, in turns.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.figures import Row, Run, median, milliseconds
from bench.fleet import Fleet, fleet
from bench.reports import CONNECTIONS, LAST_STEP, Round
from bench.rest import Rest
from bench.rollouts import Rollouts
from bench.server import system

_DEVICES = 100_000
_SHARE_OF_CAPACITY = 0.3
_RUN_S = 10
_PAGES_PER_SECOND = 20
_PAGE_SIZE = 50


class Looker:
    """Somebody who turns the pages of the device list at an even pace."""

    def __init__(self, rest: Rest) -> None:
        self.latencies: list[float] = []
        self._rest = rest
        self._stop = threading.Event()
        self._cursor: str | None = None

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look until the block ends."""
        self._stop.clear()
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _look(self) -> None:
        due = time.perf_counter()
        while not self._stop.wait(max(0.0, due - time.perf_counter())):
            where = {"cursor": self._cursor} if self._cursor else {}
            self._cursor = self._rest.get("/api/v1/devices", limit=_PAGE_SIZE, **where)["next"]
            self.latencies.append(time.perf_counter() - due)
            due += 1 / _PAGES_PER_SECOND


def rows(run: Run) -> Iterator[Row]:
    """Measure the list and the reports together."""
    with system(run.size(_DEVICES, 2_000)) as running:
        devices = running.devices[: run.size(CONNECTIONS, 100)]
        with fleet(running.server.mqtt, devices) as clients:
            clients.connect(at_once=200)
            rollouts, looker = Rollouts(running), Looker(running.rest)
            rollouts.push(clients, devices)
            capacity = Round.of(clients.call("report_progress", 0, LAST_STEP)).per_second
            clients.call("report_version", rollouts.version)
            quiet, watched = [], []
            for _ in run.repeat(5, "reports with and without the device list"):
                rollouts.push(clients, devices)
                quiet.append(paced_p99_ms(clients, capacity))
                clients.call("report_version", rollouts.version)
                rollouts.push(clients, devices)
                with looker.looking():
                    watched.append(paced_p99_ms(clients, capacity))
                clients.call("report_version", rollouts.version)
    p95 = milliseconds(looker.latencies, 95)
    name = f"REST list of {len(running.devices):,} devices, one page of {_PAGE_SIZE}, while {len(devices):,} report"
    yield Row(name, f"p95 {p95:.0f} ms", "p95 ≤ 100 ms", p95 <= 100)
    yield _unchanged(median(quiet), median(watched), capacity * _SHARE_OF_CAPACITY)


def paced_p99_ms(clients: Fleet, capacity: float) -> float:
    """Return the p99 of reports at 30 % of the capacity, counted from when each was due."""
    per_second = capacity * _SHARE_OF_CAPACITY
    steps = min(LAST_STEP, int(per_second * _RUN_S / clients.size))
    return milliseconds(clients.call("report_progress_paced", 0, max(1, steps), per_second).latencies, 99)


def _unchanged(quiet_ms: float, watched_ms: float, per_second: float) -> Row:
    bar_ms = max(1.2 * quiet_ms, quiet_ms + 10)
    name = f"… and the reports' p99 at {per_second:,.0f}/s, without and with {_PAGES_PER_SECOND} pages/s"
    return Row(name, f"{quiet_ms:.1f} / {watched_ms:.1f} ms", f"≤ {bar_ms:.1f} ms", watched_ms <= bar_ms)
