"""Simulated devices that register themselves before they live."""

import asyncio
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from linkops.cli.failures import CommandFailed

if TYPE_CHECKING:
    from linkops.cli.client import Client
    from linkops.simulator import DeviceIdentity

MQTT, TOKEN = "mqtt", "token"
Create = Callable[["Client", str, int], "list[DeviceIdentity]"]

REGISTER_HELP = (
    "The devices know only the product's secret, and register: 'mqtt', 'token' (names that nobody listed), "
    "or the URL of the HTTPS door for devices. With --ca."
)


@dataclass(frozen=True, slots=True)
class Registering:
    """Whether, and how.

    Attributes:
        way: None: the devices get their secrets over the API.
        door: host and port of the MQTT door.
        ca: the certificate that the devices trust.
    """

    way: str | None
    door: tuple[str, int]
    ca: Path | None

    def made(self, client: "Client", product_key: str, devices: int, create: Create) -> "list[DeviceIdentity]":
        """Return new devices of a product with what they log in with.

        Raises:
            CommandFailed: one of them was refused, or the way is none.
        """
        way = self.way
        if way is None:
            return create(client, product_key, devices)
        self._check(way)
        if way == TOKEN:
            names = [(product_key, f"sim-{secrets.token_hex(6)}") for _ in range(devices)]
        else:
            names = [(product_key, each.device_name) for each in create(client, product_key, devices)]
        return self._register(way, names, client.post(f"/products/{product_key}/secret")["secret"])

    def _check(self, way: str) -> None:
        if way not in {MQTT, TOKEN} and not way.startswith(("https://", "http://")):
            raise CommandFailed(f"--register {way}: write mqtt, token or the URL of the HTTPS door.")
        if way in {MQTT, TOKEN} and self.ca is None:
            raise CommandFailed(f"--register {way} is over TLS only: say whom to trust with --ca.")

    def _register(self, way: str, names: list[tuple[str, str]], secret: str) -> "list[DeviceIdentity]":
        from linkops.simulator import ServerAddress  # noqa: PLC0415
        from linkops.simulator.registration import NotRegistered, register_all  # noqa: PLC0415

        trust = None if self.ca is None else ssl.create_default_context(cafile=str(self.ca))
        server = ServerAddress(*self.door, trust, "localhost" if trust else None)
        try:
            return asyncio.run(register_all(names, secret, way, server))
        except (NotRegistered, OSError) as error:
            raise CommandFailed(f"Not registered: {error}") from None
