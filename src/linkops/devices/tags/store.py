"""SQL of tags that devices set: all of it over lists, and never over an operator's tag."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from linkops.db import Tx
from linkops.devices.tags.model import Origin, Tag

_TAGS = """
SELECT t.device_id, t.tag_key, t.tag_value, t.origin FROM device_tag t
WHERE t.device_id IN (SELECT r.id FROM {devices: id bigint} r)
"""
# Joined to the device, so that one that was deleted meanwhile has no tags left behind.
_SET = """
INSERT INTO device_tag (device_id, tag_key, tag_value, origin)
SELECT r.device_id, r.tag_key, r.tag_value, r.origin
FROM {tags: device_id bigint, tag_key text, tag_value text, origin text} r CROSS JOIN device d WHERE d.id = r.device_id
ON CONFLICT (device_id, tag_key) DO UPDATE SET tag_value = excluded.tag_value, origin = excluded.origin
WHERE device_tag.origin <> 'operator'
"""
_DELETE = """
DELETE FROM device_tag WHERE origin <> 'operator' AND (device_id, tag_key) IN (
    SELECT r.device_id, r.tag_key FROM {tags: device_id bigint, tag_key text} r
)
"""


class TagRow(NamedTuple):
    """A tag to write."""

    device_id: int
    tag_key: str
    tag_value: str
    origin: Origin


def tags_of(tx: Tx, device_ids: Collection[int]) -> dict[int, dict[str, Tag]]:
    """Return the tags of each of these devices, whoever set them."""
    found: dict[int, dict[str, Tag]] = {device_id: {} for device_id in device_ids}
    for device_id, key, value, origin in tx.all(_TAGS, devices=[(device_id,) for device_id in device_ids]):
        found[device_id][key] = Tag(value, Origin(origin))
    return found


def set_tags(tx: Tx, tags: Iterable[TagRow]) -> None:
    """Add or replace tags."""
    tx.run(_SET, tags=list(tags))


def delete_tags(tx: Tx, tags: Iterable[tuple[int, str]]) -> None:
    """Delete tags, given by device and key."""
    tx.run(_DELETE, tags=list(tags))
