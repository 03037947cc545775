"""Many simulated devices on one loop."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from linkops.simulator.behaviour import Mix
from linkops.simulator.configuring import ConfigBehaviour
from linkops.simulator.credentials import DeviceIdentity
from linkops.simulator.device import SimulatedDevice
from linkops.simulator.gateway import SimulatedGateway
from linkops.simulator.limits import Limits
from linkops.simulator.link import ServerAddress
from linkops.simulator.pace import Pace
from linkops.simulator.publisher import Publisher
from linkops.simulator.statistics import Observer, Statistics


class Fleet:
    """Devices that live while the ``async with`` block runs; at its end they say goodbye and are gone.

    >>> async def example(server: ServerAddress, identities: list[DeviceIdentity]) -> None:
    ...     async with Fleet(server, identities, mix=Mix.parse("succeed=9,hang=1")) as fleet:
    ...         await fleet.settled()

    Attributes:
        devices: in the order of the identities; gateways that carry some of them are not among them.
        gateways: by ``{product key}/{device name}``.
        statistics: what all of them have seen.
    """

    def __init__(
        self,
        server: ServerAddress,
        identities: Iterable[DeviceIdentity],
        *,
        mix: Mix | None = None,
        pace: Pace | None = None,
        limits: Limits | None = None,
        version: str = "1.0.0",
        pulls: bool = False,
        observer: Observer | None = None,
    ) -> None:
        """``observer`` is told instead of `statistics`, for a test that wants to know everything."""
        self.statistics = Statistics()
        shared, told, lives = limits or Limits(), observer or self.statistics, pace or Pace()
        everybody = list(identities)
        carriers = {each.gateway for each in everybody}
        self.gateways = {
            _name(each): SimulatedGateway(each, server, told, shared, pace=lives)
            for each in everybody
            if _name(each) in carriers
        }
        others = [each for each in everybody if _name(each) not in carriers]
        self.devices = [
            SimulatedDevice(
                identity,
                server,
                told,
                shared,
                behaviour=behaviour,
                pace=lives,
                version=version,
                pulls=pulls,
            )
            for identity, behaviour in zip(others, mix or Mix.parse("succeed"), strict=False)
        ]
        for device in self.devices:
            device.gateway = self.gateways.get(device.identity.gateway)
        self.statistics.devices = len(everybody)
        self._lives: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Switch the devices on."""
        runs = [*(gateway.run() for gateway in self.gateways.values()), *(device.run() for device in self.devices)]
        self._lives = [asyncio.create_task(run) for run in runs]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Switch them off."""
        for life in self._lives:
            life.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)

    def trust(self, publisher: Publisher) -> None:
        """Let the devices install only what this publisher has signed."""
        for device in self.devices:
            device.publisher = publisher

    def configure(self, behaviour: ConfigBehaviour) -> None:
        """Let the devices do this with their configuration."""
        for device in self.devices:
            device.configuring = behaviour

    def ask_time(self) -> None:
        """Let the devices ask what time it is after every login."""
        for device in self.devices:
            device.asks_time = True

    async def settled(self) -> None:
        """Return when every device is connected and its versions are acknowledged."""
        await asyncio.gather(*(gateway.settled() for gateway in self.gateways.values()))
        await asyncio.gather(*(device.settled() for device in self.devices))


def _name(identity: DeviceIdentity) -> str:
    return f"{identity.product_key}/{identity.device_name}"
