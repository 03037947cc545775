"""``linkops device messages``: what one device says and hears, live."""

import time
from typing import Annotated

import typer

from linkops.cli.keys import DeviceArgument, device_path
from linkops.cli.output import AsJson, Column, Row, at, print_json, print_list

_LOOK_AGAIN_S = 0.5
_LISTED = [
    Column("at", at("at")),
    Column("", lambda row: "up" if row["uplink"] else "down"),
    Column("topic", "topic"),
    Column("bytes", "size_bytes", right=True),
    Column("outcome", "outcome"),
    Column("payload", "payload"),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(messages)


def messages(
    device: DeviceArgument,
    off: Annotated[bool, typer.Option("--off", help="Stop keeping messages, and forget them.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the messages of a device; the first call begins to keep them.

    Example:
      linkops device messages a1B2c3D4e5F/pump-7 --follow
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    path = f"{device_path(device)}/messages"
    with connect() as client:
        if off:
            client.put(path, {"on": False})
            typer.echo("The messages are forgotten.")
            return
        kept = client.get(path)
        if not kept["on"]:
            client.put(path, {"on": True})
        _print(kept["items"], as_json=as_json, first=not follow)
        last = _last(kept["items"], 0)
        while follow:
            time.sleep(_LOOK_AGAIN_S)
            new = client.get(path, after=last)["items"]
            _print(new, as_json=as_json, first=False)
            last = _last(new, last)


def _print(items: list[Row], *, as_json: bool, first: bool) -> None:
    if as_json:
        for item in items:
            print_json(item)
    elif first:
        print_list(items, _LISTED, as_json=False, none="No messages yet; they are kept from now on.")
    else:
        for item in items:
            typer.echo("  ".join(column.of(item) for column in _LISTED))


def _last(items: list[Row], before: int) -> int:
    return max([before, *(int(item["number"]) for item in items)])
