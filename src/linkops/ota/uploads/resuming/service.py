"""Uploads that go on after an interruption: begin, send from where it was, finish.

A piece is on disk before its row says so, and the row is committed before the client hears of it. What is on disk
beyond what the row says is written again. Bytes are spooled as those of devices are (docs/adr/0043), and become a file
of the store of files at the end without being copied, where both are on one disk.
"""

import errno
import secrets
from collections.abc import AsyncIterator

import msgspec

from linkops.blobs import Blobs, StoredBlob, measured, new_key, regrouped
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.files.uploads.spool import Lost, Spool
from linkops.errors import Conflict, Invalid, NotFound, TooLarge, TooMany, Unavailable
from linkops.events.actor import Actor
from linkops.ota import names
from linkops.ota.model import Upload
from linkops.ota.uploads.resuming import store
from linkops.ota.uploads.resuming.model import (
    MAX_LISTED,
    MAX_RESUME_KEY_CHARS,
    MAX_UNFINISHED,
    ResumableUpload,
    Unfinished,
)
from linkops.ota.uploads.resuming.store import Keeping
from linkops.ota.uploads.resuming.turns import Turns
from linkops.ota.uploads.service import owner, require_uploader
from linkops.settings import Settings

_PIECE_BYTES = 2**20
_KEEP_AGAIN_MS = 60_000
"""How old the mark of a waiting file may be before it is renewed."""


