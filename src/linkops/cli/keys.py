"""How commands name a device, and reach it over REST."""

from typing import Annotated
from urllib.parse import quote

import typer

from linkops.cli.failures import CommandFailed

DeviceArgument = Annotated[str, typer.Argument(metavar="PRODUCT/DEVICE", help="As in a1B2c3D4e5F/pump-7.")]
DevicesArgument = Annotated[list[str], typer.Argument(metavar="PRODUCT/DEVICE...", help="As in a1B2c3D4e5F/pump-7.")]
ProductArgument = Annotated[str, typer.Argument(metavar="PRODUCT", help="A product key.")]


def split_key(device: str) -> tuple[str, str]:
    """Return product key and device name of ``PRODUCT/DEVICE``.

    Raises:
        CommandFailed: when it is written otherwise.
    """
    product_key, slash, device_name = device.partition("/")
    if not slash or not product_key or not device_name:
        raise CommandFailed(f"{device!r} names no device: write PRODUCT/DEVICE, as in a1B2c3D4e5F/pump-7.")
    return product_key, device_name


def named(devices: list[str]) -> list[dict[str, str]]:
    """Return devices as the routes for several want them."""
    return [dict(zip(("product_key", "device_name"), split_key(device), strict=True)) for device in devices]


def product_path(product_key: str) -> str:
    """Return the route of a product."""
    return f"/products/{quote(product_key, safe='')}"


def device_path(device: str) -> str:
    """Return the route of a device."""
    product_key, device_name = split_key(device)
    return f"{product_path(product_key)}/devices/{quote(device_name, safe='')}"
