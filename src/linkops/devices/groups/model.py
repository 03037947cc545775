"""What groups are."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from linkops.devices.conditions.model import Condition

MAX_LEVEL = 3
MAX_GROUPS = 200
"""Of one product, and of those over all products."""
MAX_SUB_GROUPS = 100
MAX_IMPORTED = 1_000_000
PATH_SEPARATOR = " / "


def path_text(path: tuple[str, ...]) -> str:
    """Return the names that lead to a group, as people read them."""
    return PATH_SEPARATOR.join(path)


class GroupKind(StrEnum):
    """How a group comes by its devices."""

    STATIC = "static"
    DYNAMIC = "dynamic"


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Some devices under one name.

    Attributes:
        product_id: whose devices it may hold; None: those of all products.
        path: the names of the groups that it is part of, the highest first, and its own.
        query: of a dynamic group, which has the devices for which all of this holds.
        level: 1 to `MAX_LEVEL`; 1 has no parent.
        sub_groups: how many groups are directly below it.
    """

    id: int
    parent_id: int | None
    product_id: int | None
    product_key: str | None
    path: tuple[str, ...]
    description: str
    kind: GroupKind
    query: tuple[Condition, ...]
    level: int
    sub_groups: int
    created_by: str
    created_at: int
    updated_at: int

    @property
    def name(self) -> str:
        """What people call it; unique among those directly below the same group."""
        return self.path[-1]


class NewGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group that is to be.

    Attributes:
        product_key: None: that of the parent; without a parent, devices of all products.
        query: None: the group is static.
    """

    name: str
    description: str = ""
    product_key: str | None = None
    parent_id: int | None = None
    query: tuple[Condition, ...] | None = None


class Counted(NamedTuple):
    """How many devices there are, at most `linkops.devices.paging.MAX_TOTAL`, and whether there are more."""

    total: int
    total_is_more: bool
