"""What configuration documents are. Times are Unix milliseconds."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

MAX_BYTES = 65_536
"""In UTF-8: of a document, and of what documents give when they are merged (docs/protocol/remote-config.md)."""
MAX_DEPTH = 100
MAX_COMMENT_CHARS = 200
MAX_GROUP_DOCUMENTS = 50
"""Of one product: a device may be in all of these groups."""
MAX_PRIORITY = 1_000
RECENT = 5
"""Versions that are shown first."""


class Scope(StrEnum):
    """What a document is for."""

    PRODUCT = "product"
    GROUP = "group"
    DEVICE = "device"
    SCHEMA = "schema"


class Target(NamedTuple):
    """Which document of a product.

    Attributes:
        group_id: of a group's document, None otherwise.
        device_name: of a device's document, None otherwise.
    """

    product_key: str
    scope: Scope
    group_id: int | None = None
    device_name: str | None = None


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A document as somebody saved it.

    Attributes:
        id: unique among all documents; the ``configId`` of a product's document.
        number: from 1 in each document.
        removed: from here on the document did not apply any more; it has no content.
        size_bytes: 0 if removed.
        sha256: hexadecimal; '' if removed.
        priority: of a group's document, 0 otherwise.
        restored_from: the number of the version that it is a copy of.
    """

    id: int
    number: int
    removed: bool
    size_bytes: int
    sha256: str
    priority: int
    restored_from: int | None
    comment: str
    created_by: str
    created_at: int
