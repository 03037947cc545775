"""Updates over a database, as the server puts them together, with a stand-in for the hub behind the real bus."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from linkops.blobs import open_blobs
from linkops.bus import Downlink
from linkops.clock import FixedClock
from linkops.db import Database, Tx
from linkops.devices.model import NewDevice, Product
from linkops.devices.presence.model import Accepted
from linkops.events.actor import SYSTEM
from linkops.events.interest import Interest
from linkops.ota.model import Job, Package, Scope, Task, TaskStatus
from linkops.ota.packages.creating import NewFile, NewPackage
from linkops.ota.service import Ota
from linkops.ota.strategy import Strategy
from linkops.ota.targeting import NewJob
from linkops.ota.tasks.service import TaskFilter
from linkops.ota.uplinks.reports import Pull, ReportedProgress, ReportedVersion
from linkops.settings import Settings, load_settings
from tests.support.devices import DeviceServices
from tests.support.hubs import NoHub

BASE_URL = "http://updates.example"
IMAGE = b"firmware" * 100
ALL_LIVE = (TaskStatus.QUEUED, TaskStatus.NOTIFIED, TaskStatus.IN_PROGRESS)


class Connections(NoHub):
    """What the hub is to the bus: who is connected, and what was written to them."""

    def __init__(self) -> None:
        self.connected: dict[int, Accepted] = {}
        self.pushed: list[Downlink] = []
        self.lost = False
        self.everybody_is_here = False

    def deliver(self, downlinks: Sequence[Downlink]) -> list[bool]:
        if self.lost:
            raise ConnectionError("the server was killed before it published")
        delivered = [self.everybody_is_here or downlink.device_id in self.connected for downlink in downlinks]
        self.pushed += [downlink for downlink, done in zip(downlinks, delivered, strict=True) if done]
        return delivered

    def kick(self, device_ids: Sequence[int], reason: str) -> None:  # noqa: ARG002 - the interface of a hub
        for device_id in device_ids:
            self.connected.pop(device_id, None)


class Fleet:
    """One product, its devices and everything about their updates."""

    def __init__(self, db: Database, clock: FixedClock, folder: Path, settings: Settings | None = None) -> None:
        self.db = db
        self.clock = clock
        self.services = DeviceServices(db, clock)
        self.hub = Connections()
        self.services.bus.attach(self.hub, asyncio.get_running_loop())
        self.blobs = open_blobs(None, folder / "blobs")
        self.interest = Interest()
        self.settings = settings or load_settings(data_dir=folder)
        self.restart()

    def restart(self) -> None:
        """Build the services anew, as after a restart: what was in memory is gone."""
        self.ota = Ota(
            self.db,
            self.services.bus,
            self.blobs,
            self.clock,
            self.settings,
            self.services.box,
            BASE_URL,
            self.interest,
        )

    async def start(self, devices: int = 1) -> list[NewDevice]:
        """Create the product and its devices."""
        self.product: Product = await self.services.product()
        return [await self.services.device(self.product, f"pump-{number}") for number in range(devices)]

    async def connect(self, *devices: NewDevice) -> None:
        """Log devices in; their connections take downlinks from then on."""
        answers = await self.services.log_in_all([self.services.attempt(device) for device in devices])
        for device, answer in zip(devices, answers, strict=True):
            assert isinstance(answer, Accepted)
            self.hub.connected[device.id] = answer
        await asyncio.gather(*(self.ota.uplinks.device_online(device.id) for device in devices))

    async def disconnect(self, device: NewDevice) -> None:
        """End a device's connection."""
        accepted = self.hub.connected.pop(device.id)
        connection_id = await self.db.read(_connection_id, device.id)
        assert await self.services.log_out(accepted, connection_id)

    async def package(self, version: str = "2.0", *, module: str = "default", image: bytes = IMAGE) -> Package:
        """Upload an image and make a package of it."""
        upload = await self.ota.uploads.receive(SYSTEM, "image.bin", chunks(image))
        new = NewPackage(
            product_key=self.product.product_key,
            name=f"image-{module}-{version.replace('.', '_')}",
            version=version,
            files=(NewFile(upload.id),),
            module=module,
        )
        return await self.ota.packages.create(SYSTEM, new)

    async def job(self, package: Package | None = None, **asked: object) -> Job:
        """Create a job and make its tasks."""
        package = package or await self.package()
        job = await self.ota.maker.create(SYSTEM, new_job(package.id, **asked))
        while await self.ota.filler.fill():
            pass
        return job

    async def tick(self) -> None:
        """Let everything happen that is due."""
        ticks = (
            self.ota.course.start_due,
            self.ota.course.finish_due,
            self.ota.course.open_windows,
            self.ota.filler.fill,
            self.ota.group_watch.look,
            self.ota.course.advance_stages,
            self.ota.dispatcher.push_due,
            self.ota.jobs.go_on_canceling,
            self.ota.upkeep.time_out,
            self.ota.upkeep.cancel_of_nobody,
            self.ota.upkeep.end_jobs,
        )
        for tick in ticks:
            while await tick():
                pass

    async def progress(self, device: NewDevice, step: int, text: str = "", module: str = "default") -> bool:
        """Return whether a progress report changed anything."""
        report = ReportedProgress(device.id, self.product.id, module, step, text, self.clock.now())
        return await self.ota.uplinks.report_progress(report)

    async def version(self, device: NewDevice, version: str, module: str = "default") -> bool:
        """Return whether a version report was news."""
        report = ReportedVersion(device.id, self.product.id, module, version, self.clock.now())
        return await self.ota.uplinks.report_version(report)

    async def pull(self, device: NewDevice, module: str = "default") -> str | None:
        """Return the link in the answer to a pull, None when nothing is pending."""
        firmware = await self.ota.uplinks.pull(Pull(device.id, module, self.clock.now()))
        return None if firmware is None else str(firmware.url)

    async def task(self, device: NewDevice, job: Job) -> Task:
        """Return a device's task in a job."""
        wanted = TaskFilter()
        page = await self.ota.tasks.by_device_name(SYSTEM, job.id, wanted, prefix=device.key.device_name)
        return next(task for task in page.items if task.device_id == device.id)

    async def status(self, device: NewDevice, job: Job) -> TaskStatus:
        """Return where a device stands in a job."""
        return (await self.task(device, job)).status

    async def counts(self, job: Job) -> dict[TaskStatus, int]:
        """Return the tasks of a job by status, only statuses that occur."""
        counts = (await self.ota.jobs.get(SYSTEM, job.id)).counts
        return {status: tasks for status, tasks in counts.items() if tasks}

    def take_pushes(self) -> list[dict[str, object]]:
        """Return what was pushed since the last call, with the id of the device."""
        pushed = [{"device_id": down.device_id, **msgspec.json.decode(down.payload)} for down in self.hub.pushed]
        self.hub.pushed.clear()
        return pushed


