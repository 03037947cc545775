"""The console as an app behind ``/console``, and its start and stop."""

from contextlib import AsyncExitStack

from fastapi import FastAPI
from nicegui import app as toolkit
from nicegui import ui
from starlette.requests import ClientDisconnect
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from linkops.clock import Clock
from linkops.console import (
    config_files,
    device_files,
    doors,
    group_files,
    job_files,
    pages,
    sockets,
    statistics_files,
    strays,
    uploads,
)
from linkops.console.policy import OriginCheck, PagePolicy
from linkops.console.requests import gone
from linkops.console.state import Shared, install
from linkops.console.theme import BRAND, STATIC, head
from linkops.services import Services
from linkops.settings import Settings

PREFIX = "/console"
_RECONNECT_WITHIN_S = 10.0


class Console:
    """The console's app; one a process, since the UI toolkit is.

    Attributes:
        app: answers everything under `PREFIX`.
    """

    def __init__(self, services: Services, settings: Settings, clock: Clock) -> None:
        self._shared = Shared(services, settings, clock)
        self._stack = AsyncExitStack()
        self._host = _host()
        self.app: ASGIApp = OriginCheck(PagePolicy(self._host))

    async def start(self) -> None:
        """Open it; called on the loop that answers HTTP."""
        install(self._shared)
        await self._stack.enter_async_context(self._host.router.lifespan_context(self._host))

    async def stop(self) -> None:
        """Close it."""
        await self._stack.aclose()
        install(None)


def _host() -> FastAPI:
    host = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    host.add_exception_handler(ClientDisconnect, gone)
    host.mount(f"{PREFIX}/static", StaticFiles(directory=STATIC))
    host.include_router(doors.router, prefix=PREFIX)
    host.include_router(job_files.router, prefix=PREFIX)
    host.include_router(uploads.router, prefix=PREFIX)
    host.include_router(statistics_files.router, prefix=PREFIX)
    host.include_router(group_files.router, prefix=PREFIX)
    host.include_router(config_files.router, prefix=PREFIX)
    host.include_router(device_files.router, prefix=PREFIX)
    pages.register()
    sockets.guard()
    strays.install(host)
    ui.add_head_html(head(), shared=True)
    toolkit.config.socket_io_js_transports = ["websocket"]
    # Pages show progress themselves: the toolkit's bar has no name that a screen reader could say.
    toolkit.config.quasar_config |= {"brand": BRAND, "loadingBar": {"skipHijack": True}}
    ui.run_with(
        host,
        mount_path=PREFIX,
        title="LinkOps",
        favicon=STATIC / "favicon.svg",
        dark=None,
        language="en-US",
        binding_refresh_interval=None,  # pages say themselves what changes
        reconnect_timeout=_RECONNECT_WITHIN_S,
        gzip_middleware_factory=None,  # the policy's nonce is written into pages that are not compressed
        tailwind=False,
        show_welcome_message=False,
    )
    return host
