"""What a condition about a device is."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

MS_PER_DAY = 86_400_000


class ConditionField(StrEnum):
    """What a condition is about."""

    PRODUCT = "product"
    NAME_PREFIX = "name_prefix"
    TAG = "tag"
    VERSION = "version"
    ONLINE = "online"
    ENABLED = "enabled"
    ACTIVATED = "activated"


class Condition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Something that holds for a device or does not; what is None is left open.

    Attributes:
        holds: whether it is online, is enabled, was ever activated, or reported any version of ``module``.
        product_keys: it is of one of these products.
        prefix: its name begins so.
        key: it has this tag, with ``value`` unless that is None.
        module: reported one of ``versions``.
        since_at: its first login ever was then or later.
        before_at: its first login ever was earlier.
        within_days: its first login ever was in the last so many days.
    """

    field: ConditionField
    holds: bool | None = None
    product_keys: tuple[str, ...] | None = None
    prefix: str | None = None
    key: str | None = None
    value: str | None = None
    module: str | None = None
    versions: tuple[str, ...] | None = None
    since_at: int | None = None
    before_at: int | None = None
    within_days: int | None = None

    def activated_since_at(self, now: int) -> int | None:
        """Return when the first login was at the earliest, in Unix milliseconds; None: that is left open."""
        if self.within_days is not None:
            return max(self.since_at or 0, now - self.within_days * MS_PER_DAY)
        return self.since_at


class MemberOf(NamedTuple):
    """The condition that a device was put into one of these groups."""

    group_ids: tuple[int, ...]


AnyCondition = Condition | MemberOf
