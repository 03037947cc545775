"""Makes differential packages, one at a time: fetch both images, compare, prove, store, add the package."""

import asyncio
import contextlib
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from linkops.blobs import Blobs, StoredBlob
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.errors import Refused
from linkops.events.actor import Actor
from linkops.ota.diffs import process, store
from linkops.ota.diffs.child import NotMade, Order, Step
from linkops.ota.diffs.model import MAX_ATTEMPTS, Diff, Stage
from linkops.ota.diffs.store import Run
from linkops.ota.model import Package, PackageKind, PackageStatus, Upload
from linkops.ota.packages import creating
from linkops.ota.packages import store as packages
from linkops.ota.signing.model import Signatures
from linkops.ota.signing.signer import PackageSigner
from linkops.ota.uploads import store as uploads
from linkops.settings import Settings

_log = structlog.get_logger(__name__)
_PIECE_BYTES = 4 * 2**20
_LEASE_MS = 60_000
_RENEW_S = 15.0
_FOLDER = "diff-work"
_FOLDER_IMAGES = 9
"""How many images have room in it: both, the patch, what comes out of it, and what the comparison keeps on disk."""


class Superseded(Exception):  # noqa: N818 - says what is the case
    """Somebody canceled the diff, or another server makes it by now."""


class DiffMaker:
    """Works through the queue of differential packages."""

    def __init__(self, db: Database, blobs: Blobs, clock: Clock, settings: Settings, signer: PackageSigner) -> None:
        self._db = db
        self._blobs = blobs
        self._clock = clock
        self._settings = settings
        self._signer = signer

    async def make_next(self) -> bool:
        """Make the differential package that waits longest and return whether others may wait (a tick)."""
        now = self._clock.now()
        if not await self._db.read(store.any_due, now):
            return False
        diff = await self._db.write(store.claim, now, now + _LEASE_MS)
        if diff is None:
            return False
        await _Making(self._db, self._blobs, self._clock, self._settings, self._signer, diff).perform()
        return True


