"""A list of devices as comma-separated text, read line by line (docs/devices.md#lists-of-devices).

Columns are ``device_name``, ``nickname`` and ``secret``, in this order unless a first line names them; all but the
first may be missing.
"""

import csv
from collections.abc import Iterator
from typing import NamedTuple

from linkops.devices.names import check_device_name, check_nickname, check_secret
from linkops.errors import Invalid, TooLarge

MAX_LIST_BYTES = 64 * 2**20
MAX_LINE_BYTES = 1_000

_COLUMNS = {"devicename": 0, "nickname": 1, "secret": 2, "devicesecret": 2}


class ListedDevice(NamedTuple):
    """One good line; an empty secret is to be generated."""

    line: int
    device_name: str
    nickname: str
    secret: str


class RowResult(NamedTuple):
    """What became of one line: a device with its secret, or the code that says what is wrong."""

    line: int
    device_name: str
    secret: str | None
    code: str | None


class ListReader:
    """Takes a file in pieces of any size and gives its lines, each as a device or as what is wrong with it."""

    def __init__(self, max_bytes: int = MAX_LIST_BYTES) -> None:
        self._left = max_bytes
        self._rest = b""
        self._line = 0
        self._order = [0, 1, 2]

    def feed(self, piece: bytes) -> Iterator[ListedDevice | RowResult]:
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

    def end(self) -> Iterator[ListedDevice | RowResult]:
        """Yield what a last line without an end says."""
        yield from self._read(self._rest)

    def _read(self, raw: bytes) -> Iterator[ListedDevice | RowResult]:
        self._line += 1
        if len(raw) > MAX_LINE_BYTES:
            raise TooLarge("list.line_too_long", line=self._line, max_bytes=MAX_LINE_BYTES)
        try:
            text = raw.decode("utf-8-sig").strip()
            cells = next(csv.reader([text], strict=True)) if text else []
        except (UnicodeDecodeError, csv.Error):
            yield RowResult(self._line, "", None, "list.line_unreadable")
            return
        if cells and not (self._line == 1 and self._is_header(cells)):
            yield self._device([cell.strip() for cell in cells])

    def _is_header(self, cells: list[str]) -> bool:
        """Take the order of the columns from a first line that names them."""
        names = [cell.strip().lower().replace("_", "") for cell in cells]
        if "devicename" not in names:
            return False
        self._order = [_COLUMNS.get(name, -1) for name in names]
        return True

    def _device(self, cells: list[str]) -> ListedDevice | RowResult:
        if len(cells) > len(self._order):
            return RowResult(self._line, cells[0][:64], None, "list.line_unreadable")
        found = ["", "", ""]
        for column, cell in zip(self._order, cells, strict=False):
            if column >= 0:
                found[column] = cell
        device_name, nickname, secret = found
        try:
            check_device_name(device_name)
            check_nickname(nickname)
            if secret:
                check_secret(secret)
        except Invalid as wrong:
            return RowResult(self._line, device_name[:64], None, wrong.code)
        return ListedDevice(self._line, device_name, nickname, secret)
