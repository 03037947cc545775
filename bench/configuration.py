"""Configuration pushed to ten thousand connected devices, and pulled by a thousand."""

import json
import time
from collections.abc import Iterator

from bench.figures import Row, Run, load_average, median, milliseconds
from bench.fleet import Fleet, fleet
from bench.load import Load, Phase
from bench.server import System, system
from bench.wire import Credential
from linkops.alink.topics import Channel, topic_for

_DEVICES, _PULLING = 10_000, 1_000
_PULLS_EACH, _ROUNDS = 10, 3
_WITHIN_S, _MOST_PUSH_S, _LEAST_PULLS_PER_S = 60.0, 5.0, 2_000
_MIB = 2**20
_PULL = b'{"id":"1","params":{"configScope":"product","getType":"file"}}'
_DOCUMENT = {f"setting {number}": number for number in range(200)}


class ConfigLoad(Load):
    """Connections that ask for their configuration."""

    async def pull(self, times: int) -> Phase:
        """Ask ``times`` times on every connection, each once the one before is acknowledged."""
        return await self._publish([_PULL] * times, _topic)


def _topic(credential: Credential) -> bytes:
    topic = topic_for(Channel.CONFIG_GET, credential.product_key, credential.device_name).encode()
    return len(topic).to_bytes(2, "big") + topic


def rows(run: Run) -> Iterator[Row]:
    """Measure both on one server on SQLite."""
    settings = {"config_push_interval_s": 0}
    with system(run.size(_DEVICES, 200), **settings) as running:
        _switch_on(running)
        with fleet(running.server.mqtt, running.devices, processes=2, load_type=ConfigLoad) as clients:
            clients.connect(at_once=500)
            yield from _pushes(run, running, clients)
        few = running.devices[: run.size(_PULLING, 50)]
        with fleet(running.server.mqtt, few, load_type=ConfigLoad) as clients:
            clients.connect(at_once=200)
            yield from _pulls(run, clients)


def _switch_on(running: System) -> None:
    running.rest.put(f"{_path(running)}/switch", {"enabled": True})


def _save(running: System, version: int) -> None:
    content = json.dumps({**_DOCUMENT, "version": version})
    running.rest.put(f"{_path(running)}/document", {"content": content, "base_version": version})


def _path(running: System) -> str:
    return f"/api/v1/products/{running.product_key}/configuration"


def _pushes(run: Run, running: System, clients: Fleet) -> Iterator[Row]:
    took, grown, reached = [], [], []
    for number in run.repeat(_ROUNDS, f"push to {clients.size:,} devices"):
        _save(running, number)
        before = running.process.resident_bytes()
        clients.start("await_pushes", _WITHIN_S)
        began = time.perf_counter()
        running.rest.post(f"{_path(running)}/pushes", {})
        moments = clients.pushes()
        took.append(moments[-1] - began)
        reached.append(len(moments))
        grown.append((running.process.resident_bytes() - before) / _MIB)
    slowest = median(took)
    what = f"push of a configuration to {clients.size:,} connected devices"
    measured = f"{slowest:.1f} s, {min(reached):,} reached (load average {load_average():.1f})"
    met = slowest <= _MOST_PUSH_S and min(reached) >= clients.size
    yield Row(what, measured, f"≤ {_MOST_PUSH_S:g} s", met)
    yield Row("… memory that grows by it, the first time and later", " / ".join(f"{g:.0f} MiB" for g in grown), "")


def _pulls(run: Run, clients: Fleet) -> Iterator[Row]:
    phases = [clients.call("pull", _PULLS_EACH) for _ in run.repeat(_ROUNDS, "pulls of configuration")]
    rate = median(len(phase.latencies) / (phase.ended - phase.started) for phase in phases)
    p99 = median(milliseconds(phase.latencies, 99) for phase in phases)
    what = f"pulls of configuration answered, {clients.size:,} connections"
    measured = f"{rate:,.0f}/s, p99 {p99:.0f} ms (load average {load_average():.1f})"
    yield Row(what, measured, f"≥ {_LEAST_PULLS_PER_S:,}/s", rate >= _LEAST_PULLS_PER_S)
