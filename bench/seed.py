"""What a database holds before its server starts: one product, its devices, and an administrator."""

import asyncio
from pathlib import Path
from typing import NamedTuple

from bench.wire import Credential
from linkops.accounts.passwords import Passwords
from linkops.accounts.service import Accounts
from linkops.accounts.tokens.identities import Identities
from linkops.bus import LocalBus
from linkops.clock import SystemClock
from linkops.db import open_database
from linkops.devices import generate
from linkops.devices.products.service import Products
from linkops.devices.service import DEVICES_PER_UNIT, Devices
from linkops.events.actor import SYSTEM
from linkops.secretbox import load_master_key


class Seed(NamedTuple):
    """What was made: the administrator's password, the product, and its devices in the order of their names."""

    password: str
    product_key: str
    devices: list[Credential]


def seed(data_dir: Path, database: str, devices: int) -> Seed:
    """Fill an empty database by the services that the server itself uses."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return asyncio.run(_seed(data_dir, database, devices))


async def _seed(data_dir: Path, database: str, devices: int) -> Seed:
    box = load_master_key(data_dir / "master.key", None)
    clock = SystemClock()
    db = open_database(database)
    passwords = Passwords()
    try:
        password = await Accounts(db, clock, passwords, Identities()).create_first_admin()
        product = await Products(db, clock, box).create(SYSTEM, "bench")
        made = await _devices(Devices(db, clock, box, LocalBus()), product.product_key, devices)
    finally:
        passwords.close()
        db.close()
    return Seed(password or "", product.product_key, made)


async def _devices(services: Devices, product_key: str, count: int) -> list[Credential]:
    made: list[Credential] = []
    for start in range(0, count, DEVICES_PER_UNIT):
        numbers = range(start, min(start + DEVICES_PER_UNIT, count))
        new = [(f"device-{number:06}", "", generate.device_secret()) for number in numbers]
        created = await services.create_named(SYSTEM, product_key, new)
        made += [Credential(product_key, device.key.device_name, device.secret) for device in created]
    return made
