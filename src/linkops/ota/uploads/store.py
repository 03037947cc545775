"""SQL of uploads: stored files that belong to no package, or no longer."""

from collections.abc import Iterable
from typing import NamedTuple

from linkops.blobs import StoredBlob
from linkops.db import Tx
from linkops.ota.model import Upload

_ADD = """
INSERT INTO upload (id, account_id, file_name, blob_key, size_bytes, md5, sha256, created_at)
VALUES (:id, :account_id, :file_name, :blob_key, :size_bytes, :md5, :sha256, :now)
"""
_OWN = """
SELECT id, file_name, size_bytes, md5, sha256, created_at FROM upload
WHERE id IN (SELECT r.id FROM {uploads: id text} r) AND account_id = :account_id AND created_at >= :since
"""
_ABANDON = """
INSERT INTO upload (id, account_id, file_name, blob_key, size_bytes, md5, sha256, created_at)
SELECT r.blob_key, 0, '', r.blob_key, 0, '', '', 0 FROM {keys: blob_key text} r WHERE 1 = 1
"""
_ORPHANS = "SELECT id, blob_key FROM upload WHERE created_at < :before ORDER BY created_at LIMIT :most"
_DELETE = "DELETE FROM upload WHERE id IN (SELECT r.id FROM {uploads: id text} r)"

NOBODY = 0
"""The account of uploads by the command line on the server."""


class Orphan(NamedTuple):
    """A file that nothing needs."""

    upload_id: str
    blob_key: str


def add(tx: Tx, upload_id: str, account_id: int, file_name: str, blob: StoredBlob, now: int) -> None:
    """Insert the upload of a file that is stored."""
    tx.run(
        _ADD,
        id=upload_id,
        account_id=account_id,
        file_name=file_name,
        blob_key=blob.key,
        size_bytes=blob.size_bytes,
        md5=blob.md5,
        sha256=blob.sha256,
        now=now,
    )


def own(tx: Tx, upload_ids: Iterable[str], account_id: int, since: int) -> dict[str, Upload]:
    """Return those of these uploads, by id, that this account made, not before ``since``."""
    rows = tx.all(_OWN, uploads=[(upload_id,) for upload_id in upload_ids], account_id=account_id, since=since)
    return {row[0]: Upload(*row) for row in rows}


def abandon(tx: Tx, blob_keys: list[str]) -> None:
    """Leave files that lost their package to the sweep."""
    tx.run(_ABANDON, keys=[(key,) for key in blob_keys])


def orphans(tx: Tx, before: int, most: int) -> list[Orphan]:
    """Return up to ``most`` uploads from before ``before``."""
    return [Orphan(*row) for row in tx.all(_ORPHANS, before=before, most=most)]


def delete(tx: Tx, upload_ids: Iterable[str]) -> None:
    """Forget uploads, whose files are a package's by now, or deleted."""
    tx.run(_DELETE, uploads=[(upload_id,) for upload_id in upload_ids])
