"""What a device is known to have, beside what it should have (docs/protocol/remote-config.md#drift)."""

from enum import StrEnum
from typing import NamedTuple

import msgspec


class Standing(StrEnum):
    """How a device stands to the configuration that it should have."""

    IN_STEP = "in_step"
    BEHIND = "behind"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NONE_WANTED = "none_wanted"


DRIFTING = frozenset({Standing.BEHIND, Standing.REFUSED, Standing.UNKNOWN})


class Known(NamedTuple):
    """What is known of a device; None: nothing. A device without any evidence has `NOTHING`."""

    content_id: int | None
    evidence: str
    known_at: int | None
    refused_content_id: int | None
    refused_at: int | None
    sent_content_id: int | None
    sent_at: int | None


NOTHING = Known(None, "", None, None, None, None, None)


class DeviceDrift(msgspec.Struct, frozen=True, kw_only=True):
    """A device, and how it stands.

    Attributes:
        wanted_config_id: what it should have; '' when no document applies.
        evidence: how it is known what it has: "acknowledged", "downloaded", or ''.
        known_at: when that was; None: never.
        refused_at: when it refused what it should have; None: it did not.
        sent_at: when it was last given a link; None: never.
    """

    device_id: int
    device_name: str
    standing: Standing
    wanted_config_id: str
    wanted_sha256: str
    known_sha256: str
    evidence: str
    known_at: int | None
    refused_at: int | None
    sent_at: int | None


class DriftSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The devices of a product by how they stand."""

    version: int
    devices: int
    counts: dict[Standing, int]


def standing(wanted_content_id: int | None, known_content_id: int | None, refused_content_id: int | None) -> Standing:
    """Return how a device stands that should have ``wanted_content_id``; None: nothing."""
    if wanted_content_id is None:
        return Standing.NONE_WANTED
    if refused_content_id == wanted_content_id:
        return Standing.REFUSED
    if known_content_id is None:
        return Standing.UNKNOWN
    return Standing.IN_STEP if known_content_id == wanted_content_id else Standing.BEHIND
