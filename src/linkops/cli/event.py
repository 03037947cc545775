"""``linkops event``: what happens, and what happened."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from linkops.cli.failures import CommandFailed, ExitCode
from linkops.cli.keys import split_key
from linkops.cli.output import AsJson, Column, Most, at, moment, print_list

app = typer.Typer(name="event", help="What happens to devices and rollouts.", no_args_is_help=True)

Product = Annotated[str | None, typer.Option(help="Of this product.")]
Device = Annotated[str | None, typer.Option(metavar="PRODUCT/DEVICE", help="Of this device.")]

_AGAIN_S = 2.0
_DEVICES_SHOWN = 3


def _readable(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an event says with no more than a few of the devices that it names."""
    devices = said.get("devices")
    if not isinstance(devices, list):
        return dict(said)
    names = ", ".join(f"{each['productKey']}/{each['deviceName']}" for each in devices[:_DEVICES_SHOWN])
    more = len(devices) - _DEVICES_SHOWN
    return {**said, "devices": f"{names} and {more:,} more" if more > 0 else names}


_LISTED = [
    Column("id", "id", right=True),
    Column("at", at("at")),
    Column("kind", "kind"),
    Column("product", "product_key"),
    Column("device", "device_name"),
    Column("what", lambda row: _readable(row["body"])),
]
_OF_GATEWAY = ("gwProductKey", "gwDeviceName")
_NAMES = frozenset({"iotId", "productKey", "deviceName", "messageCreateTime", "gwIotId", *_OF_GATEWAY})


@app.command("list")
def list_events(
    kind: Annotated[str | None, typer.Option(help="As in ota.task_ended.")] = None,
    product: Product = None,
    device: Device = None,
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List what happened, newest first."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items("/events", limit, kind=kind, **_about(product, device))
        print_list(rows, _LISTED, as_json=as_json, none="Nothing happened.")


@app.command()
def tail(
    kind: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="Repeatable; else all but ota.progress.")
    ] = None,
    product: Product = None,
    device: Device = None,
    job: Annotated[int | None, typer.Option(min=1, help="Of this rollout.")] = None,
    after: Annotated[int | None, typer.Option(min=0, help="Begin behind this event; 0: with all that is kept.")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what happens, live, until Ctrl-C; a server that restarts meanwhile is waited for, and nothing is missed.

    Examples:
      linkops event tail --kind ota.progress --kind ota.task_ended --job 7
      linkops event tail --json | jq .payload.deviceName
    """
    query = {"kinds": kind or None, "job_id": job, **_about(product, device)}
    for number, event in enumerate(_events(query, after), 1):
        sys.stdout.write((json.dumps(event, ensure_ascii=False) if as_json else _line(event)) + "\n")
        sys.stdout.flush()
        if number == count:
            return


def _about(product: str | None, device: str | None) -> dict[str, str | None]:
    if device is None:
        return {"product_key": product, "device_name": None}
    product_key, device_name = split_key(device)
    return {"product_key": product_key, "device_name": device_name}


def _events(query: dict[str, Any], after: int | None) -> Iterator[dict[str, Any]]:
    from linkops.cli.client import connect  # noqa: PLC0415

    connected = False
    with connect() as client:
        while True:
            try:
                with client.stream("/events/stream", **query, after=after) as lines:
                    connected = True
                    for fields in _blocks(lines):
                        after = int(fields["id"]) if "id" in fields else after
                        if "data" in fields:
                            yield json.loads(fields["data"])
            except CommandFailed as failed:
                if not connected or failed.code != ExitCode.UNREACHABLE:
                    raise
            time.sleep(_AGAIN_S)


def _blocks(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """Yield the fields of each block of a stream; one that was cut off is none."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if not line:
            yield fields
            fields = {}
        elif name:  # a comment begins with the colon
            fields[name] = value


def _line(event: dict[str, Any]) -> str:
    payload = event["payload"]
    names = _OF_GATEWAY if "gwProductKey" in payload else ("productKey", "deviceName")
    who = "/".join(filter(None, map(payload.get, names)))
    said = _readable(payload)
    what = "  ".join(f"{name}={value}" for name, value in said.items() if name not in _NAMES and value != "")
    text = f"{moment(event['at'])}  {event['kind']:<20}  {who}  {what}"
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
