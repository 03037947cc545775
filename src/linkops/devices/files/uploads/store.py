"""SQL of uploads that are under way, and of what they hold of the quotas."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from linkops.db import Row, Tx
from linkops.devices.files.model import Held
from linkops.devices.files.uploads.model import Upload

_COLUMNS = (
    "id, device_id, product_id, file_name, size_bytes, room_bytes, have_bytes, crc64, wanted_crc64, init_uid, blob_key"
)
_ADD = """
INSERT INTO device_upload (id, device_id, product_id, file_name, size_bytes, room_bytes, crc64, wanted_crc64, init_uid,
    blob_key, created_at, updated_at)
VALUES (:id, :device_id, :product_id, :file_name, :size_bytes, :room_bytes, :crc64, :wanted_crc64, :init_uid,
    :blob_key, :now, :now)
"""
_BY_ID = f"SELECT {_COLUMNS} FROM device_upload WHERE id = :id AND device_id = :device_id"  # noqa: S608 - our own columns
_BY_NAME = f"SELECT {_COLUMNS} FROM device_upload WHERE device_id = :device_id AND file_name = :file_name"  # noqa: S608
_ADVANCE = """
UPDATE device_upload SET have_bytes = r.after, crc64 = r.crc64, updated_at = r.at
FROM {blocks: id text, before bigint, after bigint, crc64 text, at bigint} r
WHERE device_upload.id = r.id AND device_upload.have_bytes = r.before
RETURNING device_upload.id
"""
_REMOVE = """
DELETE FROM device_upload WHERE id IN (SELECT r.id FROM {uploads: id text} r) AND updated_at < :idle_since
RETURNING id, room_bytes, blob_key
"""
_FINISH = "DELETE FROM device_upload WHERE id = :id AND have_bytes = :have_bytes RETURNING room_bytes"
_TAKE = """
UPDATE device_storage SET held_bytes = held_bytes + :more WHERE id = 1 AND held_bytes + :more <= :most
"""
_FREE = "UPDATE device_storage SET held_bytes = held_bytes - :less WHERE id = 1"
_OF_DEVICE = """
SELECT count(*), coalesce(sum(held), 0) FROM (
    SELECT size_bytes AS held FROM device_file WHERE device_id = :device_id AND file_name <> :file_name
    UNION ALL SELECT room_bytes FROM device_upload WHERE device_id = :device_id AND file_name <> :file_name) h
"""
_IN_ALL = "SELECT held_bytes FROM device_storage WHERE id = 1"
_STALE = "SELECT id FROM device_upload WHERE updated_at < :before ORDER BY updated_at LIMIT :most"
_OF_NOBODY = """
SELECT id FROM device_upload u WHERE NOT EXISTS (SELECT 1 FROM device d WHERE d.id = u.device_id) LIMIT :most
"""
_KNOWN = "SELECT id FROM device_upload WHERE id IN (SELECT r.id FROM {uploads: id text} r)"

EVER = 2**62
"""Later than anything."""


class Advance(NamedTuple):
    """A block that is on disk: the upload had ``before`` bytes, and has ``after`` now."""

    upload_id: str
    before: int
    after: int
    crc64: str
    at: int


class Removed(NamedTuple):
    """An upload that is gone."""

    upload_id: str
    room_bytes: int
    blob_key: str


def add(tx: Tx, upload: Upload, now: int) -> None:
    """Insert an upload."""
    tx.run(
        _ADD,
        id=upload.id,
        device_id=upload.device_id,
        product_id=upload.product_id,
        file_name=upload.file_name,
        size_bytes=upload.size_bytes,
        room_bytes=upload.room_bytes,
        crc64=write_crc64(upload.crc64),
        wanted_crc64=upload.wanted_crc64,
        init_uid=upload.init_uid,
        blob_key=upload.blob_key,
        now=now,
    )


def by_id(tx: Tx, device_id: int, upload_id: str) -> Upload | None:
    """Return an upload of this device."""
    row = tx.one(_BY_ID, id=upload_id, device_id=device_id)
    return None if row is None else _upload(row)


def by_name(tx: Tx, device_id: int, file_name: str) -> Upload | None:
    """Return the upload of this device under this name."""
    row = tx.one(_BY_NAME, device_id=device_id, file_name=file_name)
    return None if row is None else _upload(row)


def advance(tx: Tx, blocks: Sequence[Advance]) -> set[str]:
    """Store how far uploads are, each at most once; return those that were where the block began."""
    return {upload_id for (upload_id,) in tx.all(_ADVANCE, blocks=blocks)}


def remove(tx: Tx, upload_ids: Iterable[str], idle_since: int) -> list[Removed]:
    """Forget those of these uploads of which nothing came since, and return them; what they held is free again."""
    uploads = [(upload_id,) for upload_id in upload_ids]
    removed = [Removed(*row) for row in tx.all(_REMOVE, uploads=uploads, idle_since=idle_since)]
    free(tx, sum(each.room_bytes for each in removed))
    return removed


def finish(tx: Tx, upload: Upload) -> int | None:
    """Forget an upload whose file takes its place and return what it held; None unless it is as it was read."""
    held: int | None = tx.scalar(_FINISH, id=upload.id, have_bytes=upload.have_bytes)
    return held


def take(tx: Tx, more_bytes: int, most_bytes: int) -> bool:
    """Reserve so much of what all devices may have; False if that is too much."""
    return tx.run(_TAKE, more=more_bytes, most=most_bytes) == 1


def free(tx: Tx, less_bytes: int) -> None:
    """Give so much of it back."""
    if less_bytes:
        tx.run(_FREE, less=less_bytes)


def held(tx: Tx, device_id: int, but_file_name: str) -> Held:
    """Return what counts against the quotas, whatever has this name left out of what the device has."""
    files, held_bytes = tx.all(_OF_DEVICE, device_id=device_id, file_name=but_file_name)[0]
    return Held(files, int(held_bytes), int(tx.scalar(_IN_ALL)))


def stale(tx: Tx, before: int, most: int) -> list[str]:
    """Return up to ``most`` uploads of which nothing came since ``before``."""
    return [upload_id for (upload_id,) in tx.all(_STALE, before=before, most=most)]


def of_nobody(tx: Tx, most: int) -> list[str]:
    """Return up to ``most`` uploads whose device is gone."""
    return [upload_id for (upload_id,) in tx.all(_OF_NOBODY, most=most)]


def known(tx: Tx, upload_ids: Sequence[str]) -> set[str]:
    """Return those of these uploads that are under way."""
    return {upload_id for (upload_id,) in tx.all(_KNOWN, uploads=[(upload_id,) for upload_id in upload_ids])}


def write_crc64(crc64: int) -> str:
    """Return a check sum as devices read it: 16 hexadecimal digits in lower case."""
    return f"{crc64:016x}"


def _upload(row: Row) -> Upload:
    return Upload(
        id=row[0],
        device_id=row[1],
        product_id=row[2],
        file_name=row[3],
        size_bytes=row[4],
        room_bytes=row[5],
        have_bytes=row[6],
        crc64=int(row[7], 16),
        wanted_crc64=row[8],
        init_uid=row[9],
        blob_key=row[10],
    )
