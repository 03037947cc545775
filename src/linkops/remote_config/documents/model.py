"""What configuration documents are. Times are Unix milliseconds."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from linkops.remote_config.documents.diff import Changes
from linkops.remote_config.documents.merge import Origin
from linkops.remote_config.documents.schemas.verdict import Violation

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


class Draft(NamedTuple):
    """A document that somebody wants to save.

    Attributes:
        content: as typed.
        base_version: the number of the version that it was made from, 0: there was none.
        priority: of a group's document; None: as it is, 0 for the first.
    """

    content: str
    base_version: int
    comment: str = ""
    priority: int | None = None


class Saved(NamedTuple):
    """The newest version of a document after a save.

    Attributes:
        made: False: the newest version was the same already, and stays it.
        violations: of a schema: what in the product's document, as it is now, it does not allow.
    """

    version: Version
    made: bool
    violations: tuple[Violation, ...] = ()


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document and what became of it lately.

    Attributes:
        version: the newest; None: nobody ever saved one.
        content: as typed; None: there is none, or it was removed.
        recent: the newest versions, up to `RECENT`, the newest first.
    """

    version: Version | None
    content: str | None
    recent: list[Version]


class Comparison(NamedTuple):
    """What differs between two versions of a document.

    Attributes:
        unified: line by line, as ``diff -u`` writes it.
        changes: value by value.
    """

    older: Version
    newer: Version
    unified: str
    changes: Changes


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a product's configuration.

    Attributes:
        enabled: devices are given it.
        recent: versions of the product's document, up to `RECENT`, the newest first.
        schema: the newest version; None: there is none.
        groups: how many groups have a document.
        devices: how many devices have a document of their own, at most `linkops.devices.paging.MAX_TOTAL`.
        devices_is_more: whether there are more than that.
    """

    product_key: str
    enabled: bool
    recent: list[Version]
    schema: Version | None
    groups: int
    devices: int
    devices_is_more: bool


class GroupDocument(NamedTuple):
    """A document for a group; ``path``: the names that lead to it, None: the reader may not look at it."""

    group_id: int
    path: tuple[str, ...] | None
    version: Version


class DeviceDocument(NamedTuple):
    """A document of one device; ``id`` orders them."""

    id: int
    device_name: str
    version: Version


class PreviewLayer(NamedTuple):
    """A document that applies to a device.

    Attributes:
        group_id: of a group's document, None otherwise.
        path: the names that lead to the group, None: the reader may not look at it.
        version: the number of its newest version.
    """

    scope: Scope
    group_id: int | None
    path: tuple[str, ...] | None
    version: int
    priority: int


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What configuration a device has now.

    Attributes:
        layers: the documents that apply, each laid over those before it.
        content: what they give; None: none applies.
        size_bytes: of the content, 0 without one.
        too_large: it has more than `MAX_BYTES`, so that the device is given nothing.
        origins: by place in ``layers``, where each value comes from.
        more_origins: whether there are more than those.
    """

    product_key: str
    device_name: str
    enabled: bool
    layers: list[PreviewLayer]
    content: str | None
    size_bytes: int
    sha256: str
    too_large: bool
    origins: list[Origin]
    more_origins: bool
