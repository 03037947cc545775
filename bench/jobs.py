"""A job over a large fleet, and how fast it reaches who is connected."""

import time
from collections.abc import Iterator

from bench.figures import Row, Run, median
from bench.fleet import fleet
from bench.rollouts import Rollouts
from bench.server import System, system

_DEVICES, _CONNECTED = 100_000, 10_000


def rows(run: Run) -> Iterator[Row]:
    """Push to the connected part of a fleet, then create a job over all of it."""
    with system(run.size(_DEVICES, 2_000)) as running:
        rollouts = Rollouts(running)
        yield _pushes(run, running, rollouts)
        run.say("a job over all devices")
        package_id = rollouts.package()
        began = time.perf_counter()
        rollouts.wait_until_filled(rollouts.start(package_id))
        seconds = time.perf_counter() - began
    name = f"job over {len(running.devices):,} devices created, with every task"
    yield Row(name, f"{seconds:.1f} s", "≤ 3 s", seconds <= 3)


def _pushes(run: Run, running: System, rollouts: Rollouts) -> Row:
    connected = running.devices[: run.size(_CONNECTED, 500)]
    rates = []
    with fleet(running.server.mqtt, connected, processes=2) as clients:
        clients.connect(at_once=500)
        for _ in run.repeat(3, "pushes"):
            asked, pushes = rollouts.push(clients, connected)
            rates.append(len(pushes) / (pushes[-1] - asked))
            clients.call("report_version", rollouts.version)
    rate = median(rates)
    name = f"pushes to {len(connected):,} connected devices, from creating the job to the last push"
    return Row(name, f"{rate:,.0f}/s", "≥ 3,000/s", rate >= 3_000)
