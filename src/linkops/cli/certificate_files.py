"""``linkops certificate issue-many``: certificates for many devices in one file."""

from pathlib import Path
from typing import Annotated

import typer

from linkops.cli.keys import ProductArgument, product_path
from linkops.cli.output import say
from linkops.cli.private_files import write_private


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("issue-many")(issue_many)


def issue_many(
    product: ProductArgument,
    output: Annotated[Path, typer.Argument(dir_okay=False, help="A new file, ending in .zip or .csv.")],
    names: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Names of devices, one a line; else those without.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="Of those without a valid certificate.")] = 1_000,
    key: Annotated[str, typer.Option("--key", help="ec (P-256), or rsa for SDKs without elliptic curves.")] = "ec",
    days: Annotated[int | None, typer.Option("--days", min=1, help="Valid so long.")] = None,
) -> None:
    """Issue certificates with new private keys for many devices of a product.

    Without names, the devices that have no valid certificate get one. The keys are in the file and nowhere else.

    Example:
      linkops certificate issue-many a1B2c3D4e5F pumps.zip
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    form = "csv" if output.suffix == ".csv" else "zip"
    asked = {"most": most, "key": key, "valid_days": days, "form": form}
    listed = None if names is None else [line.strip() for line in names.read_text().splitlines() if line.strip()]
    with (
        connect() as client,
        client.fetch(f"{product_path(product)}/certificates/issue", {**asked, "device_names": listed}) as pieces,
    ):
        write_private(output, pieces)
    say(f"What was issued is in {output}, with private keys that are nowhere else.")
