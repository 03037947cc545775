"""One process of a large fleet: reads its `Orders` from standard input, writes its statistics to standard output.

It ends when its input ends, so that it never outlives the process that started it.
"""

import asyncio
import gc
import os
import resource
import signal
import ssl
import sys
import threading
from contextlib import suppress
from typing import BinaryIO

import msgspec

from linkops.simulator.behaviour import Mix
from linkops.simulator.configuring import ACKNOWLEDGE, CONFIG_BEHAVIOURS
from linkops.simulator.credentials import DeviceIdentity
from linkops.simulator.fleet import Fleet
from linkops.simulator.limits import Limits
from linkops.simulator.link import ServerAddress
from linkops.simulator.pace import Pace
from linkops.simulator.publisher import Publisher

_REPORT_EVERY_S = 0.5


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What one process simulates.

    Attributes:
        host, port: of the server's MQTT door.
        tls_ca: path of the certificate that the server's must descend from; '' is plain TCP.
        tls_name: the name in the server's certificate.
        local_host: the address that devices dial from, '' for any.
        configuration: what the devices do with a configuration, a name of `CONFIG_BEHAVIOURS`.
        publisher_key: public key in PEM of whom the devices want a signature; '': they look at none.
        connects_per_s: of this process; None is as fast as they go.
    """

    host: str
    port: int
    tls_ca: str = ""
    tls_name: str | None = None
    local_host: str = ""
    identities: list[DeviceIdentity]
    behaviour: str = "succeed"
    pace: Pace = Pace()
    version: str = "1.0.0"
    pulls: bool = False
    asks_time: bool = False
    publisher_key: str = ""
    configuration: str = ACKNOWLEDGE.name
    connects_at_once: int = 200
    connects_per_s: float | None = None
    downloads_at_once: int = 64

    def server(self) -> ServerAddress:
        """Return where the devices dial."""
        tls = ssl.create_default_context(cafile=self.tls_ca) if self.tls_ca else None
        return ServerAddress(self.host, self.port, tls, self.tls_name, self.local_host or None)

    def limits(self) -> Limits:
        """Return what the devices of this process may do at once."""
        return Limits(
            connects_at_once=self.connects_at_once,
            connects_per_s=self.connects_per_s,
            downloads_at_once=self.downloads_at_once,
        )


def raise_file_limit() -> int:
    """Raise the soft limit of open files to the hard one and return it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


async def simulate(orders: Orders, reports: BinaryIO) -> None:
    """Keep the fleet alive until cancelled, writing a line of statistics twice a second."""
    encode = msgspec.json.Encoder().encode
    fleet = Fleet(
        orders.server(),
        orders.identities,
        mix=Mix.parse(orders.behaviour),
        pace=orders.pace,
        limits=orders.limits(),
        version=orders.version,
        pulls=orders.pulls,
    )
    fleet.configure(CONFIG_BEHAVIOURS[orders.configuration])
    if orders.publisher_key:
        fleet.trust(Publisher(orders.publisher_key))
    if orders.asks_time:
        fleet.ask_time()
    # What exists now lives as long as the process: the collector need not look at it again and again.
    gc.freeze()
    async with fleet:
        while True:
            reports.write(encode(fleet.statistics) + b"\n")
            reports.flush()
            await asyncio.sleep(_REPORT_EVERY_S)


async def _until_input_ends(orders: Orders, orders_from: BinaryIO, reports: BinaryIO) -> None:
    life = asyncio.create_task(simulate(orders, reports))
    loop = asyncio.get_running_loop()

    def watch() -> None:
        orders_from.read()
        loop.call_soon_threadsafe(life.cancel)

    threading.Thread(target=watch, daemon=True).start()
    with suppress(asyncio.CancelledError):
        await life


def main() -> None:
    """Simulate what the first line of standard input says, until the input ends."""
    import uvloop  # noqa: PLC0415 - only CPython has it, and tests of `Orders` need none

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: whoever started this process ends it
    raise_file_limit()
    orders = msgspec.json.decode(sys.stdin.buffer.readline(), type=Orders)
    try:
        uvloop.run(_until_input_ends(orders, sys.stdin.buffer, sys.stdout.buffer))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
