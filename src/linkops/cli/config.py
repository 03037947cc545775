"""``linkops config``: the configuration documents of a product."""

from pathlib import Path
from typing import Annotated, Any

import typer

from linkops.cli import config_push, config_results, config_schema, config_view
from linkops.cli.config_documents import Comment, Device, Group, configuration_path, described, document_path, newest
from linkops.cli.config_editing import save
from linkops.cli.failures import CommandFailed
from linkops.cli.keys import ProductArgument
from linkops.cli.output import AsJson, Column, Yes, confirm, print_one, say

app = typer.Typer(name="config", help="Remote configuration of a product's devices.", no_args_is_help=True)
app.add_typer(config_schema.app)
config_view.register(app)
config_push.register(app)
config_results.register(app)

File = Annotated[Path | None, typer.Option("--file", "-f", help="Save this file; - is standard input.")]
Base = Annotated[int | None, typer.Option(min=0, help="The version that the file was made from; default: the newest.")]

_OVERVIEW = [
    Column("product", "product_key"),
    Column("devices are given it", "enabled"),
    Column("document", lambda row: described(row["recent"][0]) if row["recent"] else "none"),
    Column("bytes", lambda row: row["recent"][0]["size_bytes"] if row["recent"] else None),
    Column("schema", lambda row: described(row["schema_version"]) if row["schema_version"] else "none"),
    Column("groups with a document", "groups"),
    Column("devices with a document", lambda row: f"{row['devices']:,}{'+' if row['devices_capped'] else ''}"),
]


@app.command()
def status(product: ProductArgument, as_json: AsJson = False) -> None:
    """Show whether devices are given configuration, and what documents there are."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_one(client.get(configuration_path(product)), _OVERVIEW, as_json=as_json)


@app.command()
def switch(
    product: ProductArgument,
    on: Annotated[bool, typer.Option("--on/--off", help="Give devices their configuration, or no more.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Give the devices of a product their configuration from now on, or no more.

    Example:
      linkops config switch a1B2c3D4e5F --on
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    if not on:
        confirm(f"Give the devices of {product} no configuration any more?", yes=yes)
    with connect() as client:
        shown = client.put(f"{configuration_path(product)}/switch", {"enabled": on})
    say(f"Remote configuration of {product} is {'on' if on else 'off'}.", shown, as_json=as_json)


@app.command()
def edit(
    product: ProductArgument,
    group: Group = None,
    device: Device = None,
    file: File = None,
    comment: Comment = "",
    base: Base = None,
    priority: Annotated[int | None, typer.Option(min=0, help="Of a group's: the higher one wins.")] = None,
    as_json: AsJson = False,
) -> None:
    """Save a document from a file, from standard input, or as you leave it in your $EDITOR.

    Examples:
      linkops config edit a1B2c3D4e5F -m "slower reports"
      linkops config edit a1B2c3D4e5F --file pumps.json --base 4
      linkops config edit a1B2c3D4e5F --group 7 --priority 10 --file - < beta.json
    """
    saved = save(document_path(product, group, device), file, base, {"comment": comment, "priority": priority})
    say(_sentence(saved), saved, as_json=as_json)


@app.command()
def restore(
    product: ProductArgument,
    version: Annotated[int, typer.Argument(min=1, help="The version to restore.")],
    group: Group = None,
    device: Device = None,
    comment: Comment = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Save an earlier version again, byte for byte. To change it first: linkops config show --version, then edit."""
    from linkops.cli.client import connect  # noqa: PLC0415

    path = document_path(product, group, device)
    with connect() as client:
        base = newest(client.get(path))
        confirm(f"Save version {version} again, on top of version {base}?", yes=yes)
        saved = client.post(f"{path}/restore", {"version": version, "base_version": base, "comment": comment})
    say(_sentence(saved), saved, as_json=as_json)


@app.command()
def remove(
    product: ProductArgument,
    group: Group = None,
    device: Device = None,
    comment: Comment = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Let the document of a group or a device apply no more. Its versions are kept."""
    from linkops.cli.client import connect  # noqa: PLC0415

    if group is None and device is None:
        raise CommandFailed("The product's document stays. Switch it off: linkops config switch PRODUCT --off")
    path = document_path(product, group, device)
    with connect() as client:
        base = newest(client.get(path))
        confirm("Let this document apply no more?", yes=yes)
        client.delete(path, base_version=base, comment=comment)
        removed = client.get(path)
    say("The document applies no more.", removed, as_json=as_json)


def _sentence(saved: Any) -> str:
    version = saved["version"]
    if not saved["made"]:
        return f"Nothing to save: {described(version)} is the same already."
    return f"Saved version {version['number']}: {version['size_bytes']:,} bytes."
