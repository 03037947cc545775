"""Lists in pages, all with the same members."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from linkops.devices.paging import Page
from linkops.errors import Invalid

T = TypeVar("T")
NEWEST = 2**62
"""A place before the first row of a list that shows the highest id first."""

Limit = Annotated[int, Query(ge=1, le=200, description="How many items a page has at most.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before; absent: the first page.")]


Place = Annotated[str, Field(max_length=500, description="`next` of the page before.")]


class Shown(BaseModel):
    """A thing as the API shows it, made from what a service returned."""

    model_config = ConfigDict(from_attributes=True)


class PageOf(BaseModel, Generic[T]):
    """A part of a list."""

    items: list[T]
    next: str | None = Field(description="The cursor of the part after it; null at the end.")


class CountedPageOf(PageOf[T], Generic[T]):
    """A part of a list of which we know how long it is."""

    total: int
    total_capped: bool = Field(description="Whether there are more than `total`, which stops at 10,000.")


S = TypeVar("S", bound=Shown)


def counted(page: Page[Any], kind: type[S]) -> CountedPageOf[S]:
    """Return what is shown of a page, its items as ``kind``."""
    items = [kind.model_validate(item) for item in page.items]
    return CountedPageOf(items=items, next=page.next, total=page.total, total_capped=page.total_is_more)


def counted_by(page: Page[T], show: Callable[[T], S]) -> CountedPageOf[S]:
    """Return what is shown of a page, each item as ``show`` makes it."""
    items = [show(item) for item in page.items]
    return CountedPageOf(items=items, next=page.next, total=page.total, total_capped=page.total_is_more)


def number_in(cursor: str | None, first: int) -> int:
    """Return the id that a cursor stands for, or ``first`` without one.

    Raises:
        Invalid: when it is no cursor of ours.
    """
    if cursor is None:
        return first
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise Invalid("page.cursor_invalid", field="cursor")
    return int(cursor)


def next_after(items: Sequence[Any], limit: int, key: Callable[[Any], object]) -> str | None:
    """Return the cursor behind a page of ``limit`` items; a shorter page is the last one."""
    return str(key(items[-1])) if len(items) == limit else None
