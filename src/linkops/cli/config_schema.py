"""``linkops config schema``: what a product's configuration may be."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from linkops.cli.config_documents import VERSIONS, Comment, described, document_path, newest
from linkops.cli.config_editing import save
from linkops.cli.failures import CommandFailed
from linkops.cli.keys import ProductArgument
from linkops.cli.output import AsJson, Column, Most, Yes, confirm, print_json, print_list, say

app = typer.Typer(name="schema", help="A JSON Schema that documents are checked against.", no_args_is_help=True)

File = Annotated[Path | None, typer.Option("--file", "-f", help="Save this file; - is standard input.")]
_VIOLATIONS = [Column("at", "pointer"), Column("keyword", "keyword"), Column("what is wrong", "message")]


@app.command()
def show(product: ProductArgument, as_json: AsJson = False) -> None:
    """Print the schema, byte for byte."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        shown = client.get(document_path(product, None, None, schema=True))
    if as_json:
        print_json(shown)
    elif shown["content"] is None:
        raise CommandFailed("There is no schema. Make one: linkops config schema edit PRODUCT --file FILE")
    else:
        sys.stdout.buffer.write(shown["content"].encode())


@app.command()
def edit(product: ProductArgument, file: File = None, comment: Comment = "", as_json: AsJson = False) -> None:
    """Save a schema (JSON Schema 2020-12); documents that are saved from then on must fit.

    Example:
      linkops config schema edit a1B2c3D4e5F --file pumps.schema.json
    """
    saved = save(document_path(product, None, None, schema=True), file, None, {"comment": comment})
    say(f"The schema is {described(saved['version'])}.", saved, as_json=as_json)
    if saved["violations"] and not as_json:
        typer.echo("The product's document as it is does not fit; devices are given it until another one is saved:")
        print_list(saved["violations"], _VIOLATIONS, as_json=False, none="")


@app.command()
def versions(product: ProductArgument, limit: Most = 5, as_json: AsJson = False) -> None:
    """List the versions of the schema, the newest first."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items(f"{document_path(product, None, None, schema=True)}/versions", limit)
        print_list(rows, VERSIONS, as_json=as_json, none="There never was a schema.")


@app.command()
def remove(product: ProductArgument, comment: Comment = "", yes: Yes = False) -> None:
    """Check documents against no schema any more. Its versions are kept."""
    from linkops.cli.client import connect  # noqa: PLC0415

    path = document_path(product, None, None, schema=True)
    with connect() as client:
        base = newest(client.get(path))
        confirm(f"Check the documents of {product} against no schema any more?", yes=yes)
        client.delete(path, base_version=base, comment=comment)
    say("Documents are checked against no schema any more.")
