"""Long answers on their way into a file: whole or not at all."""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer

from linkops.cli.failures import CommandFailed

CsvFile = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", dir_okay=False, help="Write the whole table there as CSV.")
]


def save(pieces: Iterable[bytes], output: Path | None, lines: int) -> None:
    """Write the pieces to a new file, or to standard output, with a progress bar over about so many ``lines``.

    Raises:
        CommandFailed: when the file exists; it is left as it is.
    """
    from rich.console import Console  # noqa: PLC0415 - loaded only when there is something to draw
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn  # noqa: PLC0415

    columns = ("Downloading", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _opened(output) as file, Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=lines)
        for piece in pieces:
            file.write(piece)
            progress.advance(bar, piece.count(b"\n"))


def save_bytes(pieces: Iterable[bytes], output: Path, size_bytes: int, sha256: str) -> None:
    """Write the pieces of a file of this size to a new file, with a progress bar, and check that they are all of it.

    Raises:
        CommandFailed: when the file exists, or what came is another file; nothing is left behind then.
    """
    from rich.console import Console  # noqa: PLC0415 - loaded only when there is something to draw
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn  # noqa: PLC0415

    columns, digest = ("Downloading", BarColumn(), DownloadColumn(), TransferSpeedColumn()), hashlib.sha256()
    with _opened(output) as file, Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=size_bytes)
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            progress.advance(bar, len(piece))
        if digest.hexdigest() != sha256:
            raise CommandFailed(f"What came is not the file that the server described; {output} is not written.")


@contextmanager
def _opened(output: Path | None) -> Iterator[IO[bytes]]:
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if output.exists():
        raise CommandFailed(f"{output} exists already.")
    unfinished = output.with_name(f"{output.name}.part")
    try:
        with unfinished.open("wb") as file:
            yield file
        os.replace(unfinished, output)
    except OSError as error:
        raise CommandFailed(f"{output} cannot be written: {error.strerror}.") from None
    finally:
        unfinished.unlink(missing_ok=True)
