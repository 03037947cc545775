"""Runs a server until it is told to stop."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import structlog

from linkops.server.addresses import Addresses
from linkops.server.logs import configure_logs
from linkops.server.loops import new_loop
from linkops.server.server import Server
from linkops.settings import Settings

_log = structlog.get_logger(__name__)

Ready = Callable[[Server, Addresses], Awaitable[None]]
"""Is called once all doors are open; the server runs on beside it."""


def run(settings: Settings, on_ready: Ready) -> None:
    """Serve until SIGTERM or SIGINT, then stop in order.

    Raises:
        WrongSettings, FolderInUse, OSError: as for `Server.start`.
        Exception: what ``on_ready`` raised; the server is stopped first.
    """
    configure_logs(settings.log_level, as_json=settings.log_json)
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_serve(settings, on_ready))


async def _serve(settings: Settings, on_ready: Ready) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = Server(settings)
    where = await server.start()
    _log.info("ready", **where.as_dict())
    try:
        await _until(stop, asyncio.ensure_future(on_ready(server, where)))
    finally:
        _log.info("stopping")
        await server.stop()
        _log.info("stopped")


async def _until(stop: asyncio.Event, ready: "asyncio.Future[None]") -> None:
    """Return when ``stop`` is set, or as soon as ``ready`` has failed (with what it raised)."""
    ready.add_done_callback(lambda done: None if done.cancelled() or done.exception() is None else stop.set())
    await stop.wait()
    if ready.done():
        ready.result()
    ready.cancel()
    await asyncio.wait([ready])
