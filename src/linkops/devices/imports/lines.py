"""Comma-separated text that arrives in pieces of any size, read line by line (docs/devices.md#lists-of-devices)."""

import csv
from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from linkops.errors import TooLarge

T = TypeVar("T")

MAX_LIST_BYTES = 64 * 2**20
MAX_LINE_BYTES = 1_000


class LineReader(Generic[T]):
    """Gives what each line says; blank lines and a heading say nothing.

    Args:
        columns: which cell a name in the heading stands for; the name of the first cell makes a line a heading.
            Without a heading the cells come in the order of their numbers.
        read: makes something of the number of a line and its cells, as many as there are columns; those that are
            missing are empty.
        wrong: makes something of a line that cannot be read, from its number and what may be its first cell.
    """

    def __init__(
        self,
        columns: Mapping[str, int],
        read: Callable[[int, list[str]], T],
        wrong: Callable[[int, str], T],
        max_bytes: int = MAX_LIST_BYTES,
    ) -> None:
        self._columns = columns
        self._width = max(columns.values()) + 1
        self._order = list(range(self._width))
        self._read_cells = read
        self._wrong = wrong
        self._left = max_bytes
        self._rest = b""
        self._line = 0

    def feed(self, piece: bytes) -> Iterator[T]:
        """Yield what the lines that end in this piece say.

        Raises:
            TooLarge: the file, or a line.
        """
        self._left -= len(piece)
        if self._left < 0:
            raise TooLarge("list.too_large", max_bytes=MAX_LIST_BYTES)
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            raise TooLarge("list.line_too_long", line=self._line + len(lines) + 1, max_bytes=MAX_LINE_BYTES)
        for line in lines:
            yield from self._read(line)

    def end(self) -> Iterator[T]:
        """Yield what a last line without an end says."""
        yield from self._read(self._rest)

    def _read(self, raw: bytes) -> Iterator[T]:
        self._line += 1
        if len(raw) > MAX_LINE_BYTES:
            raise TooLarge("list.line_too_long", line=self._line, max_bytes=MAX_LINE_BYTES)
        try:
            text = raw.decode("utf-8-sig").strip()
            cells = next(csv.reader([text], strict=True)) if text else []
        except (UnicodeDecodeError, csv.Error):
            yield self._wrong(self._line, "")
            return
        if cells and not (self._line == 1 and self._is_header(cells)):
            yield self._ordered([cell.strip() for cell in cells])

    def _is_header(self, cells: list[str]) -> bool:
        """Take the order of the columns from a first line that names them."""
        names = [cell.strip().lower().replace("_", "") for cell in cells]
        if next(iter(self._columns)) not in names:
            return False
        self._order = [self._columns.get(name, -1) for name in names]
        return True

    def _ordered(self, cells: list[str]) -> T:
        if len(cells) > len(self._order):
            return self._wrong(self._line, cells[0])
        found = [""] * self._width
        for column, cell in zip(self._order, cells, strict=False):
            if column >= 0:
                found[column] = cell
        return self._read_cells(self._line, found)
