"""The real server in a process of its own, on a seeded database, and what the kernel says about that process."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.rest import Rest
from bench.seed import Seed, seed
from tests.support.server import Server, running_server

_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Process:
    """What a process uses."""

    def __init__(self, pid: int) -> None:
        self._folder = Path(f"/proc/{pid}")

    def resident_bytes(self) -> int:
        """Return its memory, what it shares with other processes counted in parts (Pss)."""
        lines = (self._folder / "smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))

    def cpu_s(self) -> float:
        """Return the seconds that it computed, in user and in kernel mode."""
        fields = (self._folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS


class System:
    """A running server, what is in it, and how to talk to it.

    Attributes:
        started_s: from the start of the process until its doors were open.
    """

    def __init__(self, server: Server, seeded: Seed, started_s: float) -> None:
        self.server = server
        self.devices = seeded.devices
        self.product_key = seeded.product_key
        self.started_s = started_s
        self.process = Process(server.process.pid)
        self.password = seeded.password
        self.rest = Rest(server.http, seeded.password)


@contextmanager
def system(devices: int, **settings: object) -> Iterator[System]:
    """Run a server over so many devices of one product, on SQLite unless its settings say otherwise."""
    with tempfile.TemporaryDirectory(prefix="linkops-bench-") as folder:
        data_dir = Path(folder) / "data"
        seeded = seed(data_dir, str(settings.get("database_url", data_dir / "linkops.db")), devices)
        with started(data_dir, seeded, **settings) as running:
            yield running


@contextmanager
def started(data_dir: Path, seeded: Seed, **settings: object) -> Iterator[System]:
    """Run a server on a folder that is seeded."""
    began = time.perf_counter()
    with running_server(data_dir, data_dir.with_name("server.log"), **settings) as server:
        yield System(server, seeded, time.perf_counter() - began)
