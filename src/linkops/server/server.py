"""One server: what it is made of, and in which order that starts and stops."""

import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import structlog
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from linkops.api.bootstrap import Resources
from linkops.api.listening import HttpListener, address_of, listen
from linkops.blobs import open_blobs
from linkops.bus import LocalBus
from linkops.certificates import CertificateFiles, development_certificates, device_context, server_keys
from linkops.clock import Clock, SystemClock
from linkops.db import open_database
from linkops.hub import DoorTls, Hub, HubAddresses
from linkops.scheduler import Scheduler
from linkops.secretbox import load_master_key
from linkops.server.addresses import Addresses, addresses, host_port
from linkops.server.apps import HttpApps, build_apps
from linkops.server.folder import DataFolder
from linkops.server.loops import LoopThread, raise_limits, share_one_heap, tune_interpreter
from linkops.server.services import AllServices, Foundation, build_services
from linkops.settings import Settings

_log = structlog.get_logger(__name__)


class WrongSettings(Exception):  # noqa: N818 - says what is the case
    """Settings that do not go together; the text says what to change."""


class Server:
    """A LinkOps server. Starts on the running loop (HTTP, schedules); the hub gets a loop of its own.

    What was started is stopped in the opposite order, also when a later part fails to start.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._stack = AsyncExitStack()
        self._services: AllServices | None = None

    @property
    def services(self) -> AllServices:
        """Every service; there are none before `start`."""
        if self._services is None:
            raise RuntimeError("the server has not been started")
        return self._services

    async def start(self) -> Addresses:
        """Open all doors, and return where they are.

        Raises:
            WrongSettings: when settings do not go together.
            FolderInUse: when another server works on the same data.
            OSError: when an address is taken.
        """
        try:
            return await self._start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close the doors, finish what was taken, close the database."""
        await self._stack.aclose()

    async def _start(self) -> Addresses:
        share_one_heap()
        raise_limits()
        check_device_url(self._settings)
        check_first_admin(self._settings)
        folder = DataFolder(self._settings.data_dir)
        self._stack.callback(folder.close)
        files = self._certificates(folder)
        foundation = self._foundation(folder, files)
        http = self._listen(self._settings.http_port)
        self._services = services = self._build_services(foundation, http)
        await services.hub.presence.forget_connections()
        await services.hub.topics.load()
        await services.api.x509.trust()
        registry = CollectorRegistry()
        hub, where = await self._start_hub(foundation, services, files, registry)
        console, mqtt = await self._open_console(services), self._bootstrap_resources(where)
        apps = build_apps(foundation, services, hub.carry, registry, console, mqtt)
        device_https = await self._start_http(apps, http, files)
        scheduler = Scheduler()
        self._stack.push_async_callback(services.api.subscriptions.stop)
        self._stack.push_async_callback(services.api.backups.stop)
        registry.register(services.api.subscriptions.counts)
        services.start(scheduler)
        self._stack.push_async_callback(scheduler.stop)
        tune_interpreter()
        return addresses(where, address_of(http), device_https, files.authority, folder.path)

    def _build_services(self, foundation: Foundation, http: socket.socket) -> AllServices:
        try:
            return build_services(foundation, self._device_url(address_of(http)))
        except ValueError as error:
            raise WrongSettings(f"webhook_allowed_networks: {error}") from None

    def _foundation(self, folder: DataFolder, files: CertificateFiles) -> Foundation:
        settings = self._settings
        url, key = settings.database_url, settings.master_key
        db = open_database(str(folder.database) if url is None else url.get_secret_value())
        self._stack.callback(db.close)
        box = load_master_key(folder.master_key, None if key is None else key.get_secret_value())
        blobs = open_blobs(settings.blob_url, folder.blobs)
        return Foundation(settings, self._clock, db, box, blobs, LocalBus(), server_keys(files))

    def _certificates(self, folder: DataFolder) -> CertificateFiles:
        settings = self._settings
        if settings.tls_certificate is not None and settings.tls_private_key is not None:
            return CertificateFiles(settings.tls_certificate, settings.tls_private_key, None)
        if settings.tls_certificate is not None or settings.tls_private_key is not None:
            raise WrongSettings("tls_certificate and tls_private_key belong together: set both or none")
        hosts = ["localhost", "127.0.0.1", socket.gethostname()]
        if settings.device_url is not None:
            hosts.append(urlsplit(settings.device_url).hostname or "localhost")
        return development_certificates(folder.tls, list(dict.fromkeys(hosts)), self._clock.now())

    def _device_url(self, http: tuple[str, int]) -> str:
        return self._settings.device_url or f"http://{host_port(http)}"

    def _bootstrap_resources(self, where: HubAddresses) -> Resources:
        settings = self._settings
        if settings.bootstrap_mqtt is not None:
            host, _, port = settings.bootstrap_mqtt.rpartition(":")
            return Resources(host.strip("[]"), int(port))
        named = None if settings.device_url is None else urlsplit(settings.device_url).hostname
        return Resources(named or where.mqtt[0], where.mqtt[1])

    async def _start_hub(
        self, foundation: Foundation, services: AllServices, files: CertificateFiles, registry: CollectorRegistry
    ) -> tuple[Hub, HubAddresses]:
        thread = LoopThread("linkops-hub")
        self._stack.push_async_callback(thread.stop)
        usual, unasked = (device_context(files, legacy_suites=self._settings.tls_legacy_suites) for _ in range(2))
        services.api.x509.trusted.guard(usual)

        async def start() -> tuple[Hub, HubAddresses]:
            hub = Hub(self._settings, self._clock, services.hub, foundation.bus, DoorTls(usual, unasked))
            try:
                return hub, hub.start()
            except OSError:
                await hub.stop()
                raise

        hub, where = await thread.run(start())
        self._stack.push_async_callback(_on(thread, hub.stop))
        registry.register(hub.counts)
        return hub, where

    async def _start_http(self, apps: HttpApps, http: socket.socket, files: CertificateFiles) -> tuple[str, int]:
        """Answer HTTP, and return where devices do so over TLS."""
        settings = self._settings
        await self._answer(apps.everybody, http)
        if settings.https_port is not None:
            modern = device_context(files, legacy_suites=False)
            await self._answer(apps.everybody, self._listen(settings.https_port), modern)
        tls = device_context(files, legacy_suites=settings.tls_legacy_suites)
        self.services.api.x509.trusted.guard(tls)
        return await self._answer(apps.devices, self._listen(settings.device_https_port), tls)

    async def _open_console(self, services: AllServices) -> ASGIApp | None:
        if not self._settings.console:
            return None
        from linkops.console import Console  # noqa: PLC0415 - heavy, and not everybody wants it

        console = Console(services.api, self._settings, self._clock)
        await console.start()
        self._stack.push_async_callback(console.stop)
        return console.app

    def _listen(self, port: int) -> socket.socket:
        listening = listen(self._settings.bind_host, port)
        self._stack.callback(listening.close)
        return listening

    async def _answer(
        self, app: ASGIApp, listening: socket.socket, tls: ssl.SSLContext | None = None
    ) -> tuple[str, int]:
        # Clients put several packets into one message, but seldom more than fit into one of the largest.
        listener = HttpListener(app, listening, tls, 2 * self._settings.max_packet_bytes)
        address = await listener.start()
        self._stack.push_async_callback(listener.stop)
        return address


def _on(thread: LoopThread, stop: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def stopped() -> None:
        async def run() -> None:
            await stop()

        await thread.run(run())

    return stopped


def check_device_url(settings: Settings) -> None:
    """Check that devices can reach the links that they are given.

    Raises:
        WrongSettings: when they cannot.
    """
    if settings.device_url is None:
        if not _is_loopback(settings.bind_host):
            raise WrongSettings("device_url is required when bind_host is not loopback, as https://ops.example.com")
        return
    url = urlsplit(settings.device_url)
    if url.scheme not in {"http", "https"} or not url.hostname or url.path.strip("/") or url.query:
        raise WrongSettings("device_url must be a scheme and a host, as https://ops.example.com")


def check_first_admin(settings: Settings) -> None:
    """Check that somebody can become the first administrator.

    Raises:
        WrongSettings: when nobody can.
    """
    if settings.first_admin == "page" and not settings.console:
        raise WrongSettings("first_admin = page needs the console: leave console on, or first_admin at generated")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
