"""The end of an upload: its bytes go from the spool to the store of files, and a row says so."""

import asyncio
from collections.abc import AsyncIterator

from linkops.blobs import Blobs, StoredBlob
from linkops.db import Database, Tx
from linkops.devices.files import store as files
from linkops.devices.files.model import MAX_FILE_BYTES
from linkops.devices.files.uploads import store
from linkops.devices.files.uploads.model import Upload
from linkops.devices.files.uploads.spool import Spool
from linkops.devices.model import DeviceKey
from linkops.events.kinds import FILE_UPLOADED
from linkops.events.store import Event, record_events

STORED_WITHIN_S = 60.0
_AT_ONCE = 4
"""Each holds some megabytes."""
_PIECE_BYTES = 2**20


class Finisher:
    """Makes files of complete uploads, a few at a time."""

    def __init__(self, db: Database, blobs: Blobs, spool: Spool) -> None:
        self._db = db
        self._blobs = blobs
        self._spool = spool
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def finish(self, upload: Upload, size_bytes: int, crc64: int, key: DeviceKey, now: int) -> bool:
        """Make a file of an upload whose bytes are all on disk; it takes the place of one of the same name.

        Returns:
            False if the upload is not there any more, or was changed meanwhile.

        Raises:
            Lost: its bytes are not there any more.
            TimeoutError: the store took too long.
            Exception: what the store raised.
        """
        async with self._turn, asyncio.timeout(STORED_WITHIN_S):
            blob = await self._blobs.put(self._pieces(upload.id, size_bytes), MAX_FILE_BYTES, upload.blob_key)
        done = await self._db.write(_finish, upload, blob, crc64, key, now)
        if done:
            await self._spool.delete([upload.id])
        else:
            await self._blobs.delete(upload.blob_key)
        return done

    async def _pieces(self, upload_id: str, size_bytes: int) -> AsyncIterator[bytes]:
        for start in range(0, size_bytes, _PIECE_BYTES):
            yield await self._spool.read(upload_id, start, min(_PIECE_BYTES, size_bytes - start))


def _finish(tx: Tx, upload: Upload, blob: StoredBlob, crc64: int, key: DeviceKey, now: int) -> bool:
    room_bytes = store.finish(tx, upload)
    if room_bytes is None:
        return False
    replaced = files.remove_named(tx, upload.device_id, upload.file_name)
    files.abandon(tx, replaced.blob_keys, now)
    store.free(tx, room_bytes + replaced.size_bytes - blob.size_bytes)
    file_id = files.add(
        tx,
        now,
        device_id=upload.device_id,
        product_id=upload.product_id,
        file_name=upload.file_name,
        size_bytes=blob.size_bytes,
        crc64=store.write_crc64(crc64),
        sha256=blob.sha256,
        blob_key=blob.key,
        upload_id=upload.id,
        wanted_crc64=upload.wanted_crc64,
    )
    body = {**key._asdict(), "fileId": str(file_id), "fileName": upload.file_name, "fileSize": blob.size_bytes}
    record_events(tx, [Event(now, FILE_UPLOADED, upload.product_id, upload.device_id, body)])
    return True
