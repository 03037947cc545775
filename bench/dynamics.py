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
        base, plain, repeated, missed, matched = [], [], [], [], []
        for number in run.repeat(3, "dynamic job"):
            base.append(one_round_of(devices, rollouts, running))
            plain.append(_versions(devices, _alternating(f"plain-{number}")))
            job_id = _dynamic(running, rollouts, number)
            repeated.append(_versions(devices, [f"plain-{number}-0"] * LAST_STEP))
            missed.append(_versions(devices, _alternating(f"other-{number}")))
            matched.append(_versions(devices, _wanted(number)))
            running.rest.post(f"/api/v1/ota/jobs/{job_id}/cancel", {})
    yield from _rows(*(median(rates) for rates in (base, plain, repeated, missed, matched)))


def one_round_of(devices: Fleet, rollouts: Rollouts, running: System) -> float:
    """Return the rate of progress reports, as the bench of the main job measures it."""
    return one_round(running, devices, rollouts).per_second


def _dynamic(running: System, rollouts: Rollouts, number: int) -> int:
    asked = {
        "package_id": rollouts.package(),
        "selection": "DYNAMIC",
        "source_versions": _wanted(number),
        "need_push": False,
        "dynamic_mode": "new_reports",
    }
    return int(running.rest.post("/api/v1/ota/jobs", asked)["id"])


def _wanted(number: int) -> list[str]:
    """Return ten versions: of a device that reports them all, the first makes a task and the others find it there."""
    return [f"wanted-{number}-{step}" for step in range(10)]


def _alternating(name: str) -> list[str]:
    return [f"{name}-{step % 2}" for step in range(LAST_STEP)]


def _versions(devices: Fleet, versions: list[str]) -> float:
    phase = devices.call("report_versions", versions)
    return len(phase.latencies) / (phase.ended - phase.started)


def _rows(base: float, plain: float, repeated: float, missed: float, matched: float) -> Iterator[Row]:
    yield Row("version reports that are all news, without a dynamic job", f"{plain:,.0f}/s", "")
    bar = f"≥ {_SHARE:.0%} of {base:,.0f}/s progress reports"
    for what, rate in (
        ("… with one, repeated reports", repeated),
        ("… with one, news that it does not look for", missed),
        ("… with one, news that match it and make tasks", matched),
    ):
        yield Row(what, f"{rate:,.0f}/s", bar, rate >= _SHARE * base)
