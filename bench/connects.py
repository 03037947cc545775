"""Authenticated connects, and a whole fleet that comes back at once."""

from collections.abc import Iterator

from bench.figures import Row, Run, median, milliseconds
from bench.fleet import Fleet, fleet
from bench.server import System, system

_TCP_DEVICES, _TLS_DEVICES, _RETURNING = 5_000, 1_000, 10_000


def rows(run: Run) -> Iterator[Row]:
    """Measure TCP, TLS and the return of everybody."""
    returning = run.size(_RETURNING, 500)
    with system(returning) as running:
        yield _rate(run, running, tls=False)
        yield _rate(run, running, tls=True)
        yield _return(run, running)


def _rate(run: Run, running: System, *, tls: bool) -> Row:
    name, bar = ("TLS", 300) if tls else ("TCP", 1_500)
    devices = running.devices[: run.size(_TLS_DEVICES if tls else _TCP_DEVICES, 200)]
    address = running.server.mqtt_tls if tls else running.server.mqtt
    with fleet(address, devices, tls=tls) as clients:
        rate = median(_connect(clients) for _ in run.repeat(3, f"connects over {name}"))
    return Row(f"authenticated connects over {name}", f"{rate:,.0f}/s", f"≥ {bar:,}/s", rate >= bar)


def _connect(clients: Fleet) -> float:
    phase = clients.connect(at_once=200)
    clients.drop()
    return clients.size / (phase.ended - phase.started)


def _return(run: Run, running: System) -> Row:
    with fleet(running.server.mqtt, running.devices, processes=2) as clients:
        clients.connect(at_once=500)
        times, p99s = [], []
        for _ in run.repeat(3, "everybody reconnects"):
            clients.drop()
            phase = clients.connect(at_once=clients.size)
            times.append(phase.ended - phase.started)
            p99s.append(milliseconds(phase.latencies, 99))
    seconds = median(times)
    measured = f"{seconds:.1f} s (p99 {median(p99s) / 1000:.1f} s, {phase.lost} tries failed)"
    return Row(f"{clients.size:,} reconnecting at once (TCP)", measured, "< 30 s", seconds < 30)
