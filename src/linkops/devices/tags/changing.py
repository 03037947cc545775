"""What a device's message makes of its tags (docs/adr/0041-tags-of-devices-and-of-operators.md)."""

from collections.abc import Mapping

from linkops.alink.jsontext import Malformed
from linkops.alink.tags import SYSTEM_DOMAIN, TagEntry
from linkops.devices.names import is_tag_key, is_tag_value
from linkops.devices.tags.model import MAX_OWN_TAGS, Origin, Tag, TagChange, TagOutcome

MAX_SYSTEM_VALUE_CHARS = 256
"""SDKs describe their network interfaces in up to 160 characters, or leave that empty."""


def tag_of(entry: TagEntry) -> Tag:
    """Return the tag that a device wants.

    Raises:
        Malformed: no such key or value may be.
    """
    tag = Tag(entry.value, Origin.SYSTEM if entry.domain == SYSTEM_DOMAIN else Origin.DEVICE)
    if not is_tag_key(entry.attr_key):
        raise Malformed(f"attrKey {entry.attr_key[:30]!r} is not 1 to 30 letters, digits, '.', '_', '-'")
    if not _fits(tag):
        raise Malformed(f"attrValue of {entry.attr_key} is not 1 to 128 printable characters")
    return tag


def _fits(tag: Tag) -> bool:
    if tag.origin is Origin.SYSTEM:
        return len(tag.value) <= MAX_SYSTEM_VALUE_CHARS and (not tag.value or tag.value.isprintable())
    return is_tag_value(tag.value)


def changed(tags: Mapping[str, Tag], change: TagChange) -> tuple[dict[str, Tag], TagOutcome]:
    """Return the tags after a change, and what became of it; operators' tags are always as they were."""
    wanted = [*change.set, *change.deleted]
    kept = tuple(sorted(key for key in wanted if key in tags and tags[key].origin is Origin.OPERATOR))
    after = {key: tag for key, tag in tags.items() if key not in change.deleted or key in kept}
    after |= {key: tag for key, tag in change.set.items() if key not in kept}
    own = sum(tag.origin is not Origin.OPERATOR for tag in after.values())
    if own > MAX_OWN_TAGS:
        return dict(tags), TagOutcome(changed=False, too_many=True)
    return after, TagOutcome(after != tags, kept)
