"""Devices that register themselves: commands about products and about devices."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.keys import DeviceArgument, DevicesArgument, ProductArgument, device_path, named, product_path
from linkops.cli.output import AsJson, Yes, confirm, say

_AT_ONCE = 200


def register_for_products(app: typer.Typer) -> None:
    """Add the commands about products."""
    app.command("registration")(set_registration)
    app.command()(reset_secret)


def register_for_devices(app: typer.Typer) -> None:
    """Add the commands about devices."""
    app.command()(let_register)
    app.command()(bootstrap)


def describe(product: Mapping[str, Any]) -> str:
    """Return in words which devices of a product may register."""
    if not product["registration"]:
        return "off"
    return "listed devices" if product["listed_only"] else "any device"


def set_registration(
    product: ProductArgument,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Devices may register themselves, or not.")] = None,
    listed_only: Annotated[
        bool | None,
        typer.Option("--listed-only/--any-name", help="Only devices that were created beforehand, or any."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say whether a product's devices may register themselves with its secret. What is not said stays.

    Example:
      linkops product registration a1B2c3D4e5F --on
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    if on is None and listed_only is None:
        raise CommandFailed("Say what is to be another: --on, --off, --listed-only or --any-name.")
    with connect() as client:
        known = client.get(product_path(product))
        rule = {
            "registration": known["registration"] if on is None else on,
            "listed_only": known["listed_only"] if listed_only is None else listed_only,
        }
        changed = client.put(f"{product_path(product)}/registration", rule)
    say(f"Registration of {product}: {describe(changed)}.", changed, as_json=as_json)


def reset_secret(product: ProductArgument, yes: Yes = False, as_json: AsJson = False) -> None:
    """Give a product a new secret; devices that have not registered yet need firmware with it."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Replace the secret of the product {product}? Devices with the old one cannot register any more.", yes=yes)
    with connect() as client:
        shown = client.post(f"{product_path(product)}/reset-secret")
    say(shown["secret"], shown, as_json=as_json)


def let_register(devices: DevicesArgument, yes: Yes = False) -> None:
    """Let devices that have logged in already register once more, as after a factory reset."""
    from linkops.cli.client import connect  # noqa: PLC0415

    whom = devices[0] if len(devices) == 1 else f"{len(devices)} devices"
    confirm(f"Let {whom} register again? Whoever has the product's secret can then take the name over.", yes=yes)
    keys, changed = named(devices), 0
    with connect() as client:
        for start in range(0, len(keys), _AT_ONCE):
            changed += client.post("/devices/let-register", {"devices": keys[start : start + _AT_ONCE]})["changed"]
    say(f"{changed} of {len(devices)} devices may register again; the others never logged in, and may anyway.")


def bootstrap(device: DeviceArgument) -> None:
    """Tell a device that is online to ask again where it is to connect."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        client.post(f"{device_path(device)}/bootstrap")
    say(f"Told {device} to ask again where to connect.")
