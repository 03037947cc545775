"""Lines of the audit trail and of the event log, and what to look for in them."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who changed what; ``at`` is Unix milliseconds.

    Attributes:
        account_name: as it was then; the account may be gone.
        action: as in "device.delete".
        target: as in "device:a1B2c3D4e5F/pump-7".
    """

    id: int
    at: int
    account_name: str
    address: str
    action: str
    target: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventLine:
    """Something that happened; ``at`` is Unix milliseconds."""

    id: int
    at: int
    kind: str
    product_key: str
    device_name: str | None
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines of the audit trail; None leaves a field open.

    Attributes:
        action_begins: as in "device." for all that was done to devices.
        product_key: lines about a product and what belongs to it.
        since: Unix milliseconds, inclusive.
        until: Unix milliseconds, exclusive.
    """

    account_name: str | None = None
    action: str | None = None
    action_begins: str | None = None
    target: str | None = None
    product_key: str | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events; None leaves a field open; ``since`` is inclusive and ``until`` exclusive, Unix milliseconds."""

    kind: str | None = None
    product_key: str | None = None
    device_name: str | None = None
    since: int | None = None
    until: int | None = None
