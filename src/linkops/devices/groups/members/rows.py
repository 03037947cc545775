"""A list of devices that a group is to have, as comma-separated text (docs/groups.md#lists-of-members).

Columns are ``device_name`` and ``product_key``, in this order unless a first line names them.
"""

from typing import NamedTuple

from linkops.devices.imports.lines import MAX_LIST_BYTES, LineReader
from linkops.devices.model import DeviceKey
from linkops.devices.names import is_device_name, is_product_key

_COLUMNS = {"devicename": 0, "productkey": 1}


class ListedMember(NamedTuple):
    """One good line."""

    line: int
    key: DeviceKey


class MemberResult(NamedTuple):
    """What became of one line: ``code`` says what is wrong, None: the device is in the group now."""

    line: int
    product_key: str
    device_name: str
    code: str | None


class MemberReader(LineReader[ListedMember | MemberResult]):
    """Takes a file in pieces of any size and gives its lines, each as a device's key or as what is wrong with it.

    Args:
        product_key: of lines that name none; None: each line names its own.
    """

    def __init__(self, product_key: str | None, max_bytes: int = MAX_LIST_BYTES) -> None:
        self._product_key = product_key or ""
        super().__init__(_COLUMNS, self._member, _unreadable, max_bytes)

    def _member(self, line: int, cells: list[str]) -> ListedMember | MemberResult:
        device_name, product_key = cells[0], cells[1] or self._product_key
        code = None
        if not is_device_name(device_name):
            code = "device.name_invalid"
        elif not product_key:
            code = "list.product_missing"
        elif not is_product_key(product_key):
            code = "product.key_invalid"
        if code is not None:
            return MemberResult(line, product_key[:32], device_name[:64], code)
        return ListedMember(line, DeviceKey(product_key, device_name))


def _unreadable(line: int, first: str) -> MemberResult:
    return MemberResult(line, "", first[:64], "list.line_unreadable")
