"""Sends the files of a package, and names it after them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from linkops.cli.client import Client

_CHUNK_BYTES = 256 * 1024
_SUFFIXES = re.compile(r"(\.(bin|dav|tar|gz|zip|gzip|apk|xz|pack))+$")
_MAX_NAME_CHARS = 40


def send_file(client: "Client", path: Path) -> dict[str, Any]:
    """Upload a file with a progress bar and return what the server stored."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn  # noqa: PLC0415

    columns = (f"Uploading {path.name}", BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress, path.open("rb") as file:
        bar = progress.add_task("", total=path.stat().st_size)

        def chunks() -> Iterator[bytes]:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
                progress.advance(bar, len(chunk))

        return client.send_stream("/uploads", chunks(), "application/octet-stream", file_name=path.name)


def default_name(file: Path, version: str) -> str:
    """Return a package name of file and version that the rules of names allow."""
    stem = re.sub(r"[^A-Za-z0-9_()-]+", "-", _SUFFIXES.sub("", file.name)).strip("-_()") or "package"
    ending = "-" + re.sub(r"[^A-Za-z0-9_()-]+", "-", version)
    return stem if stem.endswith(ending) else stem[: max(1, _MAX_NAME_CHARS - len(ending))] + ending
