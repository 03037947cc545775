"""The tour that ``linkops demo`` gives: a product, simulated devices and a rollout, on a server of this process."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import msgspec
from rich.console import Console

from linkops.cli.progress import RolloutDisplay
from linkops.devices.model import DeviceKey
from linkops.errors import NotFound
from linkops.events.actor import SYSTEM
from linkops.ota.model import Job, Package
from linkops.ota.packages.creating import NewFile, NewPackage
from linkops.ota.packages.service import PackageFilter
from linkops.ota.strategy import Strategy
from linkops.ota.targeting import NewJob
from linkops.server import Addresses
from linkops.services import Services
from linkops.simulator import DeviceIdentity, Pace
from linkops.simulator.processes import FleetProcesses, divide
from linkops.simulator.worker import Orders

PRODUCT_KEY = "demoPump001"
PRODUCT_NAME = "Demo pumps"
RATE_PER_MINUTE = 200
TIMEOUT_S = 600
_IMAGE_BYTES = 256 * 1024
_FIRST_VERSION = "1.0.0"
_LOOK_EVERY_S = 0.25


class Fleet(NamedTuple):
    """The demo's devices, and the version that they run."""

    identities: list[DeviceIdentity]
    version: str


async def prepare(services: Services, devices: int) -> Fleet:
    """Return the demo's fleet: made at the first start, found again at later ones."""
    try:
        await services.products.get(SYSTEM, PRODUCT_KEY)
    except NotFound:
        await services.products.create(SYSTEM, PRODUCT_NAME, product_key=PRODUCT_KEY)
    keys = [DeviceKey(PRODUCT_KEY, f"pump-{number:03}") for number in range(1, devices + 1)]
    newest = await _newest_package(services)
    identities = [DeviceIdentity(*key, await _secret(services, key)) for key in keys]
    return Fleet(identities, _FIRST_VERSION if newest is None else newest.version)


async def _secret(services: Services, key: DeviceKey) -> str:
    try:
        return await services.devices.secret(SYSTEM, key)
    except NotFound:
        return (await services.devices.create(SYSTEM, key.product_key, key.device_name)).secret


async def _newest_package(services: Services) -> Package | None:
    page = await services.ota.packages.page(SYSTEM, PackageFilter(product_key=PRODUCT_KEY), limit=1)
    return page.items[0] if page.items else None


def processes(where: Addresses, fleet: Fleet) -> FleetProcesses:
    """Return the devices, in a process of their own."""
    host, _, port = where.mqtt.rpartition(":")
    orders = Orders(host=host, port=int(port), identities=fleet.identities, version=fleet.version, pace=Pace())
    return FleetProcesses(divide(orders))


async def all_online(devices: FleetProcesses, count: int) -> None:
    """Return when every device is connected, and its version is known.

    Raises:
        RuntimeError: when the simulator has ended.
    """
    failed = asyncio.ensure_future(devices.failed())
    try:
        while devices.statistics.online < count or devices.statistics.reports < count:
            if failed.done():
                raise RuntimeError("the simulator has ended; the lines above say why")
            await asyncio.sleep(_LOOK_EVERY_S)
    finally:
        failed.cancel()


async def start_rollout(services: Services, running: str) -> Job:
    """Upload the version after ``running`` and roll it out to the whole product."""
    major, minor, _ = (int(part) for part in running.split("."))
    version = f"{major}.{minor + 1}.0"
    upload = await services.ota.uploads.receive(SYSTEM, f"pump-{version}.bin", _image(version))
    new = NewPackage(
        product_key=PRODUCT_KEY, name=f"demo-pump-{minor + 1}", version=version, files=(NewFile(upload.id),)
    )
    package = await services.ota.packages.create(SYSTEM, new)
    strategy = Strategy(rate_per_minute=RATE_PER_MINUTE, timeout_s=TIMEOUT_S)
    return await services.ota.maker.create(SYSTEM, NewJob(package_id=package.id, strategy=strategy))


async def _image(version: str) -> AsyncIterator[bytes]:
    yield f"demo pump firmware {version}\n".encode().ljust(_IMAGE_BYTES, b"\xa5")


async def show_rollout(services: Services, job: Job, console: Console) -> dict[str, Any]:
    """Show a rollout until it ends and return its last summary."""
    with RolloutDisplay(f"Job {job.id}: {job.package_name} brings {job.version}", console) as display:
        while True:
            ended = (await services.ota.jobs.get(SYSTEM, job.id)).ended_at is not None
            summary: dict[str, Any] = msgspec.to_builtins(await services.ota.jobs.summary(SYSTEM, job.id))
            display.show(summary)
            if ended:
                return summary
            await asyncio.sleep(_LOOK_EVERY_S)
