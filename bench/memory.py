"""What an idle connection costs the server, and how many it holds."""

import time
from collections.abc import Iterator

from bench.figures import Row, Run
from bench.fleet import Fleet, fleet
from bench.server import System, system

_HELD, _TLS_DEVICES = 19_500, 2_000
_SETTLE_S = 3.0
_KIB = 1024


def rows(run: Run) -> Iterator[Row]:
    """Measure TCP and TLS, each on a server of its own, whose heap nobody has used before."""
    with system(run.size(_HELD, 500)) as running:
        run.say("idle connections over TCP")
        with fleet(running.server.mqtt, running.devices, processes=2) as clients:
            cost = _cost(running, clients)
            held = int(running.rest.metric("linkops_hub_connections"))
    yield Row("memory per idle connection, TCP", f"{cost / _KIB:.1f} KiB", "≤ 12 KiB", cost <= 12 * _KIB)
    yield Row("connections held by one process", f"{held:,}", f"{clients.size:,}", held >= clients.size)
    with system(run.size(_TLS_DEVICES, 200)) as running:
        run.say("idle connections over TLS")
        with fleet(running.server.mqtt_tls, running.devices, tls=True) as clients:
            cost = _cost(running, clients)
    yield Row("memory per idle connection, TLS", f"{cost / _KIB:.1f} KiB", "≤ 64 KiB", cost <= 64 * _KIB)


def _cost(running: System, clients: Fleet) -> float:
    before = running.process.resident_bytes()
    clients.connect(at_once=500)
    time.sleep(_SETTLE_S)
    return (running.process.resident_bytes() - before) / clients.size
