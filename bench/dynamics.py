"""Version reports while a dynamic job looks for versions, beside progress reports without one."""

from collections.abc import Iterator

from bench.figures import Row, Run, median
from bench.fleet import Fleet, fleet
from bench.reports import CONNECTIONS, LAST_STEP, one_round
from bench.rollouts import Rollouts
from bench.server import System, system

_DEVICES = 20_000
_SHARE = 0.8


def rows(run: Run) -> Iterator[Row]:
    """Measure what the bench of the main job measures, then version reports of devices that match and that do not."""
    connections = run.size(CONNECTIONS, 100)
    with (
        system(run.size(_DEVICES, 400)) as running,
        fleet(running.server.mqtt, running.devices[:connections]) as devices,
    ):
        devices.connect(at_once=200)
        rollouts = Rollouts(running)
        base, plain, missed, matched = [], [], [], []
        for number in run.repeat(3, "dynamic job"):
            base.append(one_round_of(devices, rollouts, running))
            plain.append(_versions(devices, f"plain-{number}", LAST_STEP))
            job_id = _dynamic(running, rollouts, number)
            missed.append(_versions(devices, f"other-{number}", LAST_STEP))
            matched.append(_matching(devices, number))
            running.rest.post(f"/api/v1/ota/jobs/{job_id}/cancel", {})
    yield from _rows(median(base), median(plain), median(missed), median(matched))


def one_round_of(devices: Fleet, rollouts: Rollouts, running: System) -> float:
    """Return the rate of progress reports, as the bench of the main job measures it."""
    return one_round(running, devices, rollouts).per_second


def _dynamic(running: System, rollouts: Rollouts, number: int) -> int:
    wanted = [f"wanted-{number}-{step}" for step in range(10)]
    asked = {
        "package_id": rollouts.package(),
        "selection": "DYNAMIC",
        "source_versions": wanted,
        "need_push": False,
        "dynamic_mode": "new_reports",
    }
    return int(running.rest.post("/api/v1/ota/jobs", asked)["id"])


def _versions(devices: Fleet, name: str, times: int) -> float:
    phase = devices.call("report_versions", [f"{name}-{step % 2}" for step in range(times)])
    return len(phase.latencies) / (phase.ended - phase.started)


def _matching(devices: Fleet, number: int) -> float:
    """Report ten matching versions, one after the other: the first makes a task, the others find it unfinished."""
    phase = devices.call("report_versions", [f"wanted-{number}-{step}" for step in range(10)])
    return len(phase.latencies) / (phase.ended - phase.started)


def _rows(base: float, plain: float, missed: float, matched: float) -> Iterator[Row]:
    yield Row("version reports that change a row, without a dynamic job", f"{plain:,.0f}/s", "")
    bar = f"≥ {_SHARE:.0%} of {base:,.0f}/s progress reports"
    yield Row("… with one that they do not match", f"{missed:,.0f}/s", bar, missed >= _SHARE * base)
    yield Row("… that match it and make tasks", f"{matched:,.0f}/s", bar, matched >= _SHARE * base)
