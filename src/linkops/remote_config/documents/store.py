"""SQL of documents and their versions; their bytes are in `contents.store`."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

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
_BY_IDS = _VERSIONS.replace("v.document_id = :document_id", "v.id IN (SELECT r.id FROM {versions: id bigint} r)")
_BY_NUMBER = _VERSIONS + "AND v.number = :number"
_NEWEST = _VERSIONS + "AND v.number < :before ORDER BY v.number DESC LIMIT :most"
_COUNT_GROUPS = """
SELECT count(*) FROM config_document WHERE product_id = :product_id AND scope = 'group' AND content_id IS NOT NULL
"""
_LARGEST = """
SELECT d.group_id, v.device_name, d.content_id FROM config_document d LEFT JOIN device v ON v.id = d.device_id
WHERE d.product_id = :product_id AND d.scope IN ('group', 'device') AND d.size_bytes > :beyond
ORDER BY d.size_bytes DESC LIMIT :most
"""
_COUNT_DEVICES = """
SELECT count(*) FROM (
    SELECT 1 FROM config_document WHERE product_id = :product_id AND scope = 'device' AND content_id IS NOT NULL
    LIMIT :most
) c
"""
_OF_GROUPS = """
SELECT d.id, d.group_id FROM config_document d
WHERE d.product_id = :product_id AND d.scope = 'group' AND d.content_id IS NOT NULL
ORDER BY d.priority DESC, d.group_id DESC LIMIT :most
"""
_OF_DEVICES = """
SELECT d.id, v.device_name FROM config_document d JOIN device v ON v.id = d.device_id
WHERE d.product_id = :product_id AND d.scope = 'device' AND d.content_id IS NOT NULL AND d.id > :after
ORDER BY d.id LIMIT :most
"""
_CURRENT = """
SELECT v.id, v.number, v.content_id, c.size_bytes, c.sha256, v.priority, v.restored_from, v.comment, v.created_by,
    v.created_at, d.id
FROM {documents: id bigint} r CROSS JOIN config_document d JOIN config_version v ON v.id = d.version_id
    LEFT JOIN config_content c ON c.id = v.content_id
WHERE d.id = r.id
"""
_SWITCH = """
INSERT INTO config_switch (product_id, enabled, updated_at) VALUES (:product_id, :enabled, :now)
ON CONFLICT (product_id) DO UPDATE SET enabled = excluded.enabled, updated_at = excluded.updated_at
WHERE config_switch.enabled <> excluded.enabled
"""


class Place(NamedTuple):
    """Where a document belongs: the columns that tell it from all others."""

    product_id: int
    scope: Scope
    group_id: int | None
    device_id: int | None


class State(NamedTuple):
    """A document's newest state; version 0: nobody saved one; content None: there is none, or it was removed."""

    id: int
    version: int
    version_id: int
    content_id: int | None
    priority: int


class Large(NamedTuple):
    """A narrower document that is large.

    Attributes:
        owner: whose it is, as in "group 7" or "device pump-1".
    """

    owner: str
    content_id: int


class VersionToAdd(NamedTuple):
    """The columns of a version to be."""

    content_id: int | None
    size_bytes: int
    priority: int
    restored_from: int | None
    comment: str
    created_by: str


def find(tx: Tx, place: Place) -> State | None:
    """Return a document; None: nobody ever saved one."""
    row = tx.one(_FIND + _WHERE[place.scope], **place._asdict())
    return None if row is None else State(*row)


def lock(tx: Tx, place: Place) -> State:
    """Return a document, made if there was none, that nobody else changes until the unit ends."""
    tx.run(_OPEN, **place._asdict())
    statement = _FIND + _WHERE[place.scope] + "{for_update}"
    return State(*tx.all(statement, **place._asdict())[0])


def add_version(tx: Tx, document: State, version: VersionToAdd, now: int) -> Version:
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


def by_ids(tx: Tx, version_ids: Iterable[int]) -> dict[int, Version]:
    """Return versions by id."""
    rows = tx.all(_BY_IDS, versions=[(version_id,) for version_id in version_ids])
    return {row[0]: _version(row) for row in rows}


def newest(tx: Tx, state: State | None) -> Version | None:
    """Return the newest version of a document; None: nobody ever saved one."""
    return None if state is None or state.version == 0 else versions(tx, state.id, state.version + 1, 1)[0]


def count_groups(tx: Tx, product_id: int) -> int:
    """Return how many groups have a document of a product."""
    return int(tx.scalar(_COUNT_GROUPS, product_id=product_id))


def count_devices(tx: Tx, product_id: int, most: int) -> int:
    """Return how many devices have a document of their own, counting no further than ``most``."""
    return int(tx.scalar(_COUNT_DEVICES, product_id=product_id, most=most))


def of_groups(tx: Tx, product_id: int, most: int) -> dict[int, Version]:
    """Return the newest versions of the documents for groups by group id, the uppermost layer first."""
    return _current(tx, tx.all(_OF_GROUPS, product_id=product_id, most=most))


def of_devices(tx: Tx, product_id: int, after: int, most: int) -> list[tuple[int, str, Version]]:
    """Return documents of devices behind the one with the id ``after``, as id, device name and newest version."""
    rows = tx.all(_OF_DEVICES, product_id=product_id, after=after, most=most)
    found = _current(tx, rows)
    return [(document_id, name, found[name]) for document_id, name in rows]


def largest(tx: Tx, product_id: int, beyond_bytes: int, most: int) -> list[Large]:
    """Return up to ``most`` narrower documents of more than ``beyond_bytes``, the largest first."""
    rows = tx.all(_LARGEST, product_id=product_id, beyond=beyond_bytes, most=most)
    return [Large(f"group {row[0]}" if row[0] else f"device {row[1]}", row[2]) for row in rows]


def switch(tx: Tx, product_id: int, now: int, *, on: bool) -> bool:
    """Switch remote configuration of a product on or off, and return whether it was not so already."""
    return tx.run(_SWITCH, product_id=product_id, enabled=int(on), now=now) > 0


def _current(tx: Tx, documents: Sequence[Row]) -> dict[Any, Version]:
    """Return the newest version of documents, given as their ids and what to call them."""
    found = {row[10]: _version(row) for row in tx.all(_CURRENT, documents=[(row[0],) for row in documents])}
    return {owner: found[document_id] for document_id, owner in documents}


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
