"""The HTTP door over real services, listening on a free port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from linkops.accounts.first_run import FirstRun
from linkops.api import bootstrap, registration
from linkops.api.app import create_app
from linkops.api.device_door import DeviceDoor
from linkops.api.downloads import any_of, package_files
from linkops.api.files import Files
from linkops.api.listening import HttpListener, listen
from linkops.api.metrics import Metrics
from linkops.api.mqtt_socket import MqttSocket
from linkops.blobs import Blobs, open_blobs
from linkops.bus import LocalBus
from linkops.certificates import TrustedClients
from linkops.clock import Clock
from linkops.db import Database
from linkops.devices.bootstrap.service import BootstrapNotices
from linkops.devices.broadcasts import Broadcasts
from linkops.devices.certificates.service import X509
from linkops.devices.files.service import DeviceFiles
from linkops.devices.groups.members.imports import MemberImports
from linkops.devices.groups.members.service import Members
from linkops.devices.groups.service import Groups
from linkops.devices.imports.service import Imports
from linkops.devices.logs.service import Logs
from linkops.devices.messages import MessageLog
from linkops.devices.outgoing import Outgoing
from linkops.devices.presence.service import Presence
from linkops.devices.products.service import Products
from linkops.devices.questions import Questions
from linkops.devices.registration.service import Registrations
from linkops.devices.search.service import DeviceSearch
from linkops.devices.service import Devices
from linkops.devices.tags.service import Tags
from linkops.devices.topics.service import Topics
from linkops.devices.topology.joining.service import Joining
from linkops.devices.topology.service import Topology
from linkops.devices.totals.service import DeviceTotals
from linkops.events.interest import Interest
from linkops.links import Opens
from linkops.ota.service import Ota
from linkops.remote_config.delivery import ConfigDelivery
from linkops.remote_config.service import RemoteConfig
from linkops.secretbox import SecretBox
from linkops.services import Services
from linkops.settings import load_settings
from linkops.subscriptions.service import Subscriptions
from linkops.upkeep.backups import Backups
from linkops.upkeep.service import Upkeep
from tests.support.accounts import ADDRESS, People, grant, people

MAX_FILE_BYTES = 4 * 2**20


@dataclass(frozen=True)
class Door:
    """A listening HTTP door and what stands behind it."""

    url: str
    port: int
    services: Services
    people: People
    blobs: Blobs
    db: Database
    folder: Path
    bus: LocalBus

    async def token(self, name: str, role: str, product_key: str | None = None) -> str:
        """Add an account with this role and return the token of its login."""
        return await self.people.add(name, grant(role, product_key))

    def client(self, token: str | None = None) -> httpx.AsyncClient:
        """Return a client that sends ``token``."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30)


@asynccontextmanager
async def open_door(
    db: Database, clock: Clock, folder: Path, *, trusted_proxies: tuple[str, ...] = ()
) -> AsyncIterator[Door]:
    """Listen until the block ends."""
    staff = people(db, clock)
    blobs = open_blobs(None, folder / "files")
    bus = LocalBus()
    services = _services(db, clock, staff, blobs, folder, bus)
    listener = HttpListener(app_of(services, blobs, trusted_proxies), listen("127.0.0.1", 0))
    host, port = await listener.start()
    yield Door(f"http://{host}:{port}", port, services, staff, blobs, db, folder, bus)
    await listener.stop()
    staff.passwords.close()


def app_of(services: Services, blobs: Blobs, trusted_proxies: tuple[str, ...] = ()) -> ASGIApp:
    """Return the app of a door as the server builds it."""
    metrics = Metrics(CollectorRegistry())
    packages = package_files(services.ota.packages.open_download, blobs)
    configurations = services.config_delivery.downloads.open_download
    files = Files(any_of({Opens.PACKAGE_FILE: packages, Opens.CONFIGURATION: configurations}), blobs, metrics)
    paths: dict[str, ASGIApp] = {
        registration.PATH: registration.DeviceRegistration(services.registrations.register),
        bootstrap.PATH: bootstrap.Bootstrap(bootstrap.Resources("mqtt.example.com", 1883)),
    }
    devices = DeviceDoor(files, MqttSocket(_carry_nothing), paths)
    return create_app(
        services,
        devices,
        metrics,
        None,
        sender=files.sender,
        trusted_proxies=trusted_proxies,
        max_file_bytes=MAX_FILE_BYTES,
    )


async def _carry_nothing(_address: str, receive: object, send: object, _certificate: object) -> None:
    """End at once: there is no hub behind this door."""


def _services(db: Database, clock: Clock, staff: People, blobs: Blobs, folder: Path, bus: LocalBus) -> Services:
    box = SecretBox(b"k" * 32)
    devices = Devices(db, clock, box, bus)
    settings = load_settings(max_file_bytes=MAX_FILE_BYTES, data_dir=folder)

    async def works() -> bool:
        return True

    checks = {"database": works}
    return Services(
        accounts=staff.accounts,
        first_run=FirstRun(staff.accounts, clock),
        logins=staff.logins,
        tokens=staff.tokens,
        trail=staff.trail,
        repeats=staff.repeats,
        products=Products(db, clock, box),
        registrations=Registrations(db, clock, box, bus, settings),
        bootstrap_notices=BootstrapNotices(db, clock, bus),
        devices=devices,
        totals=DeviceTotals(db, clock),
        search=DeviceSearch(db, clock),
        imports=Imports(db, devices),
        groups=Groups(db, clock),
        members=Members(db, clock),
        member_imports=MemberImports(db, clock),
        x509=X509(db, clock, box, bus, settings, TrustedClients()),
        messages=MessageLog(db, clock, bus),
        outgoing=Outgoing(db, clock, bus, Presence(db, clock, box, settings)),
        device_files=DeviceFiles(db, clock, blobs),
        logs=Logs(db, clock, bus),
        topology=Topology(db, clock, bus, settings),
        joining=Joining(db, clock, bus),
        broadcasts=Broadcasts(db, clock, bus),
        questions=Questions(db, clock, bus),
        tags=Tags(db),
        topics=Topics(db, clock, bus),
        subscriptions=Subscriptions(db, clock, settings, box, Interest()),
        config_delivery=ConfigDelivery(db, bus, clock, settings, box, "http://127.0.0.1"),
        ota=Ota(db, bus, blobs, clock, settings, box, "http://127.0.0.1"),
        remote_config=RemoteConfig(db, clock),
        upkeep=Upkeep(db, clock, settings, checks),
        backups=Backups(db, clock, settings),
        checks=checks,
    )


async def first_admin(door: Door) -> str:
    """Create the first administrator and return a token of it."""
    password = await door.services.accounts.create_first_admin()
    assert password is not None
    return (await door.services.logins.log_in("admin", password, ADDRESS)).token
