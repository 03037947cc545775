"""SQL of uploads that are not finished, and of those that were."""

from typing import NamedTuple

from linkops.blobs import StoredBlob
from linkops.db import Row, Tx
from linkops.ota.model import Upload
from linkops.ota.uploads.resuming.model import ResumableUpload, Unfinished

_COLUMNS = "id, account_id, file_name, size_bytes, have_bytes, resume_key, blob_key, created_at, updated_at"
_ADD = f"""
INSERT INTO upload_unfinished ({_COLUMNS})
VALUES (:id, :account_id, :file_name, :size_bytes, :have_bytes, :resume_key, :blob_key, :created_at, :updated_at)
"""  # noqa: S608 - our own columns
_OWN = f"SELECT {_COLUMNS} FROM upload_unfinished WHERE id = :id AND account_id = :account_id"  # noqa: S608
_SAME = f"""
SELECT {_COLUMNS} FROM upload_unfinished WHERE account_id = :account_id AND file_name = :file_name
    AND size_bytes = :size_bytes AND resume_key = :resume_key ORDER BY updated_at DESC LIMIT 1
"""  # noqa: S608
_COUNT = "SELECT count(*) FROM upload_unfinished WHERE account_id = :account_id"
# What is refused is an upload that another server, or the sweep, changed meanwhile.
_ADVANCE = """
UPDATE upload_unfinished SET have_bytes = :after, updated_at = :now WHERE id = :id AND have_bytes = :before
"""
_DELETE = "DELETE FROM upload_unfinished WHERE id = :id AND have_bytes = :have_bytes"
_DISCARD = "DELETE FROM upload_unfinished WHERE id = :id"
_FINISH = """
INSERT INTO upload (id, account_id, file_name, blob_key, size_bytes, md5, sha256, resume_key, created_at)
VALUES (:id, :account_id, :file_name, :blob_key, :size_bytes, :md5, :sha256, :resume_key, :now)
"""
_FINISHED_COLUMNS = "id, file_name, size_bytes, size_bytes, resume_key, md5, sha256, created_at, created_at"
_UNFINISHED_COLUMNS = "id, file_name, size_bytes, have_bytes, resume_key, '', '', created_at, updated_at"
_LIST = f"""
SELECT {_UNFINISHED_COLUMNS} FROM upload_unfinished WHERE account_id = :account_id AND updated_at >= :unfinished_since
UNION ALL
SELECT {_FINISHED_COLUMNS} FROM upload WHERE account_id = :account_id AND created_at >= :since
ORDER BY 9 DESC, 1 LIMIT :most
"""  # noqa: S608
_FINISHED = """
SELECT id, file_name, size_bytes, md5, sha256, created_at FROM upload
WHERE id = :id AND account_id = :account_id AND created_at > 0
"""
_SAME_FINISHED = f"""
SELECT {_FINISHED_COLUMNS} FROM upload WHERE account_id = :account_id AND created_at >= :since
    AND file_name = :file_name AND size_bytes = :size_bytes AND resume_key = :resume_key
ORDER BY created_at DESC LIMIT 1
"""  # noqa: S608
_ABANDON_FINISHED = "UPDATE upload SET created_at = 0 WHERE id = :id AND account_id = :account_id"
_KEEP = """
UPDATE upload SET created_at = :now WHERE account_id = :account_id AND created_at >= :since AND created_at < :before
"""
_STALE = "SELECT id, blob_key FROM upload_unfinished WHERE updated_at < :before ORDER BY updated_at LIMIT :most"
_REMOVE_STALE = "DELETE FROM upload_unfinished WHERE id = :id AND updated_at < :before"
_KNOWN = "SELECT id FROM upload_unfinished WHERE id IN (SELECT r.id FROM {uploads: id text} r)"


class Stale(NamedTuple):
    """An upload of which nothing came for long."""

    upload_id: str
    blob_key: str


class Keeping(NamedTuple):
    """For how many milliseconds uploads are kept, finished ones and others."""

    finished_ms: int
    unfinished_ms: int


def add(tx: Tx, upload: Unfinished) -> None:
    """Insert an upload that begins."""
    tx.run(_ADD, **{name: getattr(upload, name) for name in upload.__struct_fields__})


def own(tx: Tx, upload_id: str, account_id: int) -> Unfinished | None:
    """Return an unfinished upload of this account."""
    row = tx.one(_OWN, id=upload_id, account_id=account_id)
    return None if row is None else _unfinished(row)


def same(tx: Tx, account_id: int, file_name: str, size_bytes: int, resume_key: str) -> Unfinished | None:
    """Return the unfinished upload of what the client says is the same file."""
    row = tx.one(_SAME, account_id=account_id, file_name=file_name, size_bytes=size_bytes, resume_key=resume_key)
    return None if row is None else _unfinished(row)


