"""Messages on custom topics: acknowledged without the database, whether the product has rules about them or not."""

from collections.abc import Iterator

from bench.figures import Row, Run, median, milliseconds
from bench.fleet import Fleet, fleet
from bench.server import System, system
from linkops.devices.topics.model import MAX_RULES

CONNECTIONS, MESSAGES = 1_000, 100
_OPEN: list[dict[str, str]] = []
_NARROW = [
    *({"path": f"telemetry/{number}/+", "access": "both"} for number in range(MAX_RULES - 1)),
    {"path": "update", "access": "publish"},
]


def rows(run: Run) -> Iterator[Row]:
    """Measure a product without rules and with as many as it may have in turns."""
    size = run.size(CONNECTIONS, 100)
    with system(size, messages_per_second=1_000_000) as running, fleet(running.server.mqtt, running.devices) as devices:
        devices.connect(at_once=200)
        plain, ruled = [], []
        for _ in run.repeat(5, "custom messages"):
            plain.append(_round(running, devices, _OPEN))
            ruled.append(_round(running, devices, _NARROW))
        rate, p99 = (median(each[place] for each in plain) for place in (0, 1))
        yield Row("QoS 1 messages on custom topics", f"{rate:,.0f}/s, p99 {p99:.0f} ms", "", None)
        rate, p99 = (median(each[place] for each in ruled) for place in (0, 1))
        yield Row(f"… with {MAX_RULES} rules", f"{rate:,.0f}/s, p99 {p99:.0f} ms", "", None)


def _round(running: System, devices: Fleet, rules: list[dict[str, str]]) -> tuple[float, float]:
    running.rest.put(f"/api/v1/products/{running.product_key}/topics", {"rules": rules})
    phase = devices.call("publish_custom", MESSAGES)
    return len(phase.latencies) / (phase.ended - phase.started), milliseconds(phase.latencies, 99)
