"""``linkops device send``, ``ask``, ``tags``: messages to devices, questions to one, and what it says of itself."""

from typing import Annotated, Any

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.keys import DeviceArgument, DevicesArgument, device_path, named
from linkops.cli.output import AsJson, Column, print_list, say
from linkops.cli.payloads import PayloadFile, PayloadText, Qos, read_payload, write_payload

_AT_ONCE = 200
_REACHED = frozenset({"delivered", "stored"})
_SENT = [
    Column("device", lambda row: f"{row['product_key']}/{row['device_name']}"),
    Column("outcome", "outcome"),
]
_TAGS = [Column("tag", "key"), Column("value", "value"), Column("set by", "origin")]
_NO_ANSWER = {
    "timeout": "{device} did not answer within {timeout:g} seconds.",
    "offline": "{device} is not connected.",
    "not_subscribed": "{device} does not listen there.",
    "no_room": "{device} does not read what it is sent.",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (send, ask, tags):
        app.command()(command)


def send(
    devices: DevicesArgument,
    path: Annotated[str, typer.Option(help="What follows user/ in the topic.")] = "get",
    text: PayloadText = None,
    file: PayloadFile = None,
    qos: Qos = 1,
    as_json: AsJson = False,
) -> None:
    """Send a message to devices, on the same custom topic of each.

    Examples:
      linkops device send a1B2c3D4e5F/pump-7 --text '{"light":"on"}'
      linkops device send a1B2c3D4e5F/pump-7 a1B2c3D4e5F/pump-8 --path cmd/reboot --text now
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    message = {"path": path, "qos": qos, **read_payload(text, file)}
    keys = named(devices)
    sent: list[dict[str, Any]] = []
    with connect() as client:
        for start in range(0, len(keys), _AT_ONCE):
            part = {"devices": keys[start : start + _AT_ONCE], **message}
            sent += client.post("/devices/messages", part)["items"]
    print_list(sent, _SENT, as_json=as_json, none="")
    missed = sum(item["outcome"] not in _REACHED for item in sent)
    if missed:
        raise CommandFailed(f"{missed} of {len(sent)} devices did not get it.")


def ask(
    device: DeviceArgument,
    text: PayloadText = None,
    file: PayloadFile = None,
    path: Annotated[str | None, typer.Option(help="Of a custom topic, what follows user/; else the system's.")] = None,
    timeout: Annotated[float, typer.Option(min=1, max=8, help="Seconds to wait for the answer.")] = 5.0,
    as_json: AsJson = False,
) -> None:
    """Ask a device and print its answer (RRPC).

    Examples:
      linkops device ask a1B2c3D4e5F/pump-7 --text '{"id":"1","params":{},"method":"thing.service.state"}'
      linkops device ask a1B2c3D4e5F/pump-7 --path get --text status --timeout 2
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    question = {"path": path, "timeout_s": timeout, **read_payload(text, file)}
    with connect() as client:
        answer = client.post(f"{device_path(device)}/rrpc", question)
    if answer["outcome"] == "answered":
        say(write_payload(answer), answer, as_json=as_json)
        return
    if as_json:
        say("", answer, as_json=True)
    raise CommandFailed(_NO_ANSWER[answer["outcome"]].format(device=device, timeout=timeout))


def tags(device: DeviceArgument, as_json: AsJson = False) -> None:
    """Show a device's tags and who set them: an operator, the device, or its SDK (system)."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.get(f"{device_path(device)}/tags")["items"]
    print_list(rows, _TAGS, as_json=as_json, none=f"{device} has no tags.")
