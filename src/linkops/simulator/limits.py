"""How much a fleet does at once, so that a simulation loads the server in the way that was asked for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Limits:
    """Shared by the devices of one loop."""

    def __init__(
        self, *, connects_at_once: int = 200, connects_per_s: float | None = None, downloads_at_once: int = 64
    ) -> None:
        self.downloads = asyncio.Semaphore(downloads_at_once)
        self._connects = asyncio.Semaphore(connects_at_once)
        self._interval_s = 1 / connects_per_s if connects_per_s else 0.0
        self._next_at = 0.0

    @asynccontextmanager
    async def connecting(self) -> AsyncIterator[None]:
        """Wait for a turn to dial; the turn lasts until the login is answered."""
        async with self._connects:
            if self._interval_s:
                now = asyncio.get_running_loop().time()
                self._next_at = max(now, self._next_at) + self._interval_s
                await asyncio.sleep(self._next_at - now)
            yield
