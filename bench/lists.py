"""The device list while devices report, and what it does to their latency."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.figures import Row, Run, milliseconds
from bench.paced import compare
from bench.rest import Rest
from bench.server import system

_DEVICES = 100_000
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
        looker = Looker(running.rest)
        found = compare(run, running, "reports with and without the device list", looker.looking)
    p95 = milliseconds(looker.latencies, 95)
    name = f"REST list of {len(running.devices):,} devices, one page of {_PAGE_SIZE}, while {found.devices:,} report"
    yield Row(name, f"p95 {p95:.0f} ms", "p95 ≤ 100 ms", p95 <= 100)
    yield found.p99(
        f"… and the reports' p99 at {found.per_second:,.0f}/s, without and with {_PAGES_PER_SECOND} pages/s"
    )
