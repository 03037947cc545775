"""A fleet to look at: products, devices, packages and rollouts of the last weeks, made by the services themselves."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from linkops.blobs import open_blobs
from linkops.bus import LocalBus
from linkops.clock import FixedClock, SystemClock
from linkops.db import open_database
from linkops.devices.groups.model import NewGroup
from linkops.devices.model import NewDevice
from linkops.events.actor import SYSTEM
from linkops.ota.model import Package
from linkops.ota.packages.creating import NewFile, NewPackage
from linkops.ota.targeting import NewJob
from linkops.ota.uplinks.reports import Pull, ReportedProgress, ReportedVersion
from linkops.secretbox import load_master_key
from linkops.server.services import Foundation, build_services
from linkops.services import Services
from linkops.settings import load_settings

PUMPS, LAMPS = "pumpsA1b2C3", "lampsD4e5F6"
_DAY_MS, _WEEKS = 24 * 3_600_000, 3
_DEVICES = 60
_IMAGE_BYTES = 200_000
_FAILURES = ((-1, "not enough memory"), (-2, "connection lost"), (-3, "checksum differs"), (-4, "flash is worn out"))
_CITIES = (("Zhejiang", "Hangzhou"), ("Guangdong", "Shenzhen"), ("Jiangsu", "Suzhou"))
SETTLED = "2.0.0"
"""What most of the pumps run in the end."""
_RELEASES = (("1.1.0", 0.9), ("1.2.0", 0.7), ("1.2.1", 0.8), (SETTLED, 0.6))


def populate(data_dir: Path) -> str:
    """Fill an empty folder that no server has opened yet; return the password of ``admin``."""
    data_dir.mkdir(mode=0o700, parents=True)
    return asyncio.run(_populate(data_dir))


async def _populate(data_dir: Path) -> str:
    async with services_on(data_dir) as (services, clock):
        clock.advance(-_WEEKS * 7 * _DAY_MS)
        password = await services.accounts.create_first_admin()
        await _Fleet(services, clock).make()
    return password or ""


@asynccontextmanager
async def services_on(data_dir: Path) -> AsyncIterator[tuple[Services, FixedClock]]:
    """Have the services on a folder that no server has open, and a clock that can be turned."""
    clock = FixedClock(SystemClock().now())
    settings = load_settings(data_dir=data_dir)
    db = open_database(str(data_dir / "linkops.db"))
    box = load_master_key(data_dir / "master.key", None)
    foundation = Foundation(settings, clock, db, box, open_blobs(None, data_dir / "blobs"), LocalBus())
    try:
        yield build_services(foundation, "http://localhost:8080").api, clock
    finally:
        db.close()


async def make_package(services: Services, product_key: str, name: str, version: str, description: str = "") -> Package:
    """Upload an image, and make a package of it."""
    upload = await services.ota.uploads.receive(SYSTEM, "firmware.bin", _image(version))
    new = NewPackage(
        product_key=product_key, name=name, version=version, files=(NewFile(upload.id),), description=description
    )
    return await services.ota.packages.create(SYSTEM, new)


class _Fleet:
    """What is made; the same one each time."""

    def __init__(self, services: Services, clock: FixedClock) -> None:
        self._services = services
        self._clock = clock
        self._random = random.Random(7)  # noqa: S311 - a story, no secret
        self._versions: dict[int, str] = {}

    async def make(self) -> None:
        """Make everything."""
        services = self._services
        await services.products.create(SYSTEM, "Water pumps", product_key=PUMPS, description="Pumps on roofs")
        await services.products.create(SYSTEM, "Street lamps", product_key=LAMPS)
        await services.ota.modules.create(SYSTEM, PUMPS, "mcu", "Motor_controller")
        await services.groups.create(SYSTEM, NewGroup(name="Pilot", product_key=PUMPS, description="They go first"))
        pumps = await self._devices(PUMPS, "pump", _DEVICES)
        await self._devices(LAMPS, "lamp", _DEVICES // 3)
        for number, (version, share) in enumerate(_RELEASES):
            self._clock.advance(5 * _DAY_MS)
            await self._roll_out(pumps, version, share, unfinished=number == len(_RELEASES) - 1)

    async def _devices(self, product_key: str, name: str, count: int) -> list[NewDevice]:
        names = [f"{name}-{number:04}" for number in range(1, count + 1)]
        made = [await self._services.devices.create(SYSTEM, product_key, device_name) for device_name in names]
        for province, city in _CITIES:
            some = [device.key for device in made if self._random.random() < 0.4]
            await self._services.devices.change_tags(SYSTEM, some, {"province": province, "city": city})
        for device in made:
            await self._report(device, "1.0.0" if self._random.random() < 0.8 else "0.9.4")
        return made

    async def _report(self, device: NewDevice, version: str) -> None:
        self._versions[device.id] = version
        product_id = (await self._services.products.get(SYSTEM, device.key.product_key)).id
        report = ReportedVersion(device.id, product_id, "default", version, self._clock.now())
        await self._services.ota.uplinks.report_version(report)

    async def _roll_out(self, devices: list[NewDevice], version: str, share: float, *, unfinished: bool) -> None:
        ota = self._services.ota
        name = f"pump-firmware-{version.replace('.', '-')}"
        package = await make_package(self._services, PUMPS, name, version, "Quieter at night")
        job = await ota.maker.create(SYSTEM, NewJob(package_id=package.id, tags={"ring": "stable"}))
        while await ota.filler.fill():
            pass
        for device in devices:
            await ota.uplinks.pull(Pull(device.id, "default", self._clock.now()))
            await self._end(device, job.product_id, version, share, unfinished=unfinished)
            self._clock.advance(90_000)
        while await ota.upkeep.end_jobs():
            pass

    async def _end(self, device: NewDevice, product_id: int, version: str, share: float, *, unfinished: bool) -> None:
        uplinks, drawn = self._services.ota.uplinks, self._random.random()
        if unfinished and drawn > 0.9:
            return
        if drawn < share:
            await self._report(device, version)
            return
        if unfinished and drawn > 0.8:
            step, text = self._random.randrange(10, 90), ""
        else:
            step, text = self._random.choice(_FAILURES)
        at = self._clock.now()
        await uplinks.report_progress(ReportedProgress(device.id, product_id, "default", step, text, at))


async def _image(version: str) -> AsyncIterator[bytes]:
    yield random.Random(version).randbytes(_IMAGE_BYTES)  # noqa: S311 - not a secret either
