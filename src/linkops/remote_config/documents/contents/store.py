"""SQL of contents, each kept once in a product, and of which documents apply to which devices."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from linkops.db import Tx

_FIND = "SELECT id, size_bytes, sha256 FROM config_content WHERE product_id = :product_id AND sha256 = :sha256"
_ADD = """
INSERT INTO config_content (product_id, sha256, size_bytes, content, created_at)
VALUES (:product_id, :sha256, :size_bytes, :content, :now)
ON CONFLICT (product_id, sha256) DO UPDATE SET unused_at = NULL WHERE config_content.unused_at IS NOT NULL
"""
_CONTENT = "SELECT content FROM config_content WHERE id = :id"
_SWITCHED_ON = "SELECT enabled FROM config_switch WHERE product_id = :product_id"
_OF_PRODUCT = """
SELECT d.version_id, d.content_id, d.version, c.size_bytes, c.sha256
FROM config_document d JOIN config_content c ON c.id = d.content_id
WHERE d.product_id = :product_id AND d.scope = 'product'
"""
# The list comes first, and each of its devices is looked up: a product may have a million of them.
_NARROWER = """
SELECT d.group_id, d.device_id, d.version_id, d.content_id, d.priority FROM config_document d
WHERE d.product_id = :product_id AND d.scope = 'group' AND d.content_id IS NOT NULL
UNION ALL
SELECT d.group_id, d.device_id, d.version_id, d.content_id, d.priority
FROM {devices: id bigint} r CROSS JOIN config_document d
WHERE d.device_id = r.id AND d.product_id = :product_id AND d.content_id IS NOT NULL
"""
_RENDERINGS = """
SELECT r.layers, c.id, c.size_bytes, c.sha256
FROM {wanted: layers text} w CROSS JOIN config_rendering r LEFT JOIN config_content c ON c.id = r.content_id
WHERE r.product_id = :product_id AND r.layers = w.layers
"""
_ADD_RENDERING = """
INSERT INTO config_rendering (product_id, layers, content_id) VALUES (:product_id, :layers, :content_id)
ON CONFLICT (product_id, layers) DO NOTHING
"""


class Stored(NamedTuple):
    """A content that is kept."""

    id: int
    size_bytes: int
    sha256: str


class ProductDocument(NamedTuple):
    """The newest version of a product's document."""

    version_id: int
    version: int
    stored: Stored


class Narrower(NamedTuple):
    """The newest version of a document for a group or for one device."""

    group_id: int | None
    device_id: int | None
    version_id: int
    content_id: int
    priority: int


def keep(tx: Tx, product_id: int, content: bytes, now: int) -> Stored:
    """Return ``content`` as it is kept from now on, if it was not already."""
    sha256 = hashlib.sha256(content).hexdigest()
    tx.run(_ADD, product_id=product_id, sha256=sha256, size_bytes=len(content), content=content, now=now)
    return Stored(*tx.all(_FIND, product_id=product_id, sha256=sha256)[0])


def content(tx: Tx, content_id: int) -> bytes:
    """Return the bytes of a content that is kept."""
    return bytes(tx.scalar(_CONTENT, id=content_id))


def switched_on(tx: Tx, product_id: int) -> bool:
    """Return whether remote configuration is on for a product."""
    return bool(tx.scalar(_SWITCHED_ON, product_id=product_id))


def of_product(tx: Tx, product_id: int) -> ProductDocument | None:
    """Return the product's own document; None: nobody saved one."""
    row = tx.one(_OF_PRODUCT, product_id=product_id)
    return None if row is None else ProductDocument(row[0], row[2], Stored(row[1], row[3], row[4]))


def narrower(tx: Tx, product_id: int, device_ids: Iterable[int]) -> list[Narrower]:
    """Return the documents for groups of a product, and those for these devices alone."""
    devices = [(device_id,) for device_id in device_ids]
    return [Narrower(*row) for row in tx.all(_NARROWER, product_id=product_id, devices=devices)]


def renderings(tx: Tx, product_id: int, wanted: Iterable[str]) -> dict[str, Stored | None]:
    """Return what is known to come of layers; None: more bytes than a document may have."""
    rows = tx.all(_RENDERINGS, product_id=product_id, wanted=[(layers,) for layers in wanted])
    return {row[0]: None if row[1] is None else Stored(*row[1:]) for row in rows}


def keep_rendering(tx: Tx, product_id: int, layers: str, content_id: int | None) -> None:
    """Remember what came of layers."""
    tx.run(_ADD_RENDERING, product_id=product_id, layers=layers, content_id=content_id)