def new_job(package_id: int, **asked: object) -> NewJob:
    """Return a job to be; what belongs to its strategy or scope may be given beside the rest."""
    parts = {"strategy": Strategy, "scope": Scope}
    fields: dict[str, object] = {"package_id": package_id, **asked}
    for name, kind in parts.items():
        own = {field: fields.pop(field) for field in kind.__struct_fields__ if field in fields}
        fields.setdefault(name, own)
    return msgspec.convert(fields, NewJob)


async def chunks(content: bytes, size: int = 300) -> AsyncIterator[bytes]:
    """Yield the content as a client sends it."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


def sha256(content: bytes) -> str:
    """Return the digest in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def counted_tasks(tx: Tx, job_id: int) -> dict[tuple[str, str, str], int]:
    """Return the tasks of a job by status, source version and failure kind, counted one by one."""
    rows = tx.all(
        "SELECT status, source_version, failure_kind, count(*) FROM ota_task WHERE job_id = :job_id"
        " GROUP BY status, source_version, failure_kind",
        job_id=job_id,
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def job_counters(tx: Tx, job_id: int) -> dict[tuple[str, str, str], int]:
    """Return the same from the counters."""
    rows = tx.all(
        "SELECT status, source_version, failure_kind, tasks FROM ota_job_count WHERE job_id = :job_id AND tasks <> 0",
        job_id=job_id,
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


async def exact(fleet: Fleet, *jobs: Job) -> None:
    """Assert that the counters of jobs say what their tasks do."""
    for job in jobs:
        assert await fleet.db.read(job_counters, job.id) == await fleet.db.read(counted_tasks, job.id)


def _connection_id(tx: Tx, device_id: int) -> int:
    return int(tx.scalar("SELECT connection_id FROM device WHERE id = :id", id=device_id))
