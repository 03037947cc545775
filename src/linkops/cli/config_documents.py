"""How commands name a configuration document, and reach it over REST."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.keys import product_path
from linkops.cli.output import Column, at, moment

Group = Annotated[int | None, typer.Option("--group", min=1, help="The document of this group.")]
Device = Annotated[str | None, typer.Option("--device", metavar="NAME", help="The document of this device alone.")]
Comment = Annotated[str, typer.Option("--comment", "-m", help="Why, for those who look at the versions.")]

VERSIONS = [
    Column("version", "number", right=True),
    Column("saved", at("created_at")),
    Column("by", "created_by"),
    Column("bytes", lambda row: "removed" if row["removed"] else row["size_bytes"], right=True),
    Column("sha256", lambda row: row["sha256"][:12]),
    Column("restored from", "restored_from", right=True),
    Column("comment", "comment"),
]


def document_path(product: str, group: int | None, device: str | None, *, schema: bool = False) -> str:
    """Return the route of a document: of the product, unless another one is named.

    Raises:
        CommandFailed: when more than one is named.
    """
    if sum((group is not None, device is not None, schema)) > 1:
        raise CommandFailed("Name one document: --group, --device, or neither for the product's.")
    base = configuration_path(product)
    if schema:
        return f"{base}/schema"
    if group is not None:
        return f"{base}/groups/{group}"
    return f"{base}/document" if device is None else f"{base}/devices/{quote(device, safe='')}"


def configuration_path(product: str) -> str:
    """Return the route of a product's configuration."""
    return f"{product_path(product)}/configuration"


def newest(document: dict[str, Any]) -> int:
    """Return the number of a document's newest version, 0 if nobody saved one."""
    return 0 if document["version"] is None else int(document["version"]["number"])


def described(version: dict[str, Any]) -> str:
    """Return a version in one line."""
    return f"version {version['number']}, saved {moment(version['created_at'])} by {version['created_by']}"
