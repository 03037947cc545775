"""Lists in order of age, in pages."""

from enum import StrEnum
from typing import Protocol, TypeVar

from linkops.devices.paging import Page, page_of, read_cursor, write_cursor

_MAX_ID = 2**63 - 1


class Order(StrEnum):
    """By age."""

    NEWEST = "newest"
    OLDEST = "oldest"


class HasId(Protocol):
    """Something with a number that grows."""

    @property
    def id(self) -> int:
        """Unique, and larger than that of everything older."""
        ...


Row = TypeVar("Row", bound=HasId)


def edge_of(order: Order, cursor: str | None) -> int:
    """Return the id that a page begins beyond.

    Raises:
        Invalid: the cursor is not of a list in this order.
    """
    if cursor is None:
        return _MAX_ID if order is Order.NEWEST else 0
    return int(read_cursor(cursor, order, [int])[0])


def page_by_age(order: Order, limit: int, rows: list[Row], counted: int) -> Page[Row]:
    """Return a page of rows of which one more than ``limit`` was read, and one more than `MAX_TOTAL` counted."""
    cursor = write_cursor(order, [rows[limit - 1].id]) if len(rows) > limit else None
    return page_of(rows, limit, counted, cursor)
