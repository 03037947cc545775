"""JSON documents as values, with numbers as they were typed, and values as the one text that each has.

Numbers are never computed with: ``1.10`` and ``12345678901234567890.5`` come out of a merge as they went in.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

MAX_PATH_CHARS = 262_144
"""Of all pointers in a list together: a long name may stand above many values."""


class Number(NamedTuple):
    """A number, spelled as it was typed."""

    text: str


Value = Any
"""dict, list, str, `Number`, True, False or None."""
Object = dict[str, Value]

_quoted = json.JSONEncoder(ensure_ascii=False).encode
_WORDS = {True: "true", False: "false", None: "null"}


def parse(content: bytes) -> Object:
    """Return the object in a document that was checked (see `syntax.checked`)."""
    parsed: Object = json.loads(content, parse_int=Number, parse_float=Number)
    return parsed


def plain(content: bytes) -> Any:
    """Return the same object with numbers of Python, where exactness does not matter."""
    return json.loads(content)


def canonical(value: Value) -> bytes:
    """Return a value as compact JSON with names in order, so that the same value is always the same bytes."""
    return _text(value).encode()


def pointer(names: Iterable[str | int]) -> str:
    """Return where a value stands in a document (RFC 6901): '' is the whole, ``/a/0`` the first of ``a``."""
    return "".join(f"/{str(name).replace('~', '~0').replace('/', '~1')}" for name in names)


def value_at(value: Value, place: str) -> Value:
    """Return what a pointer into a document leads to (RFC 6901), through objects only.

    Raises:
        KeyError: nothing stands there.
    """
    for name in place.split("/")[1:]:
        value = value[name.replace("~1", "/").replace("~0", "~")]
    return value


def _text(value: Value) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(name)}:{_text(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, Number):
        return value.text
    return _quoted(value) if isinstance(value, str) else _WORDS[value]
