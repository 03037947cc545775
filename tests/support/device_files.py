"""Uploads over a database and folders, as the server puts them together, and what a device asks of them."""

from pathlib import Path
from typing import Any

from linkops.alink.uploads import UploadBlock, UploadCancel, read_upload_init
from linkops.blobs import Blobs, open_blobs
from linkops.bus import LocalBus
from linkops.clock import FixedClock
from linkops.db import Database
from linkops.devices.files.model import DeviceFile, FileFilter
from linkops.devices.files.uploads.model import Arrived, Begun, BlockResult, Canceled, GivenUp, Refuse, Wanted
from linkops.devices.model import DeviceKey, NewDevice, NodeType, Product
from linkops.devices.presence.model import Accepted
from linkops.events.actor import SYSTEM
from linkops.server.uploads import FilesAndLogs
from linkops.settings import load_settings
from tests.support.uploads import init_payload


class Site:
    """A server's uploads; `restart` forgets what is not stored, as a power cut does."""

    def __init__(self, db: Database, clock: FixedClock, folder: Path, **given: Any) -> None:
        """``given`` are settings."""
        self.db = db
        self.clock = clock
        self.folder = folder
        self.bus = LocalBus()
        self.settings = load_settings(data_dir=folder / "data", min_free_disk_bytes=0, **given)
        self.blobs: Blobs = open_blobs(None, folder / "blobs")
        self.restart()

    def restart(self) -> None:
        """Put everything together again."""
        self.services = FilesAndLogs(self.db, self.clock, self.blobs, self.bus, self.settings)

    @property
    def spooled(self) -> list[Path]:
        """The files of unfinished uploads."""
        folder = self.folder / "data" / "spool"
        return sorted(folder.iterdir()) if folder.exists() else []

    @property
    def stored(self) -> int:
        """How many files are in the store."""
        return len([path for path in (self.folder / "blobs").rglob("*") if path.is_file()])

    async def begin(self, device: Accepted, name: str, size: int, **params: Any) -> Begun | Refuse:
        """Ask to upload a file."""
        init = read_upload_init(init_payload(name, size, **params))
        return await self.services.uploads.begin(Wanted(device, init, self.clock.now()))

    async def block(
        self, device: Accepted, upload_id: str, offset: int, content: bytes, *, last: bool = False
    ) -> BlockResult:
        """Send a block."""
        block = UploadBlock("2", upload_id, offset, len(content), last, memoryview(content))
        return await self.services.uploads.block(Arrived(device, block, self.clock.now()))

    async def cancel(self, device: Accepted, upload_id: str) -> Canceled | Refuse:
        """Give an upload up."""
        return await self.services.uploads.cancel(GivenUp(device, UploadCancel("3", upload_id), self.clock.now()))

    async def upload(self, device: Accepted, name: str, content: bytes, **params: Any) -> None:
        """Upload a whole file in one block."""
        begun = await self.begin(device, name, len(content), **params)
        assert isinstance(begun, Begun), begun
        result = await self.block(device, begun.upload_id, 0, content)
        assert not isinstance(result, Refuse), result

    async def files(self, **wanted: Any) -> list[DeviceFile]:
        """Return all files, the newest first."""
        return (await self.services.files.page(SYSTEM, FileFilter(**wanted), limit=200)).items

    async def content(self, file: DeviceFile) -> bytes:
        """Return the bytes of a file."""
        return await self.blobs.read(file.blob_key, 0, file.size_bytes)

    async def held_bytes(self) -> int:
        """Return what counts against the quota of all devices."""
        held: int = await self.db.read(lambda tx: tx.scalar("SELECT held_bytes FROM device_storage"))
        return held

    async def sweep(self) -> None:
        """Do what becomes due by itself."""
        for tick in (
            self.services.sweep.give_up_uploads,
            self.services.sweep.delete_old_files,
            self.services.sweep.delete_abandoned,
            self.services.sweep.delete_left_spool,
        ):
            while await tick():
                pass


def accepted(product: Product, device: NewDevice) -> Accepted:
    """Return a device as the hub knows it."""
    key = DeviceKey(*device.key)
    return Accepted(device.id, product.id, key, NodeType.DEVICE, session_present=False, subscriptions={})
