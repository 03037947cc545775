"""``linkops device logs`` and ``linkops product logs``: what devices upload of their own logs."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.keys import DeviceArgument, ProductArgument, device_path, product_path
from linkops.cli.output import AsJson, Column, Most, Row, at, moment, print_json, print_list, printable, say

if TYPE_CHECKING:
    from linkops.cli.client import Client

_LOOK_AGAIN_S = 1.0
_PAGE = 200
_LISTED = [
    Column("came", at("received_at")),
    Column("device's time", lambda row: moment(row["logged_at"]) if row["logged_at"] is not None else row["utc_time"]),
    Column("level", "level"),
    Column("module", "module"),
    Column("code", "code"),
    Column("trace", "trace_context"),
    Column("text", "content"),
]


def register(app: typer.Typer) -> None:
    """Add the command about one device."""
    app.command()(logs)


def register_for_products(app: typer.Typer) -> None:
    """Add the command about the devices of a product."""
    app.command("logs")(product_logs)


def logs(
    device: DeviceArgument,
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Let the device upload its log from now on, or not any more.")
    ] = None,
    as_product: Annotated[bool, typer.Option("--as-product", help="As its product says.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    level: Annotated[str | None, typer.Option(help="As in ERROR.")] = None,
    module: Annotated[str | None, typer.Option(help="Of this module of the device's software.")] = None,
    text: Annotated[str, typer.Option(help="Lines that begin so.")] = "",
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """Show the log that a device uploads, newest first; devices upload nothing until that is switched on.

    Examples:
      linkops device logs a1B2c3D4e5F/pump-7 --on
      linkops device logs a1B2c3D4e5F/pump-7 --level ERROR --follow
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    if on is not None and as_product:
        raise CommandFailed("Say --on, --off or --as-product, not two of them.")
    with connect() as client:
        if on is not None or as_product:
            shown = client.put(f"{device_path(device)}/log-switch", {"on": on})
            say(f"The device {_does(shown['on'])} upload its log.", shown, as_json=as_json)
            return
        wanted = {"level": level, "module": module, "text_prefix": text or None}
        if follow:
            _follow(client, f"{device_path(device)}/log", wanted, as_json=as_json)
        lines = client.items(f"{device_path(device)}/log", limit, **wanted)
        print_list(lines, _LISTED, as_json=as_json, none="No entries. Is it switched on? linkops device logs … --on")


def product_logs(
    product: ProductArgument,
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Let devices upload their logs from now on, or not any more.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show, or say, whether the devices of a product upload their logs; single devices may be switched otherwise.

    Example:
      linkops product logs a1B2c3D4e5F --on
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    path = f"{product_path(product)}/log-switch"
    with connect() as client:
        if on is not None:
            client.put(path, {"on": on})
        shown = client.get(path)
    say(f"The devices of {product} {_does(shown['on'])} upload their logs.", shown, as_json=as_json)


def _does(on: object) -> str:
    return "shall" if on else "shall not"


def _follow(client: "Client", path: str, wanted: dict[str, Any], *, as_json: bool) -> None:
    """Print the last entries and every one that comes, until the user has seen enough."""
    for line in _lines(client, path, wanted):
        if as_json:
            print_json(line)
        else:
            typer.echo("  ".join(printable(column.of(line)) for column in _LISTED))


def _lines(client: "Client", path: str, wanted: dict[str, Any]) -> Iterator[Row]:
    first = client.get(path, limit=10, **wanted)["items"]
    yield from reversed(first)
    # Behind everything that is there now, whatever it is.
    newest = first or client.get(path, limit=1)["items"]
    last = newest[0]["id"] if newest else 0
    while True:
        new = client.get(path, limit=_PAGE, after=last, **wanted)["items"]
        yield from new
        last = new[-1]["id"] if new else last
        if len(new) < _PAGE:
            time.sleep(_LOOK_AGAIN_S)
