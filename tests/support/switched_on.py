"""Simulated devices that live beside a test which blocks."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from linkops.simulator import DeviceIdentity, Fleet, Mix, Pace, ServerAddress
from tests.support.server import Address

_WITHIN_S = 60
# Nobody waits in these tests for a device to look busy.
_PACE = Pace(restart_s=0.05)


@contextmanager
def switched_on(
    door: Address, identities: Sequence[DeviceIdentity], behaviour: str = "succeed", version: str = "1.0.0"
) -> Iterator[None]:
    """Let devices live in a thread of their own until the block ends; when it begins, all have told their version."""
    loop = asyncio.new_event_loop()
    here, over = threading.Event(), asyncio.Event()

    async def live() -> None:
        address = ServerAddress(door.host, door.port)
        async with Fleet(address, identities, mix=Mix.parse(behaviour), pace=_PACE, version=version) as fleet:
            await fleet.settled()
            here.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(live(),), daemon=True)
    thread.start()
    try:
        assert here.wait(_WITHIN_S), "the devices did not connect"
        yield
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(_WITHIN_S)
        loop.close()
