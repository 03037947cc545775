"""Sends the files of a package, and names it after them."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from linkops.cli.client import Client

_CHUNK_BYTES = 256 * 1024
_PART_CHUNKS = 64
"""After so many, the server is asked how far it is."""
_SUFFIXES = re.compile(r"(\.(bin|dav|tar|gz|zip|gzip|apk|xz|pack))+$")
_MAX_NAME_CHARS = 40


def send_file(client: "Client", path: Path) -> dict[str, Any]:
    """Upload a file with a progress bar and return what the server stored.

    An upload that was broken off, by the network or by somebody, goes on where it was, also in another run.
    """
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn  # noqa: PLC0415

    columns = (f"Uploading {path.name}", BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    about = path.stat()
    new = {"file_name": path.name, "size_bytes": about.st_size, "resume_key": f"{about.st_mtime_ns}"}
    upload = client.post("/uploads/begin", new)
    where = f"/uploads/{upload['id']}"
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress, path.open("rb") as file:
        bar = progress.add_task("", total=about.st_size)

        def part(offset: int) -> Iterator[bytes]:
            file.seek(offset)
            for _ in range(_PART_CHUNKS):
                if chunk := file.read(_CHUNK_BYTES):
                    yield chunk
                    progress.advance(bar, len(chunk))

        while upload["have_bytes"] < about.st_size:
            progress.update(bar, completed=upload["have_bytes"])
            upload = client.send_part(where, upload, part)
    return client.post(f"{where}/finish", {"sha256": _sha256(path)})


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def default_name(file: Path, version: str) -> str:
    """Return a package name of file and version that the rules of names allow."""
    stem = re.sub(r"[^A-Za-z0-9_()-]+", "-", _SUFFIXES.sub("", file.name)).strip("-_()") or "package"
    ending = "-" + re.sub(r"[^A-Za-z0-9_()-]+", "-", version)
    return stem if stem.endswith(ending) else stem[: max(1, _MAX_NAME_CHARS - len(ending))] + ending
