"""What a device says about itself: tags to set and to delete (docs/protocol/device-protocol.md#tags)."""

from typing import Any, TypeVar

import msgspec

from linkops.alink.jsontext import Malformed

T = TypeVar("T")

MAX_ENTRIES = 100
"""Of one message: as many as a device may have."""

SYSTEM_DOMAIN = "SYSTEM"


class TagEntry(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One tag; a number is as good as a text, and no rule about keys and values is looked at yet.

    Attributes:
        domain: `SYSTEM_DOMAIN` where the SDK speaks of itself.
    """

    attr_key: str
    attr_value: str | int | float | bool
    domain: str | None = None

    @property
    def value(self) -> str:
        """The value as a text; truth is spelled as in JSON."""
        return str(self.attr_value).lower() if isinstance(self.attr_value, bool) else str(self.attr_value)


class _Key(msgspec.Struct, rename="camel", gc=False):
    attr_key: str


def tags_to_set(params: Any) -> list[TagEntry]:
    """Return the tags of an update, in their order.

    Raises:
        Malformed: they are no list of up to `MAX_ENTRIES` keys with values.
    """
    return _entries(params, list[TagEntry])


def keys_to_delete(params: Any) -> list[str]:
    """Return the keys of a deletion.

    Raises:
        Malformed: they are no list of up to `MAX_ENTRIES` keys.
    """
    return [entry.attr_key for entry in _entries(params, list[_Key])]


def _entries(params: Any, kind: type[list[T]]) -> list[T]:
    try:
        entries = msgspec.convert(params, kind)
    except msgspec.ValidationError as error:
        raise Malformed(f"params: {error}") from None
    if len(entries) > MAX_ENTRIES:
        raise Malformed(f"params has more than {MAX_ENTRIES} entries")
    return entries
