"""Event loops and limits of the process."""

import asyncio
import ctypes
import gc
import resource
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog

_log = structlog.get_logger(__name__)

T = TypeVar("T")

SWITCH_INTERVAL_S = 0.001
"""How long one thread computes before the others get their turn: devices do not wait for a page to be built."""

_YOUNG_OBJECTS = 20_000
_M_ARENA_MAX = -8  # malloc.h


def new_loop() -> asyncio.AbstractEventLoop:
    """Return a uvloop loop, or the standard one where uvloop does not exist."""
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def raise_limits() -> None:
    """Allow as many open files as the system lets us: one per device."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        _log.info("raised the limit of open files", before=soft, now=hard)


def share_one_heap() -> None:
    """Let all threads allocate from one heap, where the C library is glibc; call it before threads are started.

    With a heap per thread, the holes that large chunks leave are kept once per thread: 500 slow downloads took 100 MB
    instead of 40.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


def tune_interpreter() -> None:
    """Make many connections cheap: short turns between threads, and collections that skip what lives for ever."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 50)


class LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self, name: str) -> None:
        self.loop = new_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on this loop and wait for it on the caller's."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self.loop))

    def call(self, function: Callable[[], None]) -> None:
        """Call a function on this loop soon."""
        self.loop.call_soon_threadsafe(function)

    async def stop(self) -> None:
        """Stop the loop and wait for its thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        self.loop.close()
