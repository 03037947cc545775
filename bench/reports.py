"""Progress reports acknowledged after the commit, beside Mosquitto's bare acknowledgements."""

from collections.abc import Iterator
from typing import NamedTuple

from bench.figures import Row, Run, load_average, median, milliseconds
from bench.fleet import Fleet, fleet
from bench.load import Phase
from bench.mosquitto import mosquitto
from bench.rollouts import Rollouts
from bench.server import System, system
from tests.support.postgres import postgres_server

CONNECTIONS = 1_000
LAST_STEP = 100
_CHANGED = 'linkops_hub_reports_total{changed="yes",channel="progress"}'


class Round(NamedTuple):
    """Every connection reported every step once."""

    per_second: float
    p50_ms: float
    p99_ms: float
    changed: float = 0.0

    @classmethod
    def of(cls, phase: Phase, changed: float = 0.0) -> "Round":
        """Return the figures of a phase in which ``changed`` reports changed a row."""
        count = len(phase.latencies)
        p50, p99 = (milliseconds(phase.latencies, percent) for percent in (50, 99))
        return cls(count / (phase.ended - phase.started), p50, p99, changed / count)


def one_round(running: System, devices: Fleet, rollouts: Rollouts) -> Round:
    """Roll the next version out to a connected fleet, measure its progress reports, and end the update."""
    rollouts.push(devices)
    before = running.rest.metric(_CHANGED)
    phase = devices.call("report_progress", 0, LAST_STEP)
    figures = Round.of(phase, running.rest.metric(_CHANGED) - before)
    devices.call("report_version", rollouts.version)
    return figures


def rows(run: Run) -> Iterator[Row]:
    """Measure SQLite and Mosquitto in turns, then PostgreSQL."""
    size = run.size(CONNECTIONS, 100)
    with (
        system(size) as running,
        mosquitto() as broker,
        fleet(broker, running.devices) as bare,
        fleet(running.server.mqtt, running.devices) as devices,
    ):
        bare.connect(at_once=200)
        devices.connect(at_once=200)
        rollouts = Rollouts(running)
        base, ours = [], []
        for _ in run.repeat(5, "progress reports on SQLite, and Mosquitto"):
            base.append(Round.of(bare.call("report_progress", 0, LAST_STEP)))
            ours.append(one_round(running, devices, rollouts))
    yield from _sqlite_rows(ours, base)
    yield _postgres_row(run, size)


def _sqlite_rows(ours: list[Round], base: list[Round]) -> Iterator[Row]:
    rate, base_rate = (median(each.per_second for each in rounds) for rounds in (ours, base))
    p50, p99 = median(each.p50_ms for each in ours), median(each.p99_ms for each in ours)
    changed = min(each.changed for each in ours)
    name = "QoS 1 progress reports acknowledged after commit, SQLite"
    yield Row(name, f"{rate:,.0f}/s (load average {load_average():.1f})", "≥ 10,000/s", rate >= 10_000)
    ratio = rate / base_rate
    yield Row("… beside Mosquitto's bare PUBACKs", f"{ratio:.2f} of {base_rate:,.0f}/s", "≥ 0.2", ratio >= 0.2)
    yield Row("… latency p50 / p99", f"{p50:.0f} / {p99:.0f} ms", "p99 ≤ 250 ms", p99 <= 250)
    yield Row("… that changed a row", f"{changed:.1%}", "≥ 95 %", changed >= 0.95)


def _postgres_row(run: Run, size: int) -> Row:
    with postgres_server() as postgres:
        url = postgres.url(postgres.create())
        with system(size, database_url=url) as running, fleet(running.server.mqtt, running.devices) as devices:
            devices.connect(at_once=200)
            rollouts = Rollouts(running)
            repeat = run.repeat(3, "progress reports on PostgreSQL")
            rounds = [one_round(running, devices, rollouts) for _ in repeat]
    rate, p99 = median(each.per_second for each in rounds), median(each.p99_ms for each in rounds)
    return Row("… on PostgreSQL", f"{rate:,.0f}/s, p99 {p99:.0f} ms", "≥ 5,000/s", rate >= 5_000)
