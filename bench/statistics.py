"""What people look at of a job over a large fleet: its tasks, its summary, the charts, its results as CSV."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.ended import database_in, end, register
from bench.figures import Row, Run, milliseconds
from bench.rollouts import Rollouts
from bench.seed import seed
from bench.server import System, started
from linkops.db.database import READERS

_TASKS, _LOOKS, _PAGE = 1_000_000, 200, 50
_FILTERS: tuple[dict[str, str | int], ...] = (
    {},
    {"order": "newest"},
    {"status": "SUCCEEDED"},
    {"status": "FAILED", "order": "newest"},
    {"failure_kind": "timeout"},
    {"device_name_prefix": "more-09"},
)
_MIB = 2**20
_CACHE_MIB = 16  # of each reader of SQLite


def rows(run: Run) -> Iterator[Row]:
    """Seed a job of which most tasks have ended, and look at it from every side."""
    with tempfile.TemporaryDirectory(prefix="linkops-bench-") as folder:
        data_dir = Path(folder) / "data"
        seeded = seed(data_dir, database_in(data_dir), 1)
        run.say("statistics: making the fleet")
        asyncio.run(register(database_in(data_dir), run.size(_TASKS, 5_000) - 1))
        with started(data_dir, seeded) as running:
            rollouts = Rollouts(running)
            job_id = rollouts.start(rollouts.package())
            rollouts.wait_until_filled(job_id)
        run.say("statistics: ending updates")
        asyncio.run(end(database_in(data_dir)))
        with started(data_dir, seeded) as running:
            run.say("statistics: looking")
            yield from _looks(run, running, job_id)
            yield from _results(run, running, job_id)


def _looks(run: Run, running: System, job_id: int) -> Iterator[Row]:
    rest, product, job = running.rest, running.product_key, f"/api/v1/ota/jobs/{job_id}"
    total = sum(rest.get(job)["counts"].values())
    cursors: dict[int, str | None] = {}

    def tasks(number: int) -> None:
        which = number % len(_FILTERS)
        where = {"cursor": cursor} if (cursor := cursors.get(which)) else {}
        cursors[which] = rest.get(f"{job}/tasks", limit=_PAGE, **_FILTERS[which], **where)["next"]

    statistics = "/api/v1/ota/statistics"
    charts: list[tuple[str, dict[str, str | int]]] = [
        ("versions", {"product_key": product}),
        ("versions/devices", {"product_key": product, "version": "1.0.0"}),
        ("versions/devices", {"product_key": product}),
        ("outcomes", {"product_key": product}),
        ("outcomes", {"job_id": job_id, "order": "failed"}),
        ("outcomes", {}),
    ]

    def chart(number: int) -> None:
        path, query = charts[number % len(charts)]
        rest.get(f"{statistics}/{path}", **query)

    at = f"at {total:,} tasks"
    yield _look(run, f"a page of {_PAGE} tasks {at}, by every filter", tasks, 50)
    yield _look(run, f"a job's summary {at}", lambda _: rest.get(f"{job}/summary"), 50)
    yield _look(run, f"statistics {at}, each kind", chart, 300)


def _look(run: Run, what: str, look: Callable[[int], object], bar_ms: int) -> Row:
    seconds = []
    for number in range(run.size(_LOOKS, 12)):
        began = time.perf_counter()
        look(number)
        seconds.append(time.perf_counter() - began)
    p50, p95 = milliseconds(seconds, 50), milliseconds(seconds, 95)
    return Row(what, f"p50 {p50:.0f} ms, p95 {p95:.0f} ms", f"p95 ≤ {bar_ms} ms", p95 <= bar_ms)


def _results(run: Run, running: System, job_id: int) -> Iterator[Row]:
    path = f"/api/v1/ota/jobs/{job_id}/tasks.csv"
    run.say("results as CSV")
    began = time.perf_counter()
    lines, size, cold = _read(running, path)
    seconds = time.perf_counter() - began
    *_, warm = _read(running, path)
    name = f"results of a job as CSV, {lines:,} lines, {size / _MIB:.0f} MiB"
    yield Row(name, f"{lines / seconds:,.0f} lines/s", "")
    # Reading a whole table fills the page cache of each reader that takes part, once: they are the bound.
    caches = READERS * _CACHE_MIB
    what = f"… and the memory that takes, with the page caches of {READERS} readers"
    yield Row(what, f"{cold / _MIB:.0f} MiB", f"≤ {caches} MiB", cold <= caches * _MIB)
    yield Row("… more, when it is read again", f"{warm / _MIB:.1f} MiB", "")


def _read(running: System, path: str) -> tuple[int, int, int]:
    """Return the lines and bytes of a file, and by how many bytes the server's memory grew at most meanwhile."""
    before, most, lines, size = running.process.resident_bytes(), 0, 0, 0
    for number, piece in enumerate(running.rest.pieces(path)):
        lines += piece.count(b"\n")
        size += len(piece)
        if number % 100 == 0:
            most = max(most, running.process.resident_bytes() - before)
    return lines, size, most
