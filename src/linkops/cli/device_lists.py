"""``linkops device import``: a list of devices from a file."""

import csv
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.keys import ProductArgument, product_path
from linkops.cli.output import AsJson

HEADING = ("product_key", "device_name", "device_secret")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_devices)


def import_devices(
    product: ProductArgument,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV: device_name, nickname, secret.")],
    secrets_to: Annotated[
        Path | None, typer.Option("--secrets", help="Write the created devices here, as CSV with their secrets.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create the devices of a list, and say of each wrong line what is wrong.

    Columns are device_name, nickname and secret; only the first is needed. Good lines become devices whatever the
    others say: put the wrong ones right and import the list again.

    Example:
      linkops device import a1B2c3D4e5F devices.csv --secrets created.csv
    """
    created, wrong = 0, 0
    with _secrets_file(secrets_to) as secrets:
        writer = csv.writer(secrets)
        writer.writerow(HEADING)
        for row in results(product, file.read_bytes()):
            if row["code"] is None:
                created += 1
                writer.writerow([product, row["device_name"], row["device_secret"]])
            else:
                wrong += 1
            if as_json:
                sys.stdout.write(json.dumps(row) + "\n")
            elif row["code"] is not None:
                typer.echo(f"line {row['line']}: {row['device_name']}: {row['message']}", err=True)
    if not as_json:
        where = f"; their secrets are in {secrets_to}" if secrets_to and created else ""
        typer.echo(f"Created {created:,} devices{where}.")
    if wrong:
        raise CommandFailed(f"{wrong:,} lines were wrong.")


def results(product_key: str, listed: bytes) -> Iterator[dict[str, Any]]:
    """Send a list and yield what the server says of each line."""
    from linkops.cli.client import connect  # noqa: PLC0415

    path = f"{product_path(product_key)}/devices/import"
    with connect() as client, client.lines(path, listed, "text/csv") as lines:
        yield from map(json.loads, lines)


def _secrets_file(path: Path | None) -> IO[str]:
    """Return a new file that only its owner may read, or one that goes nowhere."""
    if path is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", newline="", encoding="utf-8")
    except FileExistsError:
        raise CommandFailed(f"{path} exists; secrets are written to a new file only.") from None
