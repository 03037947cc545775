"""``linkops group``: the devices of groups."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.keys import DevicesArgument, named
from linkops.cli.output import AsJson, Column, Most, Yes, at, confirm, print_list, say

GroupArgument = Annotated[int, typer.Argument(metavar="GROUP", min=1, help="The id of a group.")]
DEVICE_COLUMNS = [
    Column("device", lambda row: f"{row['product_key']}/{row['device_name']}"),
    Column("nickname", "nickname"),
    Column("state", "state"),
    Column("last seen", at("last_seen_at")),
    Column("tags", "tags"),
]
_AT_ONCE = 200


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (members, add, remove):
        app.command()(command)
    app.command("import")(import_members)


def devices_of(total: int, *, capped: bool) -> str:
    """Return a number of devices as people read it."""
    return f"{total:,}{'+' if capped else ''}"


def members(
    group: GroupArgument,
    direct: Annotated[bool, typer.Option("--direct", help="Without what only groups below it have.")] = False,
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List the devices that a group has now."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items(f"/groups/{group}/members", limit, direct=direct)
        print_list(rows, DEVICE_COLUMNS, as_json=as_json, none="The group has no devices.")


def add(group: GroupArgument, devices: DevicesArgument) -> None:
    """Put devices into a group.

    Example:
      linkops group add 7 a1B2c3D4e5F/pump-7 a1B2c3D4e5F/pump-8
    """
    added = _in_parts(f"/groups/{group}/members", devices)
    say(f"Added {added} of {len(devices)} devices; the others were in it already.")


def remove(group: GroupArgument, devices: DevicesArgument, yes: Yes = False) -> None:
    """Take devices out of a group. Updates that they are part of go on."""
    confirm(f"Take {len(devices)} devices out of the group {group}?", yes=yes)
    removed = _in_parts(f"/groups/{group}/members/remove", devices)
    say(f"Removed {removed} of {len(devices)} devices; the others were not in it.")


def import_members(
    group: GroupArgument,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV: device_name, product_key.")],
    as_json: AsJson = False,
) -> None:
    """Put the devices of a list into a group, and say of each wrong line what is wrong.

    Columns are device_name and product_key; a group of one product needs only the first. Good lines become members
    whatever the others say: put the wrong ones right and import the list again.

    Example:
      linkops group import 7 devices.csv
    """
    good, wrong = 0, 0
    for row in _results(group, file.read_bytes()):
        good, wrong = (good + 1, wrong) if row["code"] is None else (good, wrong + 1)
        if as_json:
            sys.stdout.write(json.dumps(row) + "\n")
        elif row["code"] is not None:
            typer.echo(f"line {row['line']}: {row['device_name']}: {row['message']}", err=True)
    if not as_json:
        typer.echo(f"The devices of {good:,} lines are in the group.")
    if wrong:
        raise CommandFailed(f"{wrong:,} lines were wrong.")


def _results(group: int, listed: bytes) -> Iterator[dict[str, Any]]:
    """Send a list and yield what the server says of each line."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import track  # noqa: PLC0415

    from linkops.cli.client import connect  # noqa: PLC0415

    errors, length = Console(stderr=True), listed.count(b"\n") + 1
    path = f"/groups/{group}/members/import"
    with connect() as client, client.lines(path, listed, "text/csv") as lines:
        rows = map(json.loads, lines)
        yield from track(rows, "Importing", length, console=errors, transient=True, disable=not errors.is_terminal)


def _in_parts(path: str, devices: list[str]) -> int:
    """Post the devices, as many at once as the server takes, and return how many it changed."""
    from linkops.cli.client import connect  # noqa: PLC0415

    keys = named(devices)
    parts = [keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE)]
    with connect() as client:
        return sum(client.post(path, {"devices": part})["changed"] for part in parts)
