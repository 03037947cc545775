"""What something else on the server does to devices' latency.

Open loop at 30 % of the capacity that was just measured: reports come at an even pace whatever the server does, once
with and once without the disturbance, in turns.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, TypeAlias

from bench.figures import Row, Run, median, milliseconds
from bench.fleet import Fleet, fleet
from bench.reports import CONNECTIONS, LAST_STEP, Round
from bench.rollouts import Rollouts
from bench.server import System

_SHARE_OF_CAPACITY, _RUN_S = 0.3, 10
_TIMES = 5
Disturbance: TypeAlias = Callable[[], AbstractContextManager[object]]
"""Makes a block during which something else goes on."""


class Latency(NamedTuple):
    """Of reports in one run, counted from when each was due."""

    p50_ms: float
    p99_ms: float


class Compared(NamedTuple):
    """Medians over the runs without and with the disturbance, at ``per_second`` reports of ``devices``."""

    quiet: Latency
    disturbed: Latency
    per_second: float
    devices: int

    def p50(self, what: str) -> Row:
        """Return the row of the medians, which has no bar."""
        return Row(what, f"{self.quiet.p50_ms:.1f} / {self.disturbed.p50_ms:.1f} ms", "")

    def p99(self, what: str) -> Row:
        """Return the row of the 99th percentiles: a fifth more, or 10 ms, is no harm."""
        quiet_ms, disturbed_ms = self.quiet.p99_ms, self.disturbed.p99_ms
        bar_ms = max(1.2 * quiet_ms, quiet_ms + 10)
        return Row(what, f"{quiet_ms:.1f} / {disturbed_ms:.1f} ms", f"≤ {bar_ms:.1f} ms", disturbed_ms <= bar_ms)


def compare(run: Run, running: System, what: str, disturbance: Disturbance) -> Compared:
    """Let a part of the devices report at an even pace, in turns without and within a ``disturbance``."""
    devices = running.devices[: run.size(CONNECTIONS, 100)]
    quiet: list[Latency] = []
    disturbed: list[Latency] = []
    with fleet(running.server.mqtt, devices) as clients:
        clients.connect(at_once=200)
        rollouts = Rollouts(running)
        rollouts.push(clients, devices)
        capacity = Round.of(clients.call("report_progress", 0, LAST_STEP)).per_second
        clients.call("report_version", rollouts.version)
        for _ in run.repeat(_TIMES, what):
            rollouts.push(clients, devices)
            quiet.append(paced(clients, capacity))
            clients.call("report_version", rollouts.version)
            rollouts.push(clients, devices)
            with disturbance():
                disturbed.append(paced(clients, capacity))
            clients.call("report_version", rollouts.version)
    return Compared(_median(quiet), _median(disturbed), capacity * _SHARE_OF_CAPACITY, len(devices))


def paced(clients: Fleet, capacity: float) -> Latency:
    """Have a connected fleet report at 30 % of the capacity, and return its latency."""
    per_second = capacity * _SHARE_OF_CAPACITY
    steps = min(LAST_STEP, int(per_second * _RUN_S / clients.size))
    latencies = clients.call("report_progress_paced", 0, max(1, steps), per_second).latencies
    return Latency(milliseconds(latencies, 50), milliseconds(latencies, 99))


def _median(runs: Sequence[Latency]) -> Latency:
    return Latency(median(one.p50_ms for one in runs), median(one.p99_ms for one in runs))
