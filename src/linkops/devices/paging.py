"""Lists in pages: a cursor says after which row the next page begins, so that a page costs the same wherever it is."""

import base64
import binascii
from typing import Any, Generic, TypeVar

import msgspec

from linkops.errors import Invalid

T = TypeVar("T")

MAX_PAGE = 200
MAX_TOTAL = 10_000
"""Counting stops here: a reader is told "10,000+" rather than made to wait."""


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A part of a list.

    Attributes:
        next: the cursor of the part after it, None at the end.
        total: how many rows there are, at most `MAX_TOTAL`.
        total_is_more: whether there are more than that.
    """

    items: list[T]
    next: str | None
    total: int
    total_is_more: bool


def check_limit(limit: int) -> None:
    """Raise `Invalid` unless it is 1 to `MAX_PAGE`."""
    if not 1 <= limit <= MAX_PAGE:
        raise Invalid("page.limit_invalid", field="limit", most=MAX_PAGE)


def write_cursor(order: str, after: list[Any]) -> str:
    """Return a text for the place behind the row with the values ``after`` in ``order``."""
    return base64.urlsafe_b64encode(msgspec.json.encode([order, *after])).decode().rstrip("=")


def read_cursor(cursor: str, order: str, kinds: list[type]) -> list[Any]:
    """Return the values that a cursor was made of.

    Raises:
        Invalid: it was not made by `write_cursor` for this order.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        made_for, *after = msgspec.json.decode(raw, type=list[str | int])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise Invalid("page.cursor_invalid", field="cursor") from None
    if made_for != order or [type(value) for value in after] != kinds or any(map(_too_large, after)):
        raise Invalid("page.cursor_invalid", field="cursor")
    return after


def _too_large(value: Any) -> bool:
    """Whether no database column could hold it."""
    return isinstance(value, int) and not -(2**63) <= value < 2**63


def page_of(rows: list[T], limit: int, counted: int, cursor: str | None) -> Page[T]:
    """Return a page of rows of which one more than ``limit`` was read, and one more than `MAX_TOTAL` counted."""
    return Page(rows[:limit], cursor if len(rows) > limit else None, min(counted, MAX_TOTAL), counted > MAX_TOTAL)
