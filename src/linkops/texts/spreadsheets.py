"""Long tables as CSV (RFC 4180, UTF-8, with a heading), sent a part at a time as they are read."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence

from starlette.responses import StreamingResponse

CSV = "text/csv"
CSV_ANSWER: dict[int | str, dict[str, object]] = {
    200: {"description": "Comma-separated values with a heading.", "content": {CSV: {"schema": {"type": "string"}}}}
}
"""What the documentation of a route says of such an answer."""
# What spreadsheets take for a formula; the wide ones too, which some read like the narrow ones.
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")  # noqa: RUF001

Cells = Sequence[object]
"""One row: text is what people or devices wrote, everything else is ours; None is an empty cell."""


def neutral(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: text that looks like one gets an apostrophe in front.

    >>> neutral("=HYPERLINK(1)")
    "'=HYPERLINK(1)"
    """
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in _FORMULA else cell


def lines(rows: Iterable[Cells]) -> bytes:
    """Return rows as lines of the file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([neutral(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


async def download(name: str, heading: Sequence[str], parts: AsyncIterator[list[Cells]]) -> StreamingResponse:
    """Return the answer that a browser saves as the file ``name``, which holds letters, digits and ``.-_`` only.

    Raises:
        Refused: what the first part raised. What a later one raises cuts the answer off, so that nobody takes it for
            whole.
    """
    first: list[Cells] = await anext(parts, [])
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_pieces(heading, first, parts), media_type=f"{CSV}; charset=utf-8", headers=headers)


async def _pieces(heading: Sequence[str], first: list[Cells], rest: AsyncIterator[list[Cells]]) -> AsyncIterator[bytes]:
    yield lines([heading, *first])
    async for part in rest:
        yield lines(part)