def same_finished(tx: Tx, wanted: Unfinished, since: int, keeping: Keeping) -> ResumableUpload | None:
    """Return the finished upload of the same file, if a package can still be made of it."""
    row = tx.one(
        _SAME_FINISHED,
        account_id=wanted.account_id,
        file_name=wanted.file_name,
        size_bytes=wanted.size_bytes,
        resume_key=wanted.resume_key,
        since=since,
    )
    return None if row is None else _resumable(row, keeping)


def count(tx: Tx, account_id: int) -> int:
    """Return how many unfinished uploads an account has."""
    return int(tx.scalar(_COUNT, account_id=account_id))


def advance(tx: Tx, upload_id: str, before: int, after: int, now: int) -> bool:
    """Store how far an upload is; False if it is not where it was."""
    return tx.run(_ADVANCE, id=upload_id, before=before, after=after, now=now) > 0


def finish(tx: Tx, upload: Unfinished, blob: StoredBlob, now: int) -> bool:
    """Make a finished upload of one whose bytes are all here; False if it is not there any more."""
    if not tx.run(_DELETE, id=upload.id, have_bytes=upload.size_bytes):
        return False
    tx.run(
        _FINISH,
        id=upload.id,
        account_id=upload.account_id,
        file_name=upload.file_name,
        blob_key=blob.key,
        size_bytes=blob.size_bytes,
        md5=blob.md5,
        sha256=blob.sha256,
        resume_key=upload.resume_key,
        now=now,
    )
    return True


def finished(tx: Tx, upload_id: str, account_id: int) -> Upload | None:
    """Return a finished upload of this account."""
    row = tx.one(_FINISHED, id=upload_id, account_id=account_id)
    return None if row is None else Upload(*row)


def listed(tx: Tx, account_id: int, now: int, keeping: Keeping, most: int) -> list[ResumableUpload]:
    """Return up to ``most`` uploads of an account that no package has taken, the newest first."""
    since = now - keeping.finished_ms
    unfinished_since = now - keeping.unfinished_ms
    rows = tx.all(_LIST, account_id=account_id, since=since, unfinished_since=unfinished_since, most=most)
    return [_resumable(row, keeping) for row in rows]


def keep(tx: Tx, account_id: int, since: int, before: int, now: int) -> None:
    """Let the finished files of an account wait on for one that is still coming."""
    tx.run(_KEEP, account_id=account_id, since=since, before=before, now=now)


def discard(tx: Tx, upload_id: str) -> None:
    """Forget an unfinished upload."""
    tx.run(_DISCARD, id=upload_id)


def abandon_finished(tx: Tx, upload_id: str, account_id: int) -> bool:
    """Leave a finished upload of this account to the sweep, and return whether there was one."""
    return tx.run(_ABANDON_FINISHED, id=upload_id, account_id=account_id) > 0


def stale(tx: Tx, before: int, most: int) -> list[Stale]:
    """Return up to ``most`` unfinished uploads of which nothing came since ``before``."""
    return [Stale(*row) for row in tx.all(_STALE, before=before, most=most)]


def remove_stale(tx: Tx, upload_id: str, before: int) -> bool:
    """Forget an upload unless more of it has come, and return whether that was so."""
    return tx.run(_REMOVE_STALE, id=upload_id, before=before) > 0


def known(tx: Tx, upload_ids: list[str]) -> set[str]:
    """Return those of these that are unfinished uploads."""
    return {upload_id for (upload_id,) in tx.all(_KNOWN, uploads=[(upload_id,) for upload_id in upload_ids])}


def shown(upload: Unfinished, keeping: Keeping) -> ResumableUpload:
    """Return an unfinished upload as its client sees it."""
    return ResumableUpload(
        id=upload.id,
        file_name=upload.file_name,
        size_bytes=upload.size_bytes,
        have_bytes=upload.have_bytes,
        resume_key=upload.resume_key,
        md5="",
        sha256="",
        created_at=upload.created_at,
        expires_at=upload.updated_at + keeping.unfinished_ms,
    )


def _unfinished(row: Row) -> Unfinished:
    return Unfinished(**dict(zip(Unfinished.__struct_fields__, row, strict=True)))


def _resumable(row: Row, keeping: Keeping) -> ResumableUpload:
    keep_ms = keeping.finished_ms if row[6] else keeping.unfinished_ms
    return ResumableUpload(
        id=row[0],
        file_name=row[1],
        size_bytes=row[2],
        have_bytes=row[3],
        resume_key=row[4],
        md5=row[5],
        sha256=row[6],
        created_at=row[7],
        expires_at=row[8] + keep_ms,
    )
