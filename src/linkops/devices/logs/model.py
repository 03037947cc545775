"""What a log entry is, and what can be asked of a device's log."""

from typing import NamedTuple

import msgspec

from linkops.alink.logs import LogEntry


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a device's log.

    Attributes:
        id: grows in the order in which entries came.
        received_at: when it came.
        logged_at: what the device says; None when that cannot be read.
        utc_time: how the device says it.
    """

    id: int
    received_at: int
    logged_at: int | None
    utc_time: str
    level: str
    module: str
    code: str
    trace_context: str
    content: str


class LogFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries; None: whatever.

    Attributes:
        level: as devices write it, as in ERROR; case does not count.
        text_prefix: how the content begins.
        since: Unix milliseconds at which it came, inclusive.
        until: Unix milliseconds, exclusive.
    """

    level: str | None = None
    module: str | None = None
    text_prefix: str = ""
    since: int | None = None
    until: int | None = None


class LogSwitch(msgspec.Struct, frozen=True):
    """Whether a device uploads its log.

    Attributes:
        on: what holds.
        own: what was said about this device; None: what holds for its product.
    """

    on: bool
    own: bool | None


class Posted(NamedTuple):
    """Entries that a device sent at ``at``."""

    device_id: int
    entries: list[LogEntry]
    at: int
