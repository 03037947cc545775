"""Uploads: a file is streamed to storage first and becomes part of a package afterwards, or is swept away."""

import secrets
from collections.abc import AsyncIterator

from linkops.blobs import Blobs
from linkops.clock import Clock
from linkops.db import Database
from linkops.errors import Forbidden, Invalid, Unavailable
from linkops.events.actor import Actor, Role
from linkops.ota import names
from linkops.ota.model import Upload
from linkops.ota.uploads import store
from linkops.settings import Settings

_FILES_PER_SWEEP = 20
_SWEEP_AFTER_MS = 60_000
"""After nobody may use an upload any more, so that none is swept while a package is made of it."""


class Uploads:
    """Files on their way into a package; who may make packages may upload."""

    def __init__(self, db: Database, blobs: Blobs, clock: Clock, settings: Settings) -> None:
        self._db = db
        self._blobs = blobs
        self._clock = clock
        self._settings = settings

    async def receive(self, actor: Actor, file_name: str, chunks: AsyncIterator[bytes]) -> Upload:
        """Store a file as it comes in and return what it is; it is on disk then.

        Raises:
            Forbidden: the actor is operator of no product.
            Invalid: the name, or there are no bytes.
            TooLarge: more bytes than a file may have.
            Unavailable: the disk is nearly full.
        """
        require_uploader(actor)
        names.file_name(file_name, self._settings.package_file_suffixes)
        blob = await self._blobs.put(self._watched(chunks), self._settings.max_file_bytes)
        if not blob.size_bytes:
            await self._blobs.delete(blob.key)
            raise Invalid("upload.empty", field="file")
        upload_id, now = secrets.token_urlsafe(16), self._clock.now()
        await self._db.write(store.add, upload_id, owner(actor), file_name, blob, now)
        return Upload(upload_id, file_name, blob.size_bytes, blob.md5, blob.sha256, now)

    async def _watched(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Pass chunks on while there is room for as many bytes again as the next chunk has."""
        self._check_room(0)
        async for chunk in chunks:
            self._check_room(len(chunk))
            yield chunk

    def _check_room(self, size_bytes: int) -> None:
        free = self._blobs.free_bytes()
        if free is not None and free - size_bytes < self._settings.min_free_disk_bytes:
            raise Unavailable("storage.disk_full", min_free_bytes=self._settings.min_free_disk_bytes)

    async def sweep(self) -> bool:
        """Delete some files that no package has, or has any more; return whether there are others (a tick)."""
        before = usable_since(self._clock.now(), self._settings) - _SWEEP_AFTER_MS
        orphans = await self._db.read(store.orphans, before, _FILES_PER_SWEEP)
        for orphan in orphans:
            # The file first: after a crash in between, the row still says that it is to be deleted.
            await self._blobs.delete(orphan.blob_key)
            await self._db.write(store.delete, [orphan.upload_id])
        return len(orphans) == _FILES_PER_SWEEP


def require_uploader(actor: Actor) -> None:
    """Do nothing if ``actor`` may make packages of some product.

    Raises:
        Forbidden: otherwise.
    """
    if not any(role >= Role.OPERATOR for role in actor.roles.values()):
        raise Forbidden("access.role_required", role=Role.OPERATOR.name.lower())


def owner(actor: Actor) -> int:
    """Return whose uploads those of ``actor`` are."""
    return store.NOBODY if actor.account_id is None else actor.account_id


def usable_since(now: int, settings: Settings) -> int:
    """Return when an upload that may become a package at ``now`` was made at the earliest."""
    return now - settings.upload_keep_s * 1_000
