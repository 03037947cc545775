"""``linkops config``: looking at documents."""

import json
import sys
from typing import Annotated, Any

import typer

from linkops.cli.config_documents import VERSIONS, Device, Group, configuration_path, document_path, newest
from linkops.cli.failures import CommandFailed
from linkops.cli.keys import DeviceArgument, ProductArgument, split_key
from linkops.cli.output import AsJson, Column, Most, print_json, print_list

Number = Annotated[int | None, typer.Option("--version", min=1, help="This version; default: the newest.")]

_LAYERS = [
    Column("layer", "place", right=True),
    Column("document of", "owner"),
    Column("version", "version", right=True),
    Column("priority", "priority", right=True),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (show, versions, diff, preview):
        app.command()(command)
    app.command("list")(list_narrower)


def show(
    product: ProductArgument,
    group: Group = None,
    device: Device = None,
    version: Number = None,
    as_json: AsJson = False,
) -> None:
    """Print a document byte for byte, so that it can be written to a file.

    Examples:
      linkops config show a1B2c3D4e5F > pumps.json
      linkops config show a1B2c3D4e5F --device pump-7 --version 3
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    path = document_path(product, group, device)
    with connect() as client:
        shown = client.get(path if version is None else f"{path}/versions/{version}")
    if as_json:
        print_json(shown)
    elif shown["content"] is None:
        raise CommandFailed("There is no document. Make one: linkops config edit PRODUCT --file FILE")
    else:
        sys.stdout.buffer.write(shown["content"].encode())


def versions(
    product: ProductArgument, group: Group = None, device: Device = None, limit: Most = 5, as_json: AsJson = False
) -> None:
    """List the versions of a document, the newest first."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items(f"{document_path(product, group, device)}/versions", limit)
        print_list(rows, VERSIONS, as_json=as_json, none="Nobody saved this document yet.")


def diff(
    product: ProductArgument,
    older: Annotated[int | None, typer.Argument(min=1, help="Default: the one before NEWER.")] = None,
    newer: Annotated[int | None, typer.Argument(min=1, help="Default: the newest version.")] = None,
    group: Group = None,
    device: Device = None,
    values: Annotated[bool, typer.Option("--values", help="Value by value, not line by line.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what differs between two versions of a document.

    Example:
      linkops config diff a1B2c3D4e5F 3 5
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    path = document_path(product, group, device)
    with connect() as client:
        last = newest(client.get(path)) if newer is None else newer
        if older is None and last < 2:
            raise CommandFailed("There are no two versions to compare.")
        found = client.get(f"{path}/diff", older=older or last - 1, newer=last)
    if as_json:
        print_json(found)
    elif values:
        _print_changes(found)
    else:
        sys.stdout.write(found["unified"])


def list_narrower(product: ProductArgument, limit: Most = 200, as_json: AsJson = False) -> None:
    """List the groups and the devices that have a document of their own."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        base = configuration_path(product)
        rows = [*client.get(f"{base}/groups")["items"], *client.items(f"{base}/devices", limit)]
    columns = [Column("document of", _owner), *(_of_version(column) for column in VERSIONS)]
    print_list(rows, columns, as_json=as_json, none="No group and no device has a document of its own.")


def preview(device: DeviceArgument, as_json: AsJson = False) -> None:
    """Show what configuration a device has now, and which document each value comes from.

    Example:
      linkops config preview a1B2c3D4e5F/pump-7
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    product, name = split_key(device)
    with connect() as client:
        found = client.get(f"{configuration_path(product)}/preview", device_name=name)
    if as_json:
        print_json(found)
        return
    rows = [{**layer, "place": place, "owner": _owner(layer)} for place, layer in enumerate(found["layers"])]
    print_list(rows, _LAYERS, as_json=False, none="No document applies.")
    for origin in found["origins"]:
        typer.echo(f"{origin['path']}  ← {rows[origin['layer']]['owner']}")
    if found["content"] is not None:
        typer.echo(f"\n{found['content']}")
    if found["too_large"] or not found["enabled"]:
        reason = f"it has {found['size_bytes']:,} bytes" if found["too_large"] else "remote configuration is off"
        typer.echo(f"The device is given nothing: {reason}.", err=True)


def _owner(row: Any) -> str:
    if row.get("group_id"):
        return f"group {row['group_id']} {'/'.join(row['path'] or [])}".strip()
    return row.get("device_name") or f"the {row['scope']}"


def _of_version(column: Column) -> Column:
    return Column(column.heading, lambda row: column.of(row["version"]), column.right)


def _print_changes(found: Any) -> None:
    columns = [
        Column("path", "path"),
        Column("", "kind"),
        Column("older", lambda row: _json(row["old"])),
        Column("newer", lambda row: _json(row["new"])),
    ]
    print_list(found["changes"], columns, as_json=False, none="No value differs.")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
