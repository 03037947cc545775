"""A large fleet: one Python process per `DEVICES_PER_PROCESS` devices, their statistics added up."""

import asyncio
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import msgspec

from linkops.simulator.credentials import DeviceIdentity
from linkops.simulator.statistics import Statistics
from linkops.simulator.worker import Orders

DEVICES_PER_PROCESS = 9_000
_GOODBYE_S = 20.0


def divide(orders: Orders, processes: int | None = None) -> list[Orders]:
    """Return the orders of each process: devices dealt out evenly, a gateway with its sub-devices, rates divided.

    On loopback each process dials from an address of its own, 127.0.0.2 onwards, since one address has no more than
    28,000 ports to give.
    """
    wanted = processes or max(1, -(-len(orders.identities) // DEVICES_PER_PROCESS))
    parts = _dealt(orders.identities, wanted)
    loopback = orders.host.startswith("127.") and wanted > 1
    return [
        msgspec.structs.replace(
            orders,
            identities=parts[n],
            connects_at_once=max(1, orders.connects_at_once // wanted),
            connects_per_s=orders.connects_per_s / wanted if orders.connects_per_s else None,
            downloads_at_once=max(1, orders.downloads_at_once // wanted),
            local_host=f"127.0.0.{n + 2}" if loopback else orders.local_host,
        )
        for n in range(wanted)
    ]


def _dealt(identities: Sequence[DeviceIdentity], parts: int) -> list[list[DeviceIdentity]]:
    """Return the identities in so many parts; who hangs on the same gateway stays together."""
    dealt: list[list[DeviceIdentity]] = [[] for _ in range(parts)]
    part_of: dict[str, int] = {}
    for identity in identities:
        root = identity.gateway or f"{identity.product_key}/{identity.device_name}"
        dealt[part_of.setdefault(root, len(part_of) % parts)].append(identity)
    return dealt


class FleetProcesses:
    """The processes of one fleet; they live while the ``async with`` block runs.

    Attributes:
        ended: process exit codes that nobody asked for, as they come.
    """

    def __init__(self, orders: Sequence[Orders]) -> None:
        self._orders = orders
        self._latest = [Statistics(devices=len(part.identities)) for part in orders]
        self._children: list[asyncio.subprocess.Process] = []
        self._readers: list[asyncio.Task[None]] = []

    @property
    def statistics(self) -> Statistics:
        """What all processes have reported, at most half a second old."""
        total = Statistics()
        for part in self._latest:
            total.merge(part)
        return total

    async def __aenter__(self) -> Self:
        """Start the processes."""
        for index, part in enumerate(self._orders):
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "linkops.simulator.worker",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            self._children.append(child)
            self._readers.append(asyncio.create_task(self._read(index, child)))
            assert child.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
            # On the pipe, not on the command line, where everyone on the machine could read the secrets.
            child.stdin.write(msgspec.json.encode(part) + b"\n")
            await child.stdin.drain()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the devices say goodbye, and end the processes."""
        for child in self._children:
            assert child.stdin is not None  # noqa: S101
            child.stdin.close()
        for child in self._children:
            try:
                await asyncio.wait_for(child.wait(), _GOODBYE_S)
            except TimeoutError:
                child.kill()
                await child.wait()
        await asyncio.gather(*self._readers, return_exceptions=True)

    async def failed(self) -> None:
        """Return when a process has ended that nobody asked to end."""
        await asyncio.wait(self._readers, return_when=asyncio.FIRST_COMPLETED)

    async def _read(self, index: int, child: asyncio.subprocess.Process) -> None:
        assert child.stdout is not None  # noqa: S101
        decoder = msgspec.json.Decoder(Statistics)
        while line := await child.stdout.readline():
            self._latest[index] = decoder.decode(line)
