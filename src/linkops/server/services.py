"""Every service, built once from the database and the settings."""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from linkops.accounts.first_run import FirstRun
from linkops.accounts.logins import LoginRules, Logins
from linkops.accounts.passwords import Passwords
from linkops.accounts.repeats.service import Repeats
from linkops.accounts.service import Accounts
from linkops.accounts.tokens.identities import Identities
from linkops.accounts.tokens.service import Tokens
from linkops.accounts.trail.service import Keeping, Trail
from linkops.blobs import Blobs
from linkops.bus import LocalBus
from linkops.certificates import TrustedClients
from linkops.clock import Clock
from linkops.db import Database
from linkops.devices.bootstrap.service import BootstrapNotices
from linkops.devices.broadcasts import Broadcasts
from linkops.devices.certificates.service import X509
from linkops.devices.groups.members.imports import MemberImports
from linkops.devices.groups.members.service import Members
from linkops.devices.groups.service import Groups
from linkops.devices.imports.service import Imports
from linkops.devices.incoming import Incoming
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
from linkops.devices.topology.uplinks.service import TopologyUplinks
from linkops.devices.totals.service import DeviceTotals
from linkops.events.interest import Interest
from linkops.hub.services import HubServices
from linkops.ota.service import Ota
from linkops.remote_config.delivery import ConfigDelivery
from linkops.remote_config.service import RemoteConfig
from linkops.scheduler import Scheduler
from linkops.secretbox import SecretBox
from linkops.server.uploads import FilesAndLogs
from linkops.services import Services
from linkops.settings import Settings
from linkops.subscriptions.service import Subscriptions
from linkops.upkeep.backups import Backups
from linkops.upkeep.service import Check, Upkeep

_OFTEN_S = 60.0
_SELDOM_S = 600.0


@dataclass(frozen=True, slots=True)
class Foundation:
    """What every service stands on.

    Attributes:
        server_keys: public keys of the server's own certificates (`linkops.certificates.server_keys`).
    """

    settings: Settings
    clock: Clock
    db: Database
    box: SecretBox
    blobs: Blobs
    bus: LocalBus
    server_keys: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class AllServices:
    """The services of each door."""

    api: Services
    hub: HubServices
    uploads: FilesAndLogs

    def start(self, scheduler: Scheduler) -> None:
        """Start everything that happens by itself."""
        api = self.api
        api.ota.start(scheduler)
        api.config_delivery.start(scheduler)
        api.subscriptions.start(scheduler)
        self.uploads.start(scheduler)
        api.x509.start(scheduler)
        scheduler.every(_OFTEN_S, "expire sessions", self.hub.presence.expire)
        scheduler.every(_OFTEN_S, "token uses", api.tokens.record_uses)
        scheduler.every(_SELDOM_S, "expired tokens", api.tokens.delete_expired)
        scheduler.every(_SELDOM_S, "old trail", api.trail.delete_old)
        scheduler.every(_SELDOM_S, "old answers", api.repeats.delete_old)


def build_services(foundation: Foundation, base_url: str) -> AllServices:
    """Return all services; download links begin with ``base_url``."""
    settings, clock, db, box, bus = (
        foundation.settings,
        foundation.clock,
        foundation.db,
        foundation.box,
        foundation.bus,
    )
    identities, passwords, interest = Identities(), Passwords(), Interest()
    tokens = Tokens(db, clock, identities)
    rules = LoginRules(settings.session_s, settings.lockout_failures, settings.lockout_s)
    devices = Devices(db, clock, box, bus)
    presence = Presence(db, clock, box, settings)
    uploads = FilesAndLogs(db, clock, foundation.blobs, bus, settings)
    registrations = Registrations(db, clock, box, bus, settings)
    tags, topics = Tags(db), Topics(db, clock, bus)
    accounts, checks = Accounts(db, clock, passwords, identities), _checks(foundation)
    api = Services(
        accounts=accounts,
        first_run=FirstRun(accounts, clock),
        logins=Logins(db, clock, passwords, tokens, identities, rules),
        tokens=tokens,
        trail=Trail(db, clock, Keeping(settings.keep_audit_days, settings.keep_events_days)),
        repeats=Repeats(db, clock),
        products=Products(db, clock, box),
        registrations=registrations,
        bootstrap_notices=BootstrapNotices(db, clock, bus),
        devices=devices,
        search=DeviceSearch(db, clock),
        totals=DeviceTotals(db, clock),
        imports=Imports(db, devices),
        groups=Groups(db, clock),
        members=Members(db, clock),
        member_imports=MemberImports(db, clock),
        x509=X509(db, clock, box, bus, settings, TrustedClients(foundation.server_keys)),
        messages=MessageLog(db, clock, bus),
        outgoing=Outgoing(db, clock, bus, presence),
        config_delivery=ConfigDelivery(db, bus, clock, settings, box, base_url, interest),
        device_files=uploads.files,
        logs=uploads.logs,
        topology=Topology(db, clock, bus, settings),
        joining=Joining(db, clock, bus),
        broadcasts=Broadcasts(db, clock, bus),
        questions=Questions(db, clock, bus),
        tags=tags,
        topics=topics,
        ota=Ota(db, bus, foundation.blobs, clock, settings, box, base_url, interest),
        remote_config=RemoteConfig(db, clock),
        subscriptions=Subscriptions(db, clock, settings, box, interest),
        upkeep=Upkeep(db, clock, settings, checks, lambda: bus.connections),
        backups=Backups(db, clock, settings),
        checks=checks,
    )
    ota, config = api.ota, api.config_delivery.uplinks
    hub = HubServices(
        presence,
        ota.uplinks,
        ota.blocks,
        config=config,
        registrations=registrations,
        files=uploads.uploads,
        logs=uploads.log_uplinks,
        gateways=TopologyUplinks(db, clock, box, bus, settings),
        tags=tags,
        topics=topics,
        incoming=Incoming(db, interest),
        greeters=(ota.uplinks.device_online, config.device_online),
    )
    return AllServices(api, hub, uploads)


def _checks(foundation: Foundation) -> dict[str, Check]:
    async def database() -> bool:
        return await foundation.db.takes_writes()

    async def hub() -> bool:
        return foundation.bus.attached

    async def disk() -> bool:
        usage = await asyncio.to_thread(shutil.disk_usage, foundation.settings.data_dir)
        return usage.free >= foundation.settings.min_free_disk_bytes

    return {"database": database, "hub": hub, "disk": disk}
