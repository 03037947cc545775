"""Files that hold secrets: new, and for their owner only."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from linkops.cli.failures import CommandFailed


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a new file, in a folder that is made if it is missing; an empty one is removed when the block fails.

    Raises:
        CommandFailed: it exists, or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
    except FileExistsError:
        raise CommandFailed(f"{path} exists; secrets are written to a new file only.") from None
    except OSError as error:
        raise CommandFailed(f"{path} cannot be written: {error.strerror}.") from None
    except CommandFailed:
        if not path.stat().st_size:
            path.unlink()
        raise


def write_private(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a new file as its pieces come; what came stays when the rest does not."""
    with private_file(path) as file:
        for piece in pieces:
            file.write(piece)
            file.flush()
