"""A list of devices that are to be, as comma-separated text (docs/devices.md#lists-of-devices).

Columns are ``device_name``, ``nickname`` and ``secret``, in this order unless a first line names them; all but the
first may be missing.
"""

from typing import NamedTuple

from linkops.devices.imports.lines import MAX_LIST_BYTES, LineReader
from linkops.devices.names import check_device_name, check_nickname, check_secret
from linkops.errors import Invalid

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


class ListReader(LineReader[ListedDevice | RowResult]):
    """Takes a file in pieces of any size and gives its lines, each as a device or as what is wrong with it."""

    def __init__(self, max_bytes: int = MAX_LIST_BYTES) -> None:
        super().__init__(_COLUMNS, _device, _unreadable, max_bytes)


def _unreadable(line: int, first: str) -> RowResult:
    return RowResult(line, first[:64], None, "list.line_unreadable")


def _device(line: int, cells: list[str]) -> ListedDevice | RowResult:
    device_name, nickname, secret = cells
    try:
        check_device_name(device_name)
        check_nickname(nickname)
        if secret:
            check_secret(secret)
    except Invalid as wrong:
        return RowResult(line, device_name[:64], None, wrong.code)
    return ListedDevice(line, device_name, nickname, secret)
