"""The HTTP door put together."""

from collections.abc import Sequence

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp, Receive, Scope, Send

from linkops import __version__
from linkops.api import problems
from linkops.api.device_door import DeviceDoor
from linkops.api.documentation import OPENAPI_URL, add_documentation
from linkops.api.headers import SecurityHeaders
from linkops.api.limits import MAX_BODY_BYTES, BodyLimits
from linkops.api.metrics import Measured, Metrics
from linkops.api.proxies import Proxies
from linkops.api.rest import (
    authorities,
    backups,
    certificate_files,
    certificates,
    config_documents,
    config_pushes,
    config_results,
    configurations,
    device,
    device_files,
    device_lists,
    device_logs,
    devices,
    diffs,
    gateways,
    group_members,
    groups,
    jobs,
    many_devices,
    messages,
    modules,
    operations,
    packages,
    product_topics,
    products,
    registration,
    results,
    sessions,
    signing,
    statistics,
    steering,
    streams,
    tasks,
    tokens,
    trail,
    uploads,
    users,
    webhooks,
)
from linkops.api.rest.device_lists import DEVICE_LISTS
from linkops.api.rest.group_members import MEMBERS_IMPORT
from linkops.api.rest.many_devices import IMPORT
from linkops.api.rest.uploads import CONTENT, UPLOADS
from linkops.api.sending import FileSender
from linkops.devices.imports.lines import MAX_LIST_BYTES
from linkops.services import Services

_CONSOLE = "/console"

# The order is that of the documentation; many_devices stands before devices, whose paths are wider.
SUBJECTS = (
    sessions,
    products,
    product_topics,
    many_devices,
    devices,
    device,
    device_files,
    device_logs,
    gateways,
    registration,
    messages,
    certificates,
    certificate_files,
    authorities,
    groups,
    group_members,
    modules,
    uploads,
    packages,
    diffs,
    signing,
    device_lists,
    jobs,
    steering,
    tasks,
    results,
    statistics,
    configurations,
    config_documents,
    config_pushes,
    config_results,
    users,
    tokens,
    trail,
    streams,
    webhooks,
    backups,
    operations,
)


def create_app(
    services: Services,
    devices: DeviceDoor,
    metrics: Metrics,
    console: ASGIApp | None,
    *,
    sender: FileSender,
    trusted_proxies: Sequence[str],
    max_file_bytes: int,
) -> ASGIApp:
    """Return the app of the HTTP door: REST, documentation, health, metrics, and what devices reach.

    Args:
        services: what routes call.
        devices: what devices reach here, too.
        metrics: the door's own figures, in the registry that ``/metrics`` shows.
        console: answers under ``/console``, if there is one; it has limits and headers of its own.
        sender: sends files.
        trusted_proxies: networks whose word about client addresses is believed.
        max_file_bytes: the largest file that may be uploaded.
    """
    rest = rest_app(services, metrics.registry, sender)
    limited = BodyLimits(SecurityHeaders(rest), lambda path: _max_body_bytes(path, max_file_bytes))
    return problems.FaultBarrier(Proxies(_Split(devices, console, Measured(limited, metrics)), trusted_proxies))


def create_device_app(devices: DeviceDoor, trusted_proxies: Sequence[str]) -> ASGIApp:
    """Return the app of a listener that is for devices alone."""
    return problems.FaultBarrier(Proxies(devices, trusted_proxies))


def rest_app(services: Services, registry: CollectorRegistry, sender: FileSender | None = None) -> FastAPI:
    """Return the REST API alone, without what stands around it; without ``sender`` it sends no files."""
    app = FastAPI(title="LinkOps", version=__version__, openapi_url=OPENAPI_URL, docs_url=None, redoc_url=None)
    app.state.services = services
    app.state.registry = registry
    app.state.sender = sender
    problems.install(app)
    for subject in SUBJECTS:
        app.include_router(subject.router)
    add_documentation(app)
    return app


class _Split:
    """Sends what devices ask one way, which adds nothing to its headers, and everything else another."""

    def __init__(self, devices: DeviceDoor, console: ASGIApp | None, rest: ASGIApp) -> None:
        self._devices = devices
        self._console = console
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        await (self._devices.app_of(scope) or self._for_people(scope))(scope, receive, send)

    def _for_people(self, scope: Scope) -> ASGIApp:
        path = scope["path"]
        if self._console is not None and (path == _CONSOLE or path.startswith(f"{_CONSOLE}/")):
            return self._console
        return self._rest


def _max_body_bytes(path: str, max_file_bytes: int) -> int:
    if path == UPLOADS or (path.startswith(UPLOADS) and path.endswith(CONTENT)):
        return max_file_bytes
    lists = (IMPORT, DEVICE_LISTS, MEMBERS_IMPORT)
    return MAX_LIST_BYTES if path.endswith(lists) else MAX_BODY_BYTES
