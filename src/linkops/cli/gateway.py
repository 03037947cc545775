"""``linkops gateway``: the sub-devices of gateways."""

from typing import Annotated, Any

import typer

from linkops.cli.keys import DevicesArgument, ProductArgument, device_path, named
from linkops.cli.output import AsJson, Column, Most, Row, Yes, at, confirm, print_list, say

app = typer.Typer(name="gateway", help="Gateways: sub-devices, and how they join.", no_args_is_help=True)
GatewayArgument = Annotated[str, typer.Argument(metavar="GATEWAY", help="PRODUCT/DEVICE, as in a1GateWay01/hall-1.")]

_AT_ONCE = 200


def _key(row: Row) -> str:
    return f"{row['product_key']}/{row['device_name']}"


def gateway_of(row: Row) -> str | None:
    """Return the gateway in a row, None if it names none."""
    gateway = row.get("gateway")
    return None if gateway is None else _key(gateway)


_SUB_DEVICES = [
    Column("device", _key),
    Column("nickname", "nickname"),
    Column("state", "state"),
    Column("last seen", at("last_seen_at")),
    Column("added", at("added_at")),
    Column("tags", "tags"),
]
_FOUND = [
    Column("device", _key),
    Column("found", at("found_at")),
    Column("registered", "registered"),
    Column("hangs on", gateway_of),
]
_REQUESTS = [
    Column("request", "kind"),
    Column("sent", at("sent_at")),
    Column("ends", at("ends_at")),
    Column("answer", "answer_code", right=True),
    Column("answered", at("answered_at")),
]


@app.command("sub-devices")
def sub_devices(
    gateway: GatewayArgument,
    online: Annotated[bool | None, typer.Option("--online/--offline", help="Logged in now, or not.")] = None,
    prefix: Annotated[str, typer.Option(help="Device names that begin so.")] = "",
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List the sub-devices of a gateway.

    Example:
      linkops gateway sub-devices a1GateWay01/hall-1 --offline
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items(f"{device_path(gateway)}/sub-devices", limit, online=online, name_prefix=prefix or None)
        print_list(rows, _SUB_DEVICES, as_json=as_json, none=f"{gateway} has no such sub-devices.")


@app.command()
def bind(gateway: GatewayArgument, devices: DevicesArgument) -> None:
    """Make devices sub-devices of a gateway; who hangs on another gateway moves.

    Example:
      linkops gateway bind a1GateWay01/hall-1 a1SubDevice1/sensor-1 a1SubDevice1/sensor-2
    """
    bound = _for_all(f"{device_path(gateway)}/sub-devices/bind", devices)
    say(f"Bound {bound} of {len(devices)} devices to {gateway}; the others were so already.")


@app.command()
def unbind(gateway: GatewayArgument, devices: DevicesArgument, yes: Yes = False) -> None:
    """Take sub-devices from a gateway; their sessions end."""
    confirm(f"Take {len(devices)} devices from {gateway}?", yes=yes)
    removed = _for_all(f"{device_path(gateway)}/sub-devices/unbind", devices)
    say(f"Took {removed} of {len(devices)} devices from {gateway}; the others did not hang on it.")


@app.command()
def found(gateway: GatewayArgument, as_json: AsJson = False) -> None:
    """List devices that a gateway saw and has not got, the newest first."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.get(f"{device_path(gateway)}/found-devices")["items"]
    print_list(rows, _FOUND, as_json=as_json, none=f"{gateway} has reported no devices that it has not got.")


@app.command("ask-to-add")
def ask_to_add(gateway: GatewayArgument, devices: DevicesArgument) -> None:
    """Ask a gateway to add devices itself; linkops gateway requests shows its answer.

    Example:
      linkops gateway ask-to-add a1GateWay01/hall-1 a1SubDevice1/sensor-3
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        client.post(f"{device_path(gateway)}/sub-devices/ask-to-add", {"devices": named(devices)})
    say(f"Asked {gateway} to add {len(devices)} devices.")


@app.command()
def permit(
    gateway: GatewayArgument,
    product: ProductArgument,
    seconds: Annotated[int, typer.Option(min=1, help="How long.")] = 60,
) -> None:
    """Ask a gateway to let devices of a product join for a while.

    Example:
      linkops gateway permit a1GateWay01/hall-1 a1SubDevice1 --seconds 120
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        client.post(f"{device_path(gateway)}/permit", {"product_key": product, "seconds": seconds})
    say(f"Asked {gateway} to let devices of {product} join for {seconds} s.")


@app.command()
def requests(gateway: GatewayArgument, as_json: AsJson = False) -> None:
    """Show what a gateway was last asked and told, and what it answered."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows: list[dict[str, Any]] = client.get(f"{device_path(gateway)}/gateway-requests")["items"]
    print_list(rows, _REQUESTS, as_json=as_json, none=f"{gateway} was asked nothing yet.")


def _for_all(path: str, devices: list[str]) -> int:
    """Post the devices, as many at once as the server takes, and return how many it changed."""
    from linkops.cli.client import connect  # noqa: PLC0415

    keys = named(devices)
    parts = [keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE)]
    with connect() as client:
        return sum(client.post(path, {"devices": part})["changed"] for part in parts)
