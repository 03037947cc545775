"""Lists of devices in files, and pages of lists."""

import pytest

from linkops.devices.imports.lines import MAX_LINE_BYTES
from linkops.devices.imports.rows import ListedDevice, ListReader, RowResult
from linkops.devices.paging import MAX_TOTAL, page_of, read_cursor, write_cursor
from linkops.errors import Invalid, TooLarge

SECRET = "s" * 32


def read(text: bytes, piece: int = 7) -> list[ListedDevice | RowResult]:
    reader = ListReader()
    found = [row for start in range(0, len(text), piece) for row in reader.feed(text[start : start + piece])]
    return [*found, *reader.end()]


@pytest.mark.parametrize("piece", [1, 2, 7, 1_000])
def test_lines_are_the_same_however_the_file_is_cut(piece: int) -> None:
    text = f"pump-1\r\npump-2,Hall east\n\n  pump-3 ,, {SECRET} \r\npump-4".encode()
    assert read(text, piece) == [
        ListedDevice(1, "pump-1", "", ""),
        ListedDevice(2, "pump-2", "Hall east", ""),
        ListedDevice(4, "pump-3", "", SECRET),
        ListedDevice(5, "pump-4", "", ""),
    ]


def test_a_heading_says_what_the_columns_are() -> None:
    text = f"\ufeffDeviceSecret,note,device_name\n{SECRET},x,pump-1\n,,pump-2\n".encode()
    assert read(text) == [ListedDevice(2, "pump-1", "", SECRET), ListedDevice(3, "pump-2", "", "")]


def test_each_bad_line_says_what_is_wrong_with_it() -> None:
    text = b'pump/1\nabc\n"pump-1\npump-1,x\npump-1,,short\npump-1,,,,\n\xff\xfe\xff\npump-9,"Hall, east"'
    found = read(text)
    assert [row.code for row in found if isinstance(row, RowResult)] == [
        "device.name_invalid",
        "device.name_invalid",
        "list.line_unreadable",
        "device.nickname_invalid",
        "device.secret_invalid",
        "list.line_unreadable",
        "list.line_unreadable",
        "device.nickname_invalid",
    ]
    assert [row.line for row in found] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_line_or_a_file_without_end_is_refused() -> None:
    with pytest.raises(TooLarge) as refused:
        read(b"pump-1\n" + b"x" * (MAX_LINE_BYTES + 1))
    assert refused.value.params["line"] == 2
    reader = ListReader(max_bytes=10)
    list(reader.feed(b"pump-1\n"))
    with pytest.raises(TooLarge):
        list(reader.feed(b"pump-2\n"))


def test_a_cursor_brings_back_what_it_was_made_of() -> None:
    assert read_cursor(write_cursor("name", [7, "pump-1"]), "name", [int, str]) == [7, "pump-1"]


@pytest.mark.parametrize(
    "cursor", ["", "x", "!!!!", "a" * 500, write_cursor("newest", [7]), write_cursor("name", ["a", "b"]), "灯"]
)
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        read_cursor(cursor, "name", [int, str])


def test_a_page_counts_no_further_than_anybody_reads() -> None:
    page = page_of([1, 2, 3], 2, MAX_TOTAL + 1, "next")
    assert (page.items, page.next, page.total, page.total_is_more) == ([1, 2], "next", MAX_TOTAL, True)
    last = page_of([1, 2], 2, 2, "next")
    assert (last.items, last.next, last.total, last.total_is_more) == ([1, 2], None, 2, False)
