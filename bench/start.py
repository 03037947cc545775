"""How long a server takes to be ready, and what it needs when nothing happens."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Row, Run, median
from bench.seed import seed
from bench.server import started

_DEVICES = 1_000
_IDLE_AFTER_S = 3.0


def rows(run: Run) -> Iterator[Row]:
    """Start a server several times; the first start, which makes keys, does not count."""
    with tempfile.TemporaryDirectory(prefix="linkops-bench-") as folder:
        data_dir = Path(folder) / "data"
        seeded = seed(data_dir, str(data_dir / "linkops.db"), _DEVICES)
        with started(data_dir, seeded, console=False):
            pass
        seconds, resident = [], []
        for _ in run.repeat(3, "starts"):
            with started(data_dir, seeded, console=False) as running:
                time.sleep(_IDLE_AFTER_S)
                seconds.append(running.started_s)
                resident.append(running.process.resident_bytes())
    ready_s, idle_mb = median(seconds), median(resident) / 1e6
    yield Row("start to ready, without console (not the first)", f"{ready_s:.2f} s", "≤ 2 s", ready_s <= 2)
    yield Row("idle memory, without console", f"{idle_mb:.0f} MB", "≤ 120 MB", idle_mb <= 120)
