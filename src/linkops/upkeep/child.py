"""The process that writes one backup: ``python -m linkops.upkeep.child``.

Reads its `Order` from standard input and writes a line of JSON per step to standard output, the last one an `Outcome`.
Packing takes a core for as long as it lasts, which in the server's own process devices would feel.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

import msgspec

from linkops.upkeep.archive import KEY, BackupFailed, Place, write_backup

_NICENESS = 10
_PR_SET_PDEATHSIG = 1
_TOLD_STEPS = 100


class Order(msgspec.Struct, frozen=True):
    """What to write, and where."""

    data_dir: str
    database_url: str | None
    file: str
    with_key: bool


class Step(msgspec.Struct, frozen=True, tag=True):
    """How many bytes of how many are in the archive."""

    done_bytes: int
    all_bytes: int


class Outcome(msgspec.Struct, frozen=True, tag=True):
    """How it ended: with a backup that has the master key or not, or why there is none."""

    why_not: str = ""
    holds_key: bool = False


Line = Step | Outcome


class _Teller:
    """Says how far it is, about once a percent."""

    def __init__(self) -> None:
        self._told = -1

    def tell(self, done_bytes: int, all_bytes: int) -> None:
        step = _TOLD_STEPS * done_bytes // max(1, all_bytes)
        if step != self._told:
            self._told = step
            _say(Step(done_bytes, all_bytes))


def _say(line: Line) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Do what the order on standard input says."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # a server that is killed leaves nobody behind
    os.nice(_NICENESS)
    os.umask(0o077)
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    place = Place(Path(order.data_dir), order.database_url)
    try:
        names = write_backup(place, Path(order.file), with_key=order.with_key, tell=_Teller().tell)
    except (BackupFailed, OSError) as failed:
        _say(Outcome(why_not=str(failed)))
        return
    _say(Outcome(holds_key=KEY in names))


if __name__ == "__main__":
    main()
