"""``linkops signing``."""

from pathlib import Path
from typing import Annotated

import typer

from linkops.cli.keys import ProductArgument, product_path
from linkops.cli.output import AsJson, Column, Yes, confirm, moment, print_one, say

app = typer.Typer(name="signing", help="The key that signs the packages of a product.", no_args_is_help=True)

_SHOWN = [
    Column("product", "product_key"),
    Column("packages are signed", "enabled"),
    Column("key", lambda row: row["key"] and row["key"]["fingerprint"]),
    Column("bits", lambda row: row["key"] and row["key"]["bits"]),
    Column("imported", lambda row: row["key"] and row["key"]["imported"]),
    Column("since", lambda row: moment(row["key"] and row["key"]["created_at"])),
    Column("earlier keys", lambda row: [key["fingerprint"] for key in row["retired"]]),
]


@app.command()
def show(
    product: ProductArgument,
    pem: Annotated[bool, typer.Option("--pem", help="Print only the public key, for devices.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show how a product's packages are signed, and the public key that devices need."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        signing = client.get(f"{product_path(product)}/signing")
    key = signing["key"]
    if not pem:
        print_one(signing, _SHOWN, as_json=as_json)
    if key is not None and not as_json:
        typer.echo(key["public_key"], nl=False)


@app.command()
def on(product: ProductArgument, as_json: AsJson = False) -> None:
    """Sign packages from now on, and give devices the signatures. A product without a key gets one."""
    _switch(product, "Packages are signed from now on. The key for devices: linkops signing show {} --pem", on=True,
            as_json=as_json)  # fmt: skip


@app.command()
def off(product: ProductArgument, yes: Yes = False, as_json: AsJson = False) -> None:
    """Sign packages no more. Devices get no signatures from then on, so those that want one install nothing."""
    confirm(f"Give the devices of {product} no signatures any more?", yes=yes)
    _switch(product, "Packages of {} are not signed any more.", on=False, as_json=as_json)


@app.command("new-key")
def new_key(product: ProductArgument, yes: Yes = False, as_json: AsJson = False) -> None:
    """Make a key pair in place of the one there is, whose private half is destroyed."""
    _replace(product, {}, yes=yes, as_json=as_json)


@app.command("import-key")
def import_key(
    product: ProductArgument,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="RSA private key in PEM, not encrypted.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Import a key pair in place of the one there is, whose private half is destroyed."""
    _replace(product, {"private_key": file.read_text()}, yes=yes, as_json=as_json)


@app.command("delete-key")
def delete_key(product: ProductArgument, yes: Yes = False) -> None:
    """Destroy the private key, for good. Signing must be off; the public key is kept."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Destroy the private key of {product} for good?", yes=yes)
    with connect() as client:
        client.delete(f"{product_path(product)}/signing/key")
    say(f"Destroyed the private key of {product}.")


def _switch(product: str, sentence: str, *, on: bool, as_json: bool) -> None:
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        signing = client.put(f"{product_path(product)}/signing", {"enabled": on})
    say(sentence.format(product), signing, as_json=as_json)


def _replace(product: str, key: dict[str, str], *, yes: bool, as_json: bool) -> None:
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        if client.get(f"{product_path(product)}/signing")["key"] is not None:
            confirm(f"Destroy the private key of {product} and sign with another one?", yes=yes)
        signing = client.post(f"{product_path(product)}/signing/key", key)
    fingerprint = signing["key"]["fingerprint"][:16]
    say(f"The key {fingerprint}… signs from now on. Sign older packages again: linkops package sign PACKAGE",
        signing, as_json=as_json)  # fmt: skip
