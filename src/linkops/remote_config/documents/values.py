"""JSON documents as values, with numbers as they were typed, and values as the one text that they have.

Numbers are never computed with: ``1.10`` and ``12345678901234567890.5`` come out of a merge as they went in.
"""

import json
from typing import Any


class Number(str):
    """A number, spelled as it was typed."""

    __slots__ = ()


Value = Any
"""dict, list, str, `Number`, True, False or None."""
Object = dict[str, Value]

_quoted = json.JSONEncoder(ensure_ascii=False).encode
_WORDS = {True: "true", False: "false", None: "null"}


def parse(content: bytes) -> Object:
    """Return the object in a document that was checked (see `syntax.check`)."""
    parsed: Object = json.loads(content, parse_int=Number, parse_float=Number)
    return parsed


def canonical(value: Value) -> bytes:
    """Return a value as compact JSON with names in order, so that the same value is always the same bytes."""
    return _text(value).encode()


def _text(value: Value) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(name)}:{_text(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, Number):
        return str(value)
    return _quoted(value) if isinstance(value, str) else _WORDS[value]
