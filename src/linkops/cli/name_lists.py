"""Sends a list of device names, and keeps a report of the lines that were refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.keys import product_path

if TYPE_CHECKING:
    from linkops.cli.client import Client

_CHUNK_BYTES = 256 * 1024


def send_names(client: "Client", product_key: str, file: Path, refusals: Path | None) -> int:
    """Upload a file of device names, say how many lines were refused, and return the number of the list.

    Args:
        client: where to.
        product_key: whose devices.
        file: a name a line.
        refusals: a new file for the lines that name no device.

    Raises:
        CommandFailed: when no line names a device of the product, or the file for refusals exists.
    """
    if refusals is not None and refusals.exists():
        raise CommandFailed(f"{refusals} exists already; refused lines are written to a new file only.")
    listed = client.send_stream(f"{product_path(product_key)}/device-lists", _chunks(file), "text/csv")
    if listed["refused"]:
        _report(client, listed["id"], listed["refused"], refusals)
    if not listed["devices"]:
        raise CommandFailed(f"No line of {file} names a device of {product_key}.")
    return int(listed["id"])


def _report(client: "Client", list_id: int, refused: int, refusals: Path | None) -> None:
    noun = "line names" if refused == 1 else "lines name"
    if refusals is None:
        typer.echo(f"{refused:,} {noun} no device and were left out; --refusals FILE says which.", err=True)
        return
    with client.download(f"/device-lists/{list_id}/refusals.csv") as pieces, refusals.open("xb") as report:
        for piece in pieces:
            report.write(piece)
    typer.echo(f"{refused:,} {noun} no device and were left out: see {refusals}.", err=True)


def _chunks(path: Path) -> Iterator[bytes]:
    """Yield a file with a progress bar."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn  # noqa: PLC0415

    columns = (f"Sending {path.name}", BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress, path.open("rb") as file:
        bar = progress.add_task("", total=path.stat().st_size)
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
            progress.advance(bar, len(chunk))
