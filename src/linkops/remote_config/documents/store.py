"""SQL of documents and their versions; their bytes are in `contents.store`."""

from typing import NamedTuple

from linkops.db import Row, Tx
from linkops.remote_config.documents.model import Scope, Version

# One text a scope, each of which has an index of its own.
_WHERE = {
    Scope.PRODUCT: "product_id = :product_id AND scope = 'product'",
    Scope.SCHEMA: "product_id = :product_id AND scope = 'schema'",
    Scope.GROUP: "product_id = :product_id AND group_id = :group_id",
    Scope.DEVICE: "product_id = :product_id AND device_id = :device_id",
}
_OPEN = """
INSERT INTO config_document (product_id, scope, group_id, device_id)
VALUES (:product_id, :scope, :group_id, :device_id) ON CONFLICT DO NOTHING
"""
_FIND = "SELECT id, version, version_id, content_id, priority FROM config_document WHERE "
_ADD_VERSION = """
INSERT INTO config_version (document_id, number, content_id, priority, restored_from, comment, created_by, created_at)
VALUES (:document_id, :number, :content_id, :priority, :restored_from, :comment, :created_by, :now)
RETURNING id
"""
_SET_CURRENT = """
UPDATE config_document SET version = :number, version_id = :version_id, content_id = :content_id,
    size_bytes = :size_bytes, priority = :priority
WHERE id = :document_id AND version = :number - 1
"""
_VERSIONS = """
SELECT v.id, v.number, v.content_id, c.size_bytes, c.sha256, v.priority, v.restored_from, v.comment, v.created_by,
    v.created_at
FROM config_version v LEFT JOIN config_content c ON c.id = v.content_id
WHERE v.document_id = :document_id
"""
_BY_NUMBER = _VERSIONS + "AND v.number = :number"
_NEWEST = _VERSIONS + "AND v.number < :before ORDER BY v.number DESC LIMIT :most"


class Place(NamedTuple):
    """Where a document belongs: the columns that tell it from all others."""

    product_id: int
    scope: Scope
    group_id: int | None
    device_id: int | None


class Document(NamedTuple):
    """A document's newest state; version 0: nobody saved one; content None: there is none, or it was removed."""

    id: int
    version: int
    version_id: int
    content_id: int | None
    priority: int


class VersionToAdd(NamedTuple):
    """The columns of a version to be."""

    content_id: int | None
    size_bytes: int
    priority: int
    restored_from: int | None
    comment: str
    created_by: str


def find(tx: Tx, place: Place) -> Document | None:
    """Return a document; None: nobody ever saved one."""
    row = tx.one(_FIND + _WHERE[place.scope], **place._asdict())
    return None if row is None else Document(*row)


def lock(tx: Tx, place: Place) -> Document:
    """Return a document, made if there was none, that nobody else changes until the unit ends."""
    tx.run(_OPEN, **place._asdict())
    statement = _FIND + _WHERE[place.scope] + "{for_update}"
    return Document(*tx.all(statement, **place._asdict())[0])


def add_version(tx: Tx, document: Document, version: VersionToAdd, now: int) -> Version:
    """Add the next version of a locked document, which is the newest from now on, and return it."""
    number, columns = document.version + 1, version._asdict()
    size_bytes = columns.pop("size_bytes")
    version_id = tx.scalar(_ADD_VERSION, document_id=document.id, number=number, now=now, **columns)
    tx.run(
        _SET_CURRENT,
        document_id=document.id,
        number=number,
        version_id=version_id,
        content_id=version.content_id,
        size_bytes=size_bytes,
        priority=version.priority,
    )
    return versions(tx, document.id, number + 1, 1)[0]


def version(tx: Tx, document_id: int, number: int) -> tuple[Version, int | None] | None:
    """Return a version and the id of its content; None: there is none with this number."""
    row = tx.one(_BY_NUMBER, document_id=document_id, number=number)
    return None if row is None else (_version(row), row[2])


def versions(tx: Tx, document_id: int, before: int, most: int) -> list[Version]:
    """Return up to ``most`` versions with numbers below ``before``, the newest first."""
    return [_version(row) for row in tx.all(_NEWEST, document_id=document_id, before=before, most=most)]


def _version(row: Row) -> Version:
    return Version(
        id=row[0],
        number=row[1],
        removed=row[2] is None,
        size_bytes=row[3] or 0,
        sha256=row[4] or "",
        priority=row[5],
        restored_from=row[6],
        comment=row[7],
        created_by=row[8],
        created_at=row[9],
    )
