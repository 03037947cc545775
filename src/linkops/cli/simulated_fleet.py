"""Who is simulated: a file of identities, or devices that are created for it over the API."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from linkops.cli.failures import CommandFailed
from linkops.cli.simulated_registration import Registering

if TYPE_CHECKING:
    from linkops.cli.client import Client
    from linkops.simulator import DeviceIdentity

_PRODUCT_NAMES = {"device": "Simulated devices", "gateway": "Simulated gateways", "subdevice": "Simulated sub-devices"}
_PER_REQUEST = 1_000


class Wanted(NamedTuple):
    """What is to be simulated: gateways with so many sub-devices each, or else devices.

    Attributes:
        product: key of the product of what is updated; None: one of the simulator's own.
    """

    devices: int
    gateways: int
    sub_devices: int
    product: str | None


def fleet(wanted: Wanted, file: Path | None, registering: Registering) -> "list[DeviceIdentity]":
    """Return the identities in the file, if it exists; else create them, and write the file.

    Raises:
        CommandFailed: the file has no such columns.
    """
    if file is not None and file.exists():
        found = _read(file)
        return found if wanted.gateways else found[: wanted.devices]
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        made = _with_gateways(client, wanted) if wanted.gateways else _devices(client, wanted, registering)
    if file is not None:
        _write(file, made)
    return made


def _devices(client: "Client", wanted: Wanted, registering: Registering) -> "list[DeviceIdentity]":
    return registering.made(client, wanted.product or _product(client, "device"), wanted.devices, _create)


def _with_gateways(client: "Client", wanted: Wanted) -> "list[DeviceIdentity]":
    from msgspec.structs import replace  # noqa: PLC0415

    gateways = _create(client, _product(client, "gateway"), wanted.gateways)
    subs = _create(client, wanted.product or _product(client, "subdevice"), wanted.gateways * wanted.sub_devices)
    names = [f"{each.product_key}/{each.device_name}" for each in gateways]
    return [*gateways, *(replace(sub, gateway=names[number % len(names)]) for number, sub in enumerate(subs))]


def _product(client: "Client", node_type: str) -> str:
    name = _PRODUCT_NAMES[node_type]
    for found in client.items("/products", prefix=name):
        if found["name"] == name:
            return str(found["product_key"])
    return str(client.create("/products", {"name": name, "node_type": node_type})["product_key"])


def _create(client: "Client", product_key: str, devices: int) -> "list[DeviceIdentity]":
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import track  # noqa: PLC0415

    from linkops.simulator import DeviceIdentity  # noqa: PLC0415

    made: list[DeviceIdentity] = []
    sizes = [min(_PER_REQUEST, devices - start) for start in range(0, devices, _PER_REQUEST)]
    for size in track(sizes, "Creating devices", console=Console(stderr=True), transient=True):
        answer = client.post(f"/products/{product_key}/devices/generate", {"count": size})
        made += [DeviceIdentity(product_key, new["device_name"], new["device_secret"]) for new in answer["items"]]
    return made


def _read(file: Path) -> "list[DeviceIdentity]":
    from linkops.simulator import DeviceIdentity  # noqa: PLC0415

    with file.open(newline="", encoding="utf-8") as rows:
        try:
            return [
                DeviceIdentity(
                    row["product_key"],
                    row["device_name"],
                    row["device_secret"],
                    row.get("client_id") or "",
                    row.get("gateway") or "",
                )
                for row in csv.DictReader(rows)
            ]
        except KeyError as missing:
            raise CommandFailed(f"{file} has no column {missing}.") from None


def _write(file: Path, identities: "list[DeviceIdentity]") -> None:
    file.touch(mode=0o600)
    with file.open("w", newline="", encoding="utf-8") as rows:
        writer = csv.writer(rows)
        writer.writerow(["product_key", "device_name", "device_secret", "client_id", "gateway"])
        writer.writerows(
            (each.product_key, each.device_name, each.device_secret, each.client_id, each.gateway)
            for each in identities
        )