class _Making:
    """One attempt at one differential package."""

    def __init__(
        self, db: Database, blobs: Blobs, clock: Clock, settings: Settings, signer: PackageSigner, diff: Diff
    ) -> None:
        self._db = db
        self._blobs = blobs
        self._clock = clock
        self._settings = settings
        self._signer = signer
        self._diff = diff
        self._run = Run(diff.id, diff.attempt)
        self._step = Step(Stage.FETCHING, 0)
        self._patch_size_bytes: int | None = None

    async def perform(self) -> None:
        """Make the package, or record why there will be none."""
        try:
            code = await self._outcome()
        except asyncio.CancelledError:
            # The server stops: the next one begins anew at once.
            await asyncio.shield(self._db.write(store.release, self._run, self._clock.now()))
            raise
        if code:
            await self._db.write(store.fail, self._run, code, self._patch_size_bytes, self._clock.now())

    async def _outcome(self) -> str:
        if self._diff.attempt > MAX_ATTEMPTS:
            return "diff.cut_off"
        try:
            async with self._folder() as folder:
                await self._make(folder)
        except Superseded:
            return ""
        except NotMade as why:
            return str(why)
        except Refused as refused:
            return refused.code
        except Exception:  # noqa: BLE001 - a diff that cannot be made must not be tried for ever
            _log.exception("a differential package was not made", diff_id=self._diff.id)
            return "diff.failed"
        return ""

    @asynccontextmanager
    async def _folder(self) -> AsyncIterator[Path]:
        """Give an empty folder, also where a server that was killed left its own; what is in it goes at the end."""
        folder = self._settings.data_dir / _FOLDER
        room = self._settings.min_free_disk_bytes + _FOLDER_IMAGES * self._diff.whole_size_bytes
        try:
            await asyncio.to_thread(_empty, folder, room)
            yield folder
        finally:
            await asyncio.to_thread(shutil.rmtree, folder)

    async def _make(self, folder: Path) -> None:
        renewing = asyncio.create_task(self._renew())
        try:
            making = asyncio.create_task(self._make_from(folder))
            await asyncio.wait({making, renewing}, return_when=asyncio.FIRST_COMPLETED)
            if not making.done():
                making.cancel()
                await asyncio.gather(making, return_exceptions=True)
                raise Superseded
            making.result()
        finally:
            renewing.cancel()
            making.cancel()
            await asyncio.gather(making, renewing, return_exceptions=True)

    async def _make_from(self, folder: Path) -> None:
        before, after = await self._db.read(_both, self._diff)
        await self._fetch(before, folder / "before")
        await self._fetch(after, folder / "after")
        order = Order(
            str(folder / "before"), before.files[0].sha256, str(folder / "after"), after.files[0].sha256,
            str(folder / "patch"), self._diff.compression,
            self._settings.diff_max_memory_bytes, self._settings.diff_timeout_s,
        )  # fmt: skip
        await process.run(order, folder, self._settings.diff_timeout_s, self._tell)
        await self._keep(folder / "patch", after)

    async def _keep(self, patch: Path, after: Package) -> None:
        self._patch_size_bytes = await asyncio.to_thread(_size_of, patch)
        if self._patch_size_bytes >= after.size_bytes:
            raise NotMade("diff.not_smaller")
        await self._tell(Step(Stage.STORING, 95))
        blob = await self._blobs.put(_pieces(patch), self._settings.max_file_bytes)
        upload = Upload(
            secrets.token_urlsafe(16), _file_name(self._diff), blob.size_bytes, blob.md5, blob.sha256,
            self._clock.now(),
        )  # fmt: skip
        # Until a package has it, the sweep of uploads knows of the file.
        await self._db.write(uploads.add, upload.id, uploads.NOBODY, upload.file_name, blob, upload.created_at)

        async def add(signatures: Signatures) -> None:
            await self._db.write(self._add, after, blob, upload, signatures)

        await self._signer.signed(self._diff.product_id, [blob.sha256], add)

    def _add(self, tx: Tx, after: Package, blob: StoredBlob, upload: Upload, signatures: Signatures) -> None:
        """Add the package and end the diff, if this attempt still counts and both packages are still there."""
        diff, now = self._diff, self._clock.now()
        _both(tx, diff)
        actor = Actor(diff.account_id, diff.created_by, "", {})
        row = _package(diff, after)
        made = creating.add(tx, actor, row, [upload], signatures, most=self._settings.max_packages, now=now)
        if not store.succeed(tx, self._run, made.id, blob.size_bytes, now):
            raise Superseded

    async def _fetch(self, package: Package, to: Path) -> None:
        [key] = await self._db.read(packages.blob_keys, package.id)
        with to.open("wb") as file:
            for start in range(0, package.size_bytes, _PIECE_BYTES):
                piece = await self._blobs.read(key, start, min(_PIECE_BYTES, package.size_bytes - start))
                await asyncio.to_thread(file.write, piece)

    async def _tell(self, step: Step) -> None:
        """Record how far the work is.

        Raises:
            Superseded: this attempt does not count any more.
        """
        self._step, now = step, self._clock.now()
        counts = await self._db.write(store.advance, self._run, step.stage, step.progress, now, now + _LEASE_MS)
        if not counts:
            raise Superseded

    async def _renew(self) -> None:
        """Keep the lease while the work goes on, and return when the attempt does not count any more."""
        with contextlib.suppress(Superseded):
            while True:
                await asyncio.sleep(_RENEW_S)
                await self._tell(self._step)


def _both(tx: Tx, diff: Diff) -> tuple[Package, Package]:
    before, after = packages.by_id(tx, diff.from_package_id), packages.by_id(tx, diff.to_package_id)
    if before is None or after is None:
        raise NotMade("diff.package_gone")
    return before, after


def _package(diff: Diff, after: Package) -> packages.PackageToAdd:
    """Return the columns of the package that brings devices to ``after``, with what that says to people and devices."""
    status = PackageStatus.UNVERIFIED if diff.needs_verification else PackageStatus.NOT_REQUIRED
    return packages.PackageToAdd(
        diff.product_id,
        diff.module,
        diff.name,
        PackageKind.DIFF,
        diff.source_version,
        diff.version,
        after.sign_method,
        status,
        [],
        after.description,
        after.custom_info,
        diff.created_by,
        diff.compression.patch_format,
        after.size_bytes,
        after.files[0].sha256,
    )


def _file_name(diff: Diff) -> str:
    return f"{diff.name}.patch"


def _size_of(path: Path) -> int:
    return path.stat().st_size


def _empty(folder: Path, room_bytes: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    if shutil.disk_usage(folder).free < room_bytes:
        raise NotMade("storage.disk_full")


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            yield piece
