"""SQL of pulls and downloads."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from linkops.db import Tx

_CHARGE = """
UPDATE config_result SET charged = 1
WHERE (push_id, device_id) IN (SELECT r.push_id, r.device_id FROM {results: push_id bigint, device_id bigint} r)
    AND charged = 0
RETURNING push_id
"""
_DOWNLOAD = """
SELECT c.size_bytes, c.sha256 FROM config_content c
JOIN device d ON d.id = :device_id AND d.product_id = c.product_id AND d.enabled = 1
JOIN config_switch s ON s.product_id = c.product_id AND s.enabled = 1
WHERE c.id = :content_id
"""


class Download(NamedTuple):
    """What a valid link opens."""

    size_bytes: int
    sha256: str


def charge(tx: Tx, results: Sequence[tuple[int, int]]) -> Counter[int]:
    """Mark these (push, device) as reached, and return for how many of each push that is new."""
    if not results:
        return Counter()
    return Counter(push_id for (push_id,) in tx.all(_CHARGE, results=results))


def download(tx: Tx, device_id: int, content_id: int) -> Download | None:
    """Return a content of the device's product; None unless the device is enabled and configuration switched on."""
    row = tx.one(_DOWNLOAD, device_id=device_id, content_id=content_id)
    return None if row is None else Download(*row)