class ResumableUploads:
    """Unfinished files of whoever may make packages; each sees only their own."""

    def __init__(self, db: Database, blobs: Blobs, spool: Spool, clock: Clock, settings: Settings) -> None:
        self._db = db
        self._blobs = blobs
        self._spool = spool
        self._clock = clock
        self._settings = settings
        self._keeping = Keeping(settings.upload_keep_s * 1_000, settings.unfinished_upload_keep_s * 1_000)
        self._turns = Turns()

    async def begin(self, actor: Actor, file_name: str, size_bytes: int, resume_key: str = "") -> ResumableUpload:
        """Begin an upload, or return the one that was begun before of the same file.

        Args:
            actor: an operator of some product.
            file_name: as devices are told it.
            size_bytes: of the whole file.
            resume_key: whatever tells this file from others of the same name and size; '' to begin anew.

        Raises:
            Forbidden: the actor is operator of no product.
            Invalid: the name, the key, or there are no bytes.
            TooLarge: more bytes than a file may have.
            TooMany: the account has `MAX_UNFINISHED`.
            Unavailable: the disk is nearly full.
        """
        require_uploader(actor)
        names.file_name(file_name, self._settings.package_file_suffixes)
        if len(resume_key) > MAX_RESUME_KEY_CHARS or not resume_key.isprintable():
            raise Invalid("text.too_long", field="resume_key", max_chars=MAX_RESUME_KEY_CHARS)
        self._check_size(size_bytes)
        now = self._clock.now()
        new = Unfinished(
            id=secrets.token_urlsafe(16),
            account_id=owner(actor),
            file_name=file_name,
            size_bytes=size_bytes,
            have_bytes=0,
            resume_key=resume_key,
            blob_key=new_key(),
            created_at=now,
            updated_at=now,
        )
        return await self._db.write(self._begin, new)

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes < 1:
            raise Invalid("upload.empty", field="file")
        if size_bytes > self._settings.max_file_bytes:
            raise TooLarge("upload.too_large", max_bytes=self._settings.max_file_bytes)

    def _begin(self, tx: Tx, new: Unfinished) -> ResumableUpload:
        if new.resume_key:
            since = new.created_at - self._keeping.finished_ms
            finished = store.same_finished(tx, new, since, self._keeping)
            if finished is not None:
                return finished
            under_way = store.same(tx, new.account_id, new.file_name, new.size_bytes, new.resume_key)
            if under_way is not None:
                return store.shown(under_way, self._keeping)
        if store.count(tx, new.account_id) >= MAX_UNFINISHED:
            raise TooMany("upload.too_many", most=MAX_UNFINISHED)
        if not self._spool.has_room(new.size_bytes):
            raise self._disk_full()
        store.add(tx, new)
        return store.shown(new, self._keeping)

    async def list(self, actor: Actor) -> list[ResumableUpload]:
        """Return the actor's uploads that no package has taken, the newest first."""
        require_uploader(actor)
        return await self._db.read(store.listed, owner(actor), self._clock.now(), self._keeping, MAX_LISTED)

    async def get(self, actor: Actor, upload_id: str) -> ResumableUpload:
        """Return how far an upload is.

        Raises:
            NotFound: it is not the actor's, or gone.
        """
        require_uploader(actor)

        def read(tx: Tx) -> ResumableUpload:
            upload = store.own(tx, upload_id, owner(actor))
            if upload is not None:
                return store.shown(upload, self._keeping)
            done = store.finished(tx, upload_id, owner(actor))
            if done is None:
                raise NotFound("upload.not_found", upload_id=upload_id)
            return self._of_finished(done)

        return await self._db.read(read)

    async def append(self, actor: Actor, upload_id: str, offset: int, chunks: AsyncIterator[bytes]) -> ResumableUpload:
        """Store what follows the first ``offset`` bytes; whole pieces are kept also if ``chunks`` break off.

        A later call for the same upload ends this one: its connection may be dead without our knowing.

        Raises:
            NotFound: it is not the actor's, finished, or gone.
            Conflict: the upload is not at ``offset``; ``have_bytes`` says where it is.
            TooLarge: more bytes than were announced; none of the last piece is stored.
            Unavailable: the disk is nearly full.
        """
        require_uploader(actor)
        async with self._turns.take(upload_id) as turn:
            async with turn.step():
                upload = await self._at(actor, upload_id, offset)
            async for piece in regrouped(chunks, _PIECE_BYTES):
                async with turn.step():
                    upload = await self._write(upload, piece)
        return store.shown(upload, self._keeping)

    async def _at(self, actor: Actor, upload_id: str, offset: int) -> Unfinished:
        upload = await self._db.read(store.own, upload_id, owner(actor))
        if upload is None:
            raise NotFound("upload.not_found", upload_id=upload_id)
        if upload.have_bytes != offset:
            raise Conflict("upload.other_offset", have_bytes=upload.have_bytes)
        return upload

    async def _write(self, upload: Unfinished, piece: bytes) -> Unfinished:
        before, after, now = upload.have_bytes, upload.have_bytes + len(piece), self._clock.now()
        if after > upload.size_bytes:
            raise TooLarge("upload.longer_than_announced", size_bytes=upload.size_bytes)
        try:
            await self._spool.write(upload.id, before, memoryview(piece))
        except Lost:
            await self._db.write(store.advance, upload.id, before, 0, now)
            raise Conflict("upload.other_offset", have_bytes=0) from None
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise self._disk_full() from error
            raise
        if not await self._db.write(self._advance, upload, after, now):
            raise NotFound("upload.not_found", upload_id=upload.id)
        return msgspec.structs.replace(upload, have_bytes=after, updated_at=now)

    def _advance(self, tx: Tx, upload: Unfinished, after: int, now: int) -> bool:
        # The files of a package wait for each other, however long the last one takes.
        since = now - self._keeping.finished_ms
        store.keep(tx, upload.account_id, since, now - _KEEP_AGAIN_MS, now)
        return store.advance(tx, upload.id, upload.have_bytes, after, now)

    async def finish(self, actor: Actor, upload_id: str, sha256: str = "") -> ResumableUpload:
        """Make the file ready for a package; asked again, the answer is the same.

        Args:
            actor: whose upload it is.
            upload_id: of an upload whose bytes are all here.
            sha256: what the client knows the file by (hexadecimal); '' is not compared.

        Raises:
            NotFound: it is not the actor's, or gone.
            Conflict: bytes are missing, or it is another file than ``sha256`` says, which is deleted then.
        """
        require_uploader(actor)
        async with self._turns.take(upload_id) as turn, turn.step():
            upload = await self._db.read(store.own, upload_id, owner(actor))
            if upload is not None:
                await self._finish(upload, sha256.lower())
        return await self.get(actor, upload_id)

    async def _finish(self, upload: Unfinished, sha256: str) -> None:
        if upload.have_bytes != upload.size_bytes:
            raise Conflict("upload.incomplete", have_bytes=upload.have_bytes)
        try:
            blob = await self._stored(upload, sha256)
        except Lost:
            await self._db.write(store.advance, upload.id, upload.have_bytes, 0, self._clock.now())
            raise Conflict("upload.incomplete", have_bytes=0) from None
        if not await self._db.write(store.finish, upload, blob, self._clock.now()):
            await self._blobs.delete(upload.blob_key)
            raise NotFound("upload.not_found", upload_id=upload.id)
        await self._spool.delete([upload.id])

    async def _stored(self, upload: Unfinished, sha256: str) -> StoredBlob:
        blob = await measured(self._pieces(upload), upload.blob_key)
        if sha256 not in {"", blob.sha256}:
            await self._forget(upload)
            raise Conflict("upload.damaged", sha256=blob.sha256)
        if await self._blobs.adopt(self._spool.path(upload.id), upload.blob_key):
            return blob
        return await self._blobs.put(self._pieces(upload), upload.size_bytes, upload.blob_key)

    async def _pieces(self, upload: Unfinished) -> AsyncIterator[bytes]:
        for start in range(0, upload.size_bytes, _PIECE_BYTES):
            yield await self._spool.read(upload.id, start, min(_PIECE_BYTES, upload.size_bytes - start))

    async def discard(self, actor: Actor, upload_id: str) -> None:
        """Delete an upload, finished or not.

        Raises:
            NotFound: it is not the actor's, or gone.
        """
        require_uploader(actor)
        async with self._turns.take(upload_id) as turn, turn.step():
            upload = await self._db.read(store.own, upload_id, owner(actor))
            if upload is not None:
                await self._forget(upload)
            elif not await self._db.write(store.abandon_finished, upload_id, owner(actor)):
                raise NotFound("upload.not_found", upload_id=upload_id)

    async def _forget(self, upload: Unfinished) -> None:
        await self._db.write(store.discard, upload.id)
        await self._blobs.delete(upload.blob_key)  # a crash while it was finished may have left it
        await self._spool.delete([upload.id])

    def _of_finished(self, done: Upload) -> ResumableUpload:
        return ResumableUpload(
            id=done.id,
            file_name=done.file_name,
            size_bytes=done.size_bytes,
            have_bytes=done.size_bytes,
            resume_key="",
            md5=done.md5,
            sha256=done.sha256,
            created_at=done.created_at,
            expires_at=done.created_at + self._keeping.finished_ms,
        )

    def _disk_full(self) -> Unavailable:
        return Unavailable("storage.disk_full", min_free_bytes=self._settings.min_free_disk_bytes)
