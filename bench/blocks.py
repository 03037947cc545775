"""Downloads by blocks over MQTT: many devices at once, each with one block in flight."""

import os
import time
from collections.abc import Iterator, Sequence

from bench.block_load import BlockLoad
from bench.figures import Row, Run, load_average, median, milliseconds
from bench.fleet import fleet
from bench.server import System, system
from bench.wire import Credential

_DEVICES, _FILE_BYTES, _BLOCK_BYTES, _ROUNDS = 100, 16 * 2**20, 10 * 1_024, 3
_LEAST_MB_PER_S = 30
_FILLED_WITHIN_S = 60.0


def rows(run: Run) -> Iterator[Row]:
    """Measure the bytes of blocks that arrive in a second, of all devices together."""
    file_bytes = run.size(_FILE_BYTES, 2**20)
    with system(run.size(_DEVICES, 10)) as running:
        streams = _streams(running, os.urandom(file_bytes))
        rates, p99s, cpus = [], [], []
        for _ in run.repeat(_ROUNDS, "downloads by blocks"):
            rate, p99, cpu = _round(running, running.devices, streams, file_bytes)
            rates.append(rate)
            p99s.append(p99)
            cpus.append(cpu)
    rate = median(rates)
    fleet_of = f"{file_bytes / 2**20:.0f} MiB, {len(streams)} devices at once"
    name = f"MQTT block download, {fleet_of}, 10 KiB blocks, one in flight each"
    measured = f"{rate:,.0f} MB/s in all, {median(cpus):.0%} of a core (load average {load_average():.1f})"
    yield Row(name, measured, f"≥ {_LEAST_MB_PER_S} MB/s", met=rate >= _LEAST_MB_PER_S)
    yield Row("… latency p99 of a block", f"{median(p99s):.0f} ms", "")


def _round(
    running: System, devices: Sequence[Credential], streams: dict[str, int], file_bytes: int
) -> tuple[float, float, float]:
    """Return MB/s, the 99th percentile of a block in ms, and how much of one core the server used."""
    with fleet(running.server.mqtt, devices, load_type=BlockLoad) as clients:
        clients.connect(at_once=50)
        before_s = running.process.cpu_s()
        phase = clients.call("download", streams, file_bytes, _BLOCK_BYTES)
        used_s = running.process.cpu_s() - before_s
    seconds = phase.ended - phase.started
    return len(devices) * file_bytes / seconds / 1e6, milliseconds(phase.latencies, 99), used_s / seconds


def _streams(running: System, content: bytes) -> dict[str, int]:
    """Roll a file out to all devices, and return the id of each one's task by its name."""
    upload_id = running.rest.upload("firmware.bin", content)
    new = {"product_key": running.product_key, "name": "bench", "version": "2", "upload_id": upload_id}
    package_id = running.rest.post("/api/v1/ota/packages", new)["id"]
    job_id = running.rest.post("/api/v1/ota/jobs", {"package_id": package_id, "targets": "ALL"})["id"]
    deadline = time.monotonic() + _FILLED_WITHIN_S
    while running.rest.get(f"/api/v1/ota/jobs/{job_id}")["filled_at"] is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"job {job_id} is not filled after {_FILLED_WITHIN_S:.0f} s")
        time.sleep(0.05)
    tasks = running.rest.get(f"/api/v1/ota/jobs/{job_id}/tasks", limit=len(running.devices))["items"]
    return {task["device_name"]: task["id"] for task in tasks}
