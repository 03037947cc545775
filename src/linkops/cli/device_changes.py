"""``linkops device``: changing devices, one or several at once."""

from typing import Annotated

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.keys import DeviceArgument, DevicesArgument, device_path, named
from linkops.cli.output import AsJson, Yes, confirm, say

_AT_ONCE = 200


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (enable, disable, delete, tag, edit, secret, reset_secret):
        app.command()(command)


def enable(devices: DevicesArgument) -> None:
    """Let devices connect."""
    say(f"Enabled {_for_all('/devices/enable', devices)} of {len(devices)} devices; the others were so already.")


def disable(devices: DevicesArgument, yes: Yes = False) -> None:
    """Cut devices off, and refuse them until they are enabled again."""
    confirm(f"Disable {_number(devices)}?", yes=yes)
    say(f"Disabled {_for_all('/devices/disable', devices)} of {len(devices)} devices; the others were so already.")


def delete(devices: DevicesArgument, yes: Yes = False) -> None:
    """Delete devices, for good."""
    confirm(f"Delete {_number(devices)} for good?", yes=yes)
    say(f"Deleted {_for_all('/devices/delete', devices)} devices.")


def tag(
    devices: DevicesArgument,
    add: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Add or replace.")] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="KEY", help="Remove.")] = None,
) -> None:
    """Change tags, on one device or on many.

    Example:
      linkops device tag a1B2c3D4e5F/pump-7 --set site=berlin --remove trial
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    tags: dict[str, str | None] = dict.fromkeys(remove or [])
    for pair in add or []:
        key, equals, value = pair.partition("=")
        if not equals:
            raise CommandFailed(f"--set {pair}: write KEY=VALUE.")
        tags[key] = value
    if not tags:
        raise CommandFailed("Say what to change: --set KEY=VALUE or --remove KEY.")
    with connect() as client:
        for start in range(0, len(devices), _AT_ONCE):
            part = devices[start : start + _AT_ONCE]
            client.post("/devices/tags", {"devices": named(part), "tags": tags})
    say(f"Changed the tags of {_number(devices)}.")


def edit(
    device: DeviceArgument,
    nickname: Annotated[str, typer.Option(help="Shown to people.")],
    as_json: AsJson = False,
) -> None:
    """Change what people call a device."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        changed = client.patch(device_path(device), {"nickname": nickname})
    say(f"Changed {device}.", changed, as_json=as_json)


def secret(device: DeviceArgument, as_json: AsJson = False) -> None:
    """Show a device's secret. That it was shown is recorded."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        shown = client.post(f"{device_path(device)}/secret")
    say(shown["secret"], shown, as_json=as_json)


def reset_secret(device: DeviceArgument, yes: Yes = False, as_json: AsJson = False) -> None:
    """Give a device a new secret; with the old one it is cut off."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Replace the secret of {device}? It is cut off until it has the new one.", yes=yes)
    with connect() as client:
        shown = client.post(f"{device_path(device)}/reset-secret")
    say(shown["secret"], shown, as_json=as_json)


def _for_all(path: str, devices: list[str]) -> int:
    """Post the devices, as many at once as the server takes, and return how many it changed."""
    from linkops.cli.client import connect  # noqa: PLC0415

    keys = named(devices)
    with connect() as client:
        parts = [keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE)]
        return sum(client.post(path, {"devices": part})["changed"] for part in parts)


def _number(devices: list[str]) -> str:
    return devices[0] if len(devices) == 1 else f"{len(devices)} devices"
