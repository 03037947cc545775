"""SQL of what each device is known to have."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from linkops.db import Tx

# A device may be deleted while its last words are on their way. It fetches before it refuses, but the two are recorded
# by different doors: only a download a minute later is a new try, with which a device takes back what it said.
_SENT = """
INSERT INTO config_state (device_id, product_id, sent_content_id, sent_at)
SELECT d.id, d.product_id, r.content_id, r.at
FROM {rows: device_id bigint, content_id bigint, at bigint} r CROSS JOIN device d WHERE d.id = r.device_id
ON CONFLICT (device_id) DO UPDATE SET sent_content_id = excluded.sent_content_id, sent_at = excluded.sent_at
"""
_KNOWN = """
INSERT INTO config_state (device_id, product_id, content_id, evidence, known_at)
SELECT d.id, d.product_id, r.content_id, r.evidence, r.at
FROM {rows: device_id bigint, content_id bigint, evidence text, at bigint} r CROSS JOIN device d
WHERE d.id = r.device_id
ON CONFLICT (device_id) DO UPDATE SET content_id = excluded.content_id, known_at = excluded.known_at,
    evidence = CASE WHEN config_state.content_id = excluded.content_id AND config_state.evidence = 'acknowledged'
        THEN 'acknowledged' ELSE excluded.evidence END,
    refused_content_id = CASE WHEN config_state.refused_content_id = excluded.content_id
            AND (excluded.evidence = 'acknowledged' OR excluded.known_at >= config_state.refused_at + 60000)
        THEN NULL ELSE config_state.refused_content_id END
"""
_REFUSED = """
INSERT INTO config_state (device_id, product_id, refused_content_id, refused_at)
SELECT d.id, d.product_id, r.content_id, r.at
FROM {rows: device_id bigint, content_id bigint, at bigint} r CROSS JOIN device d WHERE d.id = r.device_id
ON CONFLICT (device_id) DO UPDATE SET refused_content_id = excluded.refused_content_id,
    refused_at = excluded.refused_at
"""


class Evidence(StrEnum):
    """How it is known what a device has; what it said counts more than what it fetched."""

    DOWNLOADED = "downloaded"
    ACKNOWLEDGED = "acknowledged"


class Given(NamedTuple):
    """A device and a content, at a moment."""

    device_id: int
    content_id: int
    at: int


def record_sent(tx: Tx, given: Sequence[Given]) -> None:
    """Remember which content each device was last given a link to."""
    _run(tx, _SENT, {each.device_id: tuple(each) for each in given})


def record_known(tx: Tx, given: Sequence[Given], evidence: Evidence) -> None:
    """Remember which content each device has, and how that is known."""
    _run(tx, _KNOWN, {each.device_id: (each.device_id, each.content_id, evidence, each.at) for each in given})


def record_refused(tx: Tx, given: Sequence[Given]) -> None:
    """Remember which content each device refused."""
    _run(tx, _REFUSED, {each.device_id: tuple(each) for each in given})


def _run(tx: Tx, sql: str, rows: dict[int, tuple[object, ...]]) -> None:
    # One row a device, its last: a statement changes no row twice. In order, so that two servers do not cross.
    if rows:
        tx.run(sql, rows=[rows[device_id] for device_id in sorted(rows)])
