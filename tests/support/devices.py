"""The registry and presence over a database, as the server puts them together, and devices that log in to it."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from linkops.bus import LocalBus
from linkops.certificates import TrustedClients
from linkops.clock import FixedClock
from linkops.db import Database
from linkops.db.batcher import settle
from linkops.devices.certificates.service import X509
from linkops.devices.credentials import parse_login, signature
from linkops.devices.groups.members.imports import MemberImports
from linkops.devices.groups.members.service import Members
from linkops.devices.groups.service import Groups
from linkops.devices.imports.service import Imports
from linkops.devices.model import DeviceKey, NewDevice, NodeType, Product
from linkops.devices.presence.model import Accepted, LoginAttempt, LoginResult, Logout
from linkops.devices.presence.service import Presence
from linkops.devices.products.service import Products
from linkops.devices.registration.service import Registrations
from linkops.devices.search.service import DeviceSearch
from linkops.devices.service import Devices
from linkops.devices.topology.joining.service import Joining
from linkops.devices.topology.service import Topology
from linkops.devices.topology.uplinks.service import TopologyUplinks
from linkops.events.actor import SYSTEM, Actor, Role
from linkops.secretbox import SecretBox
from linkops.settings import load_settings

Item = TypeVar("Item")
Result = TypeVar("Result")

STORED_MOST = 3
SUB_DEVICES_MOST = 5
PER_ADDRESS, PER_PRODUCT = 50, 70


class DeviceServices:
    """Everything that `linkops.devices` offers, over one database."""

    def __init__(self, db: Database, clock: FixedClock) -> None:
        self.db = db
        self.clock = clock
        self.box = SecretBox(b"k" * 32)
        self.bus = LocalBus()
        self.products = Products(db, clock, self.box)
        self.devices = Devices(db, clock, self.box, self.bus)
        self.imports = Imports(db, self.devices)
        self.search = DeviceSearch(db, clock)
        self.groups = Groups(db, clock)
        self.members = Members(db, clock)
        self.member_imports = MemberImports(db, clock)
        settings = load_settings(
            stored_downlinks=STORED_MOST,
            max_sub_devices=SUB_DEVICES_MOST,
            registrations_per_address=PER_ADDRESS,
            registrations_per_product=PER_PRODUCT,
        )
        self.presence = Presence(db, clock, self.box, settings)
        self.topology = Topology(db, clock, self.bus, settings)
        self.joining = Joining(db, clock, self.bus)
        self.gateways = TopologyUplinks(db, clock, self.box, self.bus, settings)
        self.registrations = Registrations(db, clock, self.box, self.bus, settings)
        self.x509 = X509(db, clock, self.box, self.bus, settings, TrustedClients())
        self._connections = iter(range(1, 10**9))

    async def product(self, name: str = "Pumps", node_type: NodeType = NodeType.DEVICE) -> Product:
        """Create a product."""
        return await self.products.create(SYSTEM, name, node_type=node_type)

    async def device(self, product: Product, name: str | None = None) -> NewDevice:
        """Create a device."""
        return await self.devices.create(SYSTEM, product.product_key, name)

    async def log_in(self, attempt: LoginAttempt) -> LoginResult:
        """Return the answer to a login."""
        return (await self.log_in_all([attempt]))[0]

    async def log_in_all(self, attempts: list[LoginAttempt]) -> list[LoginResult]:
        """Return the answers to logins that come at once."""
        return await waited(self.presence.login, attempts)

    async def log_out(self, device: Accepted, connection_id: int, session_expiry_s: int = 0) -> bool:
        """Return whether this put the device offline."""
        return (await waited(self.presence.logout, [Logout(device, connection_id, session_expiry_s, "closed")]))[0]

    def attempt(
        self,
        device: NewDevice,
        *,
        secret: str | None = None,
        address: str = "10.0.0.1",
        clean_start: bool = True,
        session_expiry_s: int = 0,
        connection_id: int | None = None,
    ) -> LoginAttempt:
        """Return a CONNECT of ``device``, signed with its own secret unless another is given."""
        return attempt_for(
            device.key,
            device.secret if secret is None else secret,
            address=address,
            clean_start=clean_start,
            session_expiry_s=session_expiry_s,
            connection_id=next(self._connections) if connection_id is None else connection_id,
        )


def attempt_for(
    key: DeviceKey, secret: str, *, address: str, connection_id: int, clean_start: bool, session_expiry_s: int
) -> LoginAttempt:
    """Return a CONNECT signed with ``secret``."""
    client_id = f"{key.product_key}.{key.device_name}|securemode=3,signmethod=hmacsha256,_ss=1,_v=sdk-c-4.1.0,lan=C|"
    login = parse_login(client_id, f"{key.device_name}&{key.product_key}")
    return LoginAttempt(login, signature(login, secret), address, connection_id, clean_start, session_expiry_s)


async def waited(
    put: Callable[[Item, Callable[[Result | Exception], None]], None], items: Sequence[Item]
) -> list[Result]:
    """Put all items at once and return their results."""
    loop = asyncio.get_running_loop()
    futures: list[asyncio.Future[Result]] = [loop.create_future() for _ in items]
    for item, future in zip(items, futures, strict=True):
        put(item, partial(settle, future))
    return await asyncio.gather(*futures)


def actor(role: Role, *products: Product) -> Actor:
    """Return somebody with ``role`` for these products only."""
    return Actor(7, f"{role.name.lower()}-of-some", "10.1.1.1", {product.id: role for product in products})
