"""Backups made one after the other while devices report: how long one takes, and what it does to their latency."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.figures import Row, Run, median
from bench.paced import compare
from bench.server import System, system

_DEVICES, _PACKAGES_BYTES, _PIECE_BYTES = 100_000, 256 * 2**20, 2**20
_BACKUPS, _LOOK_EVERY_S = "/api/v1/backups", 0.25


class Keeper:
    """Somebody who has one backup made after the other, and throws them away: the folder takes only so many.

    Attributes:
        seconds: how long each took.
    """

    def __init__(self, running: System) -> None:
        self.seconds: list[float] = []
        self.file_bytes = 0
        self._rest = running.rest
        self._folder = running.server.data_dir / "backups"
        self._stop = threading.Event()
        self._fault: Exception | None = None

    @contextmanager
    def backing_up(self) -> Iterator[None]:
        """Have backups made until the block ends; the last one is waited for, and none may have failed."""
        self._stop.clear()
        thread = threading.Thread(target=self._keep_on)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()
        if self._fault is not None:
            raise self._fault

    def _keep_on(self) -> None:
        try:
            while not self._stop.is_set():
                self._make_one()
        except Exception as fault:  # noqa: BLE001 - told by whoever waits for the thread
            self._fault = fault

    def _make_one(self) -> None:
        begun = time.perf_counter()
        file = self._folder / self._rest.post(_BACKUPS, {})["name"]
        while not (making := self._rest.get(_BACKUPS)["making"])["ended"]:
            time.sleep(_LOOK_EVERY_S)
        if making["why_not"]:
            raise RuntimeError(f"no backup was made: {making['why_not']}")
        self.seconds.append(time.perf_counter() - begun)
        self.file_bytes = file.stat().st_size
        file.unlink()


def rows(run: Run) -> Iterator[Row]:
    """Measure backups and reports together."""
    with system(run.size(_DEVICES, 2_000)) as running:
        _fill(running, run.size(_PACKAGES_BYTES, 4 * _PIECE_BYTES))
        keeper = Keeper(running)
        found = compare(run, running, "reports with and without a backup", keeper.backing_up)
    size = f"{keeper.file_bytes / 1e6:,.0f} MB"
    what = f"backup of {len(running.devices):,} devices and their packages, {size}, while {found.devices:,} report"
    yield Row(what, f"{median(keeper.seconds):.1f} s, {len(keeper.seconds)} made", "")
    name = f"… and the reports at {found.per_second:,.0f}/s, without and with it"
    yield found.p50(f"{name}: p50")
    yield found.p99(f"{name}: p99")


def _fill(running: System, size_bytes: int) -> None:
    """Put as much beside the packages as a server has after some years; like firmware, it does not get smaller."""
    with open(running.server.data_dir / "blobs" / "ballast", "wb") as file:
        file.writelines(os.urandom(_PIECE_BYTES) for _ in range(size_bytes // _PIECE_BYTES))
