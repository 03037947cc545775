"""What tags are, and who set them."""

from enum import StrEnum
from typing import NamedTuple

MAX_OWN_TAGS = 100
"""Of a device itself, those of its SDK included; operators have as many of theirs beside these."""


class Origin(StrEnum):
    """Who set a tag. A key has one tag, and an operator's stays as it is whatever the device says."""

    OPERATOR = "operator"
    DEVICE = "device"
    SYSTEM = "system"


class Tag(NamedTuple):
    """The value of a key."""

    value: str
    origin: Origin


class TagChange(NamedTuple):
    """What one message of a device asks for: tags to set, then keys to delete."""

    device_id: int
    set: dict[str, Tag]
    deleted: frozenset[str] = frozenset()


class TagOutcome(NamedTuple):
    """What became of it.

    Attributes:
        changed: whether a row was written.
        kept: keys that were left alone, since an operator set them.
        too_many: nothing was changed, as the device would have more than `MAX_OWN_TAGS`.
    """

    changed: bool
    kept: tuple[str, ...] = ()
    too_many: bool = False
