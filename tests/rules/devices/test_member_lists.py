"""Lists of the members of groups."""

from linkops.devices.groups.members.rows import ListedMember, MemberReader, MemberResult
from linkops.devices.model import DeviceKey


def read(text: bytes, product_key: str | None = None) -> list[ListedMember | MemberResult]:
    reader = MemberReader(product_key)
    return [*reader.feed(text), *reader.end()]


def test_a_line_is_of_the_groups_product_unless_it_names_another() -> None:
    assert read(b"pump-1\nfan-1,fans\n", "pumps") == [
        ListedMember(1, DeviceKey("pumps", "pump-1")),
        ListedMember(2, DeviceKey("fans", "fan-1")),
    ]


def test_a_heading_says_what_the_columns_are() -> None:
    assert read(b"product_key,note,DeviceName\npumps,x,pump-1") == [ListedMember(2, DeviceKey("pumps", "pump-1"))]


def test_each_bad_line_says_what_is_wrong_with_it() -> None:
    found = read(b'pump-1\npump/1,pumps\npump-1,p/p\n"x\npump-1,pumps,more\n\n')
    assert [(row.line, row.code) for row in found if isinstance(row, MemberResult)] == [
        (1, "list.product_missing"),
        (2, "device.name_invalid"),
        (3, "product.key_invalid"),
        (4, "list.line_unreadable"),
        (5, "list.line_unreadable"),
    ]
