"""Repeats bounded ticks until it is stopped; a tick that fails is logged and tried again at its next time."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from linkops.errors import Unavailable

_log = structlog.get_logger(__name__)

Tick = Callable[[], Awaitable[bool]]
"""Does a bounded piece of work and returns whether more is waiting."""


class Scheduler:
    """Runs ticks on the running loop, each in a task of its own."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._wakers: dict[str, asyncio.Event] = {}

    def every(self, interval_s: float, name: str, tick: Tick) -> None:
        """Run ``tick`` now and ``interval_s`` after each run; at once again while it says that more is waiting."""
        self._wakers[name] = asyncio.Event()
        self._tasks.append(asyncio.create_task(self._repeat(interval_s, name, tick), name=f"tick {name}"))

    def wake(self, name: str) -> None:
        """Let a tick run now instead of at its next time."""
        self._wakers[name].set()

    async def stop(self) -> None:
        """Cancel all ticks and wait until they are gone; their units of work are finished by the database."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _repeat(self, interval_s: float, name: str, tick: Tick) -> None:
        waker = self._wakers[name]
        while True:
            waker.clear()
            if await _run(name, tick):
                await asyncio.sleep(0)
                continue
            try:
                await asyncio.wait_for(waker.wait(), interval_s)
            except TimeoutError:
                continue


async def _run(name: str, tick: Tick) -> bool:
    try:
        return await tick()
    except Unavailable as error:
        _log.warning("tick put off", tick=name, code=error.code)
    except Exception:  # noqa: BLE001 - one failed tick must not end the ones after it
        _log.exception("tick failed", tick=name)
    return False
