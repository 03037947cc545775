"""JSON as devices need it: compact on the way out, forgiving on the way in (docs/protocol/device-protocol.md#json).

Device SDKs search texts instead of parsing them, so a blank after `:` or `,` makes a message invisible to them; what
they send is often not quite JSON. `decode` accepts the faults that they really make, and nothing else.
"""

import re
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
MAX_MENDED_BYTES = 16 * 1024
"""The messages that SDKs get wrong are short; mending 256 KB of garbage would hold up every other device for 0.1 s."""

encode = msgspec.json.Encoder().encode
"""Return an object as compact JSON (UTF-8, no blanks outside strings)."""


class Malformed(Exception):  # noqa: N818 - a device's fault, answered with code 460, not ours
    """A payload that is not the message that its topic calls for; the text says why, for the message log."""


# Strings are matched first and kept, so that nothing inside them is touched; one left open reaches to the end.
# Possessive quantifiers keep every branch linear.
_STRING = rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'
_BEFORE_CLOSING = rb",(?:\s*+,)*+\s*+(?=[}\]])"
_REPEATED = rb"(,)(?:\s*+,)++"
_LEADING_ZEROS = rb"(?<![\w.+-])(-?)0+(?=\d)"
_FAULTS = re.compile(b"(" + _STRING + b")|" + _BEFORE_CLOSING + b"|" + _REPEATED + b"|" + _LEADING_ZEROS, re.DOTALL)
_LONG_INTEGER = re.compile(rb"\d{19}")


def decode(payload: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Return the payload as ``decoder`` reads it, mended if it cannot be read as it stands.

    Raises:
        Malformed: neither as it stands nor mended is it such a message, or it is nested too deeply, holds bytes that
            are no UTF-8, or an integer outside int64.
    """
    try:
        try:
            message = decoder.decode(payload)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            if len(payload) > MAX_MENDED_BYTES:
                raise
            payload = mend(payload)
            message = decoder.decode(payload)
        if _LONG_INTEGER.search(payload):
            _refuse_long_integers(_any.decode(payload))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from None
    return message


def mend(payload: bytes) -> bytes:
    """Return the payload without repeated commas, commas before a closing bracket and leading zeros outside strings."""
    return _FAULTS.sub(rb"\1\2\3", payload)


_any: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


def _refuse_long_integers(value: Any) -> None:
    """Raise `Malformed` for an integer that no 64-bit column holds."""
    if isinstance(value, int):
        if not INT64_MIN <= value <= INT64_MAX:
            raise Malformed("Integer out of range")
    elif isinstance(value, list):
        for item in value:
            _refuse_long_integers(item)
    elif isinstance(value, dict):
        for item in value.values():
            _refuse_long_integers(item)
