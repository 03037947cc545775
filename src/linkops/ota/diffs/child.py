"""The process that makes one patch: ``python -m linkops.ota.diffs.child``.

Reads its `Order` from standard input and writes a line of JSON per step to standard output, the last one an `Outcome`.
It works under limits of its own, since how much memory and time a comparison takes depends on what was uploaded.
"""

import ctypes
import errno
import hashlib
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from linkops.ota.diffs.model import Compression, Stage

_PIECE_BYTES = 2**20
_FILE_BYTES = 2 * 2**30
_OPEN_FILES = 64
_NICENESS = 10
_PR_SET_PDEATHSIG = 1

# What detools logs when a part of its work is done, and how much of the whole that is (120 MB: 11.4 s and 0.9 s).
_MILESTONES = {"Suffix array": 50, "Bsdiff": 65, "Compression": 85}


class Order(msgspec.Struct, frozen=True):
    """What to make; digests in lower-case hexadecimal, files by path."""

    before: str
    before_sha256: str
    after: str
    after_sha256: str
    patch: str
    compression: Compression
    max_memory_bytes: int
    cpu_s: int


class Step(msgspec.Struct, frozen=True, tag=True):
    """How far the work is, in percent."""

    stage: Stage
    progress: int


class Outcome(msgspec.Struct, frozen=True, tag=True):
    """How the work ended: '' well, else the code of why not."""

    code: str


Line = Step | Outcome


class NotMade(Exception):  # noqa: N818 - says what is the case
    """There is no patch, or none that may be offered; the text is the code of why."""


def make(order: Order, tell: Callable[[Step], None]) -> None:
    """Write the patch of an order and prove it.

    Raises:
        NotMade: an image is not what it should be, or the patch does not bring it about.
    """
    tell(Step(Stage.COMPARING, 10))
    for path, digest in ((order.before, order.before_sha256), (order.after, order.after_sha256)):
        if digest_of(Path(path)) != digest:
            raise NotMade("diff.image_damaged")
    compare(order)
    tell(Step(Stage.PROVING, 88))
    prove(Path(order.before), Path(order.patch), Path(order.patch + ".proof"), order.after_sha256)


def compare(order: Order) -> None:
    """Write the patch of an order."""
    import detools  # noqa: PLC0415 - an optional extra

    with (
        Path(order.before).open("rb") as before,
        Path(order.after).open("rb") as after,
        Path(order.patch).open("w+b") as patch,
    ):
        detools.create_patch(before, after, patch, compression=str(order.compression))


def prove(before: Path, patch: Path, proof: Path, after_sha256: str) -> None:
    """Apply a patch as a device does and do nothing if the result is what it should be.

    Raises:
        NotMade: it is not, or the patch cannot be applied.
    """
    import detools  # noqa: PLC0415 - an optional extra

    try:
        with before.open("rb") as source, patch.open("rb") as changes, proof.open("w+b") as result:
            detools.apply_patch(source, changes, result)
    except (MemoryError, OSError):
        raise
    except Exception as error:  # whatever a damaged patch makes of a decoder
        raise NotMade("diff.not_proven") from error
    if digest_of(proof) != after_sha256:
        raise NotMade("diff.not_proven")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Milestones(logging.Handler):
    """Turns what detools logs into steps."""

    def __init__(self, tell: Callable[[Step], None]) -> None:
        super().__init__(logging.INFO)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        said = str(record.msg)
        for beginning, progress in _MILESTONES.items():
            if said.startswith(beginning):
                self._tell(Step(Stage.COMPARING, progress))


def _limit(order: Order) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, order.max_memory_bytes),
        (resource.RLIMIT_CPU, order.cpu_s),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    # Devices come first.
    os.nice(_NICENESS)
    # A server that is killed takes us along: nobody else would stop this.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _write(line: Line) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Make what the first line of standard input orders."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    _limit(order)
    logger = logging.getLogger("detools")
    logger.setLevel(logging.INFO)
    logger.addHandler(_Milestones(_write))
    try:
        make(order, _write)
    except NotMade as why:
        _write(Outcome(str(why)))
    except (MemoryError, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.ENOMEM:
            raise
        _write(Outcome("diff.too_much_memory"))
    else:
        _write(Outcome(""))


if __name__ == "__main__":
    main()
