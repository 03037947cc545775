"""Topic names and filters (section 4.7)."""

import msgspec

_SHARE = "$share/"


class TopicFilter(msgspec.Struct, frozen=True, gc=False):
    """A valid topic filter.

    Attributes:
        text: as the client wrote it.
        share: name of the group of a shared subscription, or None.
        levels: the levels to match; without the parts that name the group.
    """

    text: str
    share: str | None
    levels: tuple[str, ...]

    def matches(self, topic: str) -> bool:
        """Return whether messages on ``topic`` are meant.

        A filter that begins with a wildcard does not mean topics that begin with ``$`` (MQTT-4.7.2-1).
        """
        levels = self.levels
        if topic[:1] == "$" and levels[0] in {"#", "+"}:
            return False
        names = topic.split("/")
        if levels[-1] == "#":
            # "sport/#" also means "sport", its parent (section 4.7.1.2).
            levels = levels[:-1]
            if len(names) < len(levels):
                return False
        elif len(names) != len(levels):
            return False
        return all(level in {"+", name} for level, name in zip(levels, names, strict=False))


def is_topic_name(topic: str) -> bool:
    """Return whether ``topic`` can be published to: not empty, no wildcard, no null character."""
    return bool(topic) and not any(character in topic for character in "#+\0")


def parse_filter(text: str) -> TopicFilter | None:
    """Return the filter that ``text`` spells, or None where it is not valid.

    A multi-level wildcard is the last level (MQTT-4.7.1-2), a single-level wildcard fills its level (MQTT-4.7.1-3),
    and a shared subscription has a group name without wildcards, and a filter (MQTT-4.8.2-1, MQTT-4.8.2-2).
    """
    share, pattern = None, text
    if text.startswith(_SHARE):
        share, _, pattern = text[len(_SHARE) :].partition("/")
        if not is_topic_name(share):
            return None
    levels = tuple(pattern.split("/"))
    if not pattern or "\0" in pattern or not _wildcards_fit(levels):
        return None
    return TopicFilter(text, share, levels)


def _wildcards_fit(levels: tuple[str, ...]) -> bool:
    if "#" in levels[:-1]:
        return False
    return all(level in {"#", "+"} or not ("#" in level or "+" in level) for level in levels)
