"""Two thousand sub-devices behind one gateway: how long until all are online, and a rollout to them."""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.ended import database_in
from bench.figures import Row, Run, median
from bench.rollouts import Rollouts
from bench.seed import Seed, seed
from bench.server import System, started
from linkops.bus import LocalBus
from linkops.clock import SystemClock
from linkops.db import open_database
from linkops.devices.model import NewDevice, NodeType
from linkops.devices.products.service import Products
from linkops.devices.service import Devices
from linkops.events.actor import SYSTEM
from linkops.secretbox import load_master_key
from linkops.simulator import DeviceIdentity, Fleet, Pace, ServerAddress
from tests.support.gateways import bind
from tests.support.server import Address

_SUB_DEVICES = 2_000
_WITHIN_S = 300.0
_POLL_S = 0.05
_PACE = Pace(restart_s=0.1, reconnect_s=0.1)


def rows(run: Run) -> Iterator[Row]:
    """Log all in by batches of 50, several times, then update them."""
    count = run.size(_SUB_DEVICES, 100)
    with tempfile.TemporaryDirectory(prefix="linkops-bench-") as folder:
        data_dir = Path(folder) / "data"
        password = seed(data_dir, database_in(data_dir), 0).password
        gateway, subs = asyncio.run(_plant(data_dir, count))
        identities = [_identity(gateway), *(_identity(sub, str(gateway.key)) for sub in subs)]
        with started(data_dir, Seed(password, subs[0].key.product_key, [])) as running:
            yield _logins(run, running.server.mqtt, identities)
            run.say("a rollout to sub-devices")
            yield asyncio.run(_roll_out(running, identities))


async def _plant(data_dir: Path, count: int) -> tuple[NewDevice, list[NewDevice]]:
    """Create a gateway and its sub-devices in a database that no server has opened yet."""
    box, clock = load_master_key(data_dir / "master.key", None), SystemClock()
    db = open_database(database_in(data_dir))
    try:
        products, devices = Products(db, clock, box), Devices(db, clock, box, LocalBus())
        gateways = await products.create(SYSTEM, "bench gateways", node_type=NodeType.GATEWAY)
        meters = await products.create(SYSTEM, "bench meters", node_type=NodeType.SUBDEVICE)
        gateway = await devices.create(SYSTEM, gateways.product_key)
        subs = await devices.create_many(SYSTEM, meters.product_key, count)
        await bind(db, gateway, subs)
    finally:
        db.close()
    return gateway, subs


def _identity(device: NewDevice, gateway: str = "") -> DeviceIdentity:
    return DeviceIdentity(*device.key, device.secret, gateway=gateway)


def _fleet(address: Address, identities: Sequence[DeviceIdentity]) -> Fleet:
    made = Fleet(ServerAddress(address.host, address.port), identities, pace=_PACE)
    for gateway in made.gateways.values():
        gateway.adds = False  # the topology is there already
    return made


def _logins(run: Run, address: Address, identities: Sequence[DeviceIdentity]) -> Row:
    repeated = run.repeat(3, "logins of sub-devices")
    seconds = median(asyncio.run(_log_in(address, identities)) for _ in repeated)
    what = f"{len(identities) - 1:,} sub-devices log in over one gateway"
    return Row(what, f"{seconds:.1f} s", "≤ 10 s", seconds <= 10)


async def _log_in(address: Address, identities: Sequence[DeviceIdentity]) -> float:
    """Return the seconds from the gateway's CONNECT until every sub-device is online and its version stored."""
    began = time.perf_counter()
    async with asyncio.timeout(_WITHIN_S), _fleet(address, identities) as clients:
        await clients.settled()
        return time.perf_counter() - began


async def _roll_out(running: System, identities: Sequence[DeviceIdentity]) -> Row:
    rollouts = Rollouts(running)
    async with asyncio.timeout(_WITHIN_S), _fleet(running.server.mqtt, identities) as clients:
        await clients.settled()
        package_id = await asyncio.to_thread(rollouts.package)
        began = time.perf_counter()
        await asyncio.to_thread(_updated, running, rollouts.start(package_id), len(identities) - 1)
        seconds, pushes = time.perf_counter() - began, clients.statistics.offers
    return Row(f"… and are updated over HTTP, by {pushes:,} pushes", f"{seconds:.1f} s", "")


def _updated(running: System, job_id: int, count: int) -> None:
    deadline = time.monotonic() + _WITHIN_S
    while running.rest.get(f"/api/v1/ota/jobs/{job_id}")["counts"].get("SUCCEEDED", 0) < count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"job {job_id} has not ended after {_WITHIN_S:.0f} s")
        time.sleep(_POLL_S)
