"""Which bytes of a file an HTTP request wants (RFC 9110 §13.1.5 and §14)."""

import re
from typing import NamedTuple

_ONE_RANGE = re.compile(r"bytes\s*=\s*(\d*)\s*-\s*(\d*)", re.IGNORECASE)
_MAX_DIGITS = 18


class Span(NamedTuple):
    """Bytes ``start`` up to, not including, ``stop``."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        """How many bytes these are."""
        return self.stop - self.start


class NotSatisfiable(Exception):  # noqa: N818 - says what is the case
    """The file has none of the bytes that were asked for (416)."""


def wanted_span(range_header: str | None, if_range: str | None, etag: str, size_bytes: int) -> Span | None:
    """Return the one range to answer with 206; None for the whole file with 200.

    A header that is not one range of bytes is ignored, as RFC 9110 §14.2 allows: several ranges, other units, nonsense.
    ``If-Range`` with another ETag (or a date, which we never give out) means the whole file.

    Raises:
        NotSatisfiable: when the range lies behind the end, or is an empty suffix.
    """
    match = _ONE_RANGE.fullmatch(range_header.strip()) if range_header else None
    if match is None or (if_range is not None and if_range.strip() != etag):
        return None
    first, last = match.groups()
    if len(first) > _MAX_DIGITS or len(last) > _MAX_DIGITS or not (first or last):
        return None
    return _span(int(first) if first else None, int(last) if last else None, size_bytes)


def _span(first: int | None, last: int | None, size_bytes: int) -> Span | None:
    if first is None:
        length = last or 0
        if length == 0 or size_bytes == 0:
            raise NotSatisfiable
        return Span(max(0, size_bytes - length), size_bytes)
    if last is not None and last < first:
        return None  # RFC 9110 §14.1.1: an invalid int-range
    if first >= size_bytes:
        raise NotSatisfiable
    return Span(first, size_bytes if last is None else min(last + 1, size_bytes))
