"""Cells that come from devices open no calculator."""

import csv
import io

import hypothesis.strategies as st
import pytest
from hypothesis import given

from linkops.texts.spreadsheets import lines


def read(text: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode(), newline="")))


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\tx", "\rx", "＝1"])  # noqa: RUF001
def test_what_looks_like_a_formula_is_text(text: str) -> None:
    assert read(lines([[text]])) == [["'" + text]]


def test_numbers_of_ours_stay_numbers_and_nothing_is_an_empty_cell() -> None:
    assert lines([[-1, None, "", True]]) == b"-1,,,True\r\n"


def test_text_is_utf_8_and_quoted_where_it_must_be() -> None:
    assert lines([["水泵", 'a "b", c', "1\r\n2"]]) == '水泵,"a ""b"", c","1\r\n2"\r\n'.encode()


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=3), max_size=5))
def test_no_cell_begins_like_a_formula_and_none_is_lost(rows: list[list[str]]) -> None:
    found = read(lines(rows))
    assert [len(row) for row in found] == [len(row) for row in rows]
    for row, wanted in zip(found, rows, strict=True):
        for cell, text in zip(row, wanted, strict=True):
            assert cell in {text, f"'{text}"}
            assert cell[:1] not in {"=", "+", "-", "@", "\t", "\r"}
