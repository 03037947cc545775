"""``linkops authority``."""

from pathlib import Path
from typing import Annotated

import typer

from linkops.cli.keys import ProductArgument, product_path
from linkops.cli.output import AsJson, Column, Most, Yes, at, confirm, print_list, print_one, say

app = typer.Typer(name="authority", help="Certificate authorities that vouch for devices.", no_args_is_help=True)

Id = Annotated[int, typer.Argument(metavar="ID", help="Of an authority: linkops authority list.")]

_LISTED = [
    Column("id", "id", right=True),
    Column("product", lambda row: row["product_key"] or "all (our own)"),
    Column("subject", "subject"),
    Column("enabled", "enabled"),
    Column("creates devices", "auto_create"),
    Column("expires", at("not_after_at")),
]
_SHOWN = [
    *_LISTED[1:],
    Column("valid from", at("not_before_at")),
    Column("fingerprint", "fingerprint"),
    Column("added by", "created_by"),
    Column("added", at("created_at")),
]


@app.command("list")
def list_authorities(limit: Most = 200, as_json: AsJson = False) -> None:
    """List authorities: our own, which is made with the first certificate, and those that were uploaded."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items("/certificate-authorities", limit)
        print_list(rows, _LISTED, as_json=as_json, none="No authorities yet. Ours is made with the first certificate.")


@app.command()
def show(
    authority: Id,
    pem: Annotated[bool, typer.Option("--pem", help="Print only the certificate.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show an authority."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        shown = client.get(f"/certificate-authorities/{authority}")
    if pem:
        typer.echo(shown["certificate"], nl=False)
    else:
        print_one(shown, _SHOWN, as_json=as_json)


@app.command()
def code(product: ProductArgument, as_json: AsJson = False) -> None:
    """Show what a verification certificate must have as its common name."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        shown = client.get(f"{product_path(product)}/certificate-authorities/registration-code")
    say(shown["registration_code"], shown, as_json=as_json)


@app.command()
def upload(
    product: ProductArgument,
    certificate: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The authority's, in PEM.")],
    proof: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Signed by it over the code, in PEM.")],
    auto_create: Annotated[bool, typer.Option("--auto-create", help="Make devices at their first login.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let an authority vouch for the devices of a product, from now on.

    Example:
      linkops authority upload a1B2c3D4e5F ca.pem verification.pem
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    new = {
        "certificate": certificate.read_text(),
        "verification_certificate": proof.read_text(),
        "auto_create": auto_create,
    }
    with connect() as client:
        uploaded = client.create(f"{product_path(product)}/certificate-authorities", new)
    say(f"Authority {uploaded['id']} vouches for devices of {product} from now on.", uploaded, as_json=as_json)


@app.command()
def edit(
    authority: Id,
    auto_create: Annotated[bool, typer.Option("--auto-create/--no-auto-create", help="Make devices it names.")],
    as_json: AsJson = False,
) -> None:
    """Say whether devices are made that a certificate of an authority names."""
    _change(authority, {"auto_create": auto_create}, "Changed authority {}.", as_json=as_json)


@app.command()
def enable(authority: Id, as_json: AsJson = False) -> None:
    """Accept certificates of an authority again."""
    _change(authority, {"enabled": True}, "Certificates of authority {} are accepted.", as_json=as_json)


@app.command()
def disable(authority: Id, yes: Yes = False, as_json: AsJson = False) -> None:
    """Refuse all certificates of an authority, and cut off who has one."""
    confirm(f"Cut off all devices with a certificate of authority {authority}?", yes=yes)
    _change(authority, {"enabled": False}, "Certificates of authority {} are refused.", as_json=as_json)


@app.command()
def delete(authority: Id, yes: Yes = False) -> None:
    """Delete an authority of which no device has used a certificate yet."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Delete authority {authority}?", yes=yes)
    with connect() as client:
        client.delete(f"/certificate-authorities/{authority}")
    say(f"Deleted authority {authority}.")


@app.command()
def crl(authority: Id) -> None:
    """Print what our own authority has revoked, as a list (CRL) in PEM for others to check."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client, client.download(f"/certificate-authorities/{authority}/crl.pem") as pieces:
        typer.echo(b"".join(pieces), nl=False)


def _change(authority: int, change: dict[str, bool], sentence: str, *, as_json: bool) -> None:
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        changed = client.patch(f"/certificate-authorities/{authority}", change)
    say(sentence.format(authority), changed, as_json=as_json)
