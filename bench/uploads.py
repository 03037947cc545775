"""Files that devices upload by blocks over MQTT: one device alone, and many at once, each with one block in flight."""

from collections.abc import Iterator

from bench.figures import Row, Run, load_average, median, milliseconds
from bench.fleet import Fleet, fleet
from bench.server import System, system
from bench.upload_load import UploadLoad

_DEVICES, _ROUNDS = 100, 2
_FILE_BYTES, _MOST_BLOCKS = 2 * 2**20, 128
_BLOCKS = (2 * 2**10, 32 * 2**10, 128 * 2**10)
_NO_QUOTA = {
    "bytes_per_second": 2**30,
    "messages_per_second": 100_000,
    "max_file_bytes_per_device": 2**30,
    "max_device_files_bytes": 2**36,
}


def rows(run: Run) -> Iterator[Row]:
    """Measure the bytes that are on disk and acknowledged in a second."""
    devices, file_bytes = run.size(_DEVICES, 10), run.size(_FILE_BYTES, 2**19)
    with (
        system(devices, **_NO_QUOTA) as running,
        fleet(running.server.mqtt, running.devices, load_type=UploadLoad) as clients,
    ):
        clients.connect(at_once=50)
        for uploading in (1, devices):
            for block_bytes in _BLOCKS:
                size_bytes = min(file_bytes, _MOST_BLOCKS * block_bytes)
                yield _row(run, running, clients, uploading, size_bytes, block_bytes)


def _row(run: Run, running: System, clients: Fleet, devices: int, file_bytes: int, block_bytes: int) -> Row:
    rates, p99s, cpus = [], [], []
    names = frozenset(credential.device_name for credential in running.devices[:devices])
    for _ in run.repeat(_ROUNDS, f"uploads of {devices} devices"):
        before_s = running.process.cpu_s()
        phase = clients.call("upload", file_bytes, block_bytes, names)
        seconds = phase.ended - phase.started
        rates.append(devices * file_bytes / seconds / 1e6)
        p99s.append(milliseconds(phase.latencies, 99))
        cpus.append((running.process.cpu_s() - before_s) / seconds)
    name = f"MQTT upload, {devices} at once, blocks of {block_bytes // 2**10} KiB, on disk when acknowledged"
    measured = (
        f"{median(rates):,.1f} MB/s, p99 of a block {median(p99s):.0f} ms, {median(cpus):.0%} of a core "
        f"(load average {load_average():.1f})"
    )
    return Row(name, measured, "")
