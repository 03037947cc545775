"""SQL of drift: how many devices have which content, and those that may not have what they should."""

from collections.abc import Iterable, Sequence

from linkops.db import Tx
from linkops.remote_config.states.drift.model import NOTHING, Known

_DEVICES = "SELECT count(*) FROM device WHERE product_id = :product_id"
_BY_CONTENT = """
SELECT content_id, refused_content_id, count(*) FROM config_state WHERE product_id = :product_id
GROUP BY content_id, refused_content_id
"""
_GROUPS = """
SELECT group_id FROM config_document
WHERE product_id = :product_id AND scope = 'group' AND content_id IS NOT NULL ORDER BY id
"""
_WITH_OWN = """
SELECT device_id FROM config_document
WHERE product_id = :product_id AND device_id > :after AND content_id IS NOT NULL
ORDER BY device_id LIMIT :most
"""
_NOT_PLAIN = """
SELECT d.id FROM device d LEFT JOIN config_state s ON s.device_id = d.id
WHERE d.product_id = :product_id AND d.id > :after
    AND (s.content_id IS NULL OR s.content_id <> :plain OR s.refused_content_id = :plain)
ORDER BY d.id LIMIT :most
"""
_KNOWN = """
SELECT device_id, content_id, evidence, known_at, refused_content_id, refused_at, sent_content_id, sent_at
FROM config_state WHERE device_id IN (SELECT r.id FROM {devices: id bigint} r)
"""
_NAMES = "SELECT d.id, d.device_name FROM device d WHERE d.id IN (SELECT r.id FROM {devices: id bigint} r)"
_DIGESTS = "SELECT c.id, c.sha256 FROM config_content c WHERE c.id IN (SELECT r.id FROM {contents: id bigint} r)"


def count_devices(tx: Tx, product_id: int) -> int:
    """Return how many devices a product has."""
    return int(tx.scalar(_DEVICES, product_id=product_id))


def by_content(tx: Tx, product_id: int) -> list[tuple[int | None, int | None, int]]:
    """Return how many devices have and refused which content, those of which anything is known."""
    return [(has, refused, devices) for has, refused, devices in tx.all(_BY_CONTENT, product_id=product_id)]


def groups_with_documents(tx: Tx, product_id: int) -> list[int]:
    """Return the groups whose devices have a narrower document."""
    return [group_id for (group_id,) in tx.all(_GROUPS, product_id=product_id)]


def with_own_document(tx: Tx, product_id: int, after: int, most: int) -> list[int]:
    """Return the lowest ``most`` ids behind ``after`` of devices with a document of their own."""
    return [row[0] for row in tx.all(_WITH_OWN, product_id=product_id, after=after, most=most)]


def not_on(tx: Tx, product_id: int, plain_content_id: int, after: int, most: int) -> list[int]:
    """Return the lowest ``most`` ids behind ``after`` of devices not known to have the product's own document."""
    rows = tx.all(_NOT_PLAIN, product_id=product_id, plain=plain_content_id, after=after, most=most)
    return [row[0] for row in rows]


def known(tx: Tx, device_ids: Sequence[int]) -> dict[int, Known]:
    """Return what is known of each of these devices."""
    found = {row[0]: Known(*row[1:]) for row in tx.all(_KNOWN, devices=_ids(device_ids))}
    return {device_id: found.get(device_id, NOTHING) for device_id in device_ids}


def names(tx: Tx, device_ids: Sequence[int]) -> dict[int, str]:
    """Return the names of these devices."""
    return {row[0]: row[1] for row in tx.all(_NAMES, devices=_ids(device_ids))}


def digests(tx: Tx, content_ids: Iterable[int]) -> dict[int, str]:
    """Return the SHA-256 of these contents."""
    return {row[0]: row[1] for row in tx.all(_DIGESTS, contents=_ids(sorted(set(content_ids))))}


def _ids(given: Sequence[int]) -> list[tuple[int]]:
    return [(each,) for each in given]
