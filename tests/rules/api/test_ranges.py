"""Ranges against a naive model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.api.ranges import NotSatisfiable, Span, wanted_span

SIZES = st.integers(0, 50)


@given(first=st.integers(0, 60), last=st.integers(0, 60) | st.none(), size=SIZES)
def test_a_range_gives_the_bytes_it_names(first: int, last: int | None, size: int) -> None:
    content = bytes(range(size))
    expected = content[first:] if last is None else content[first : last + 1]
    header = f"bytes={first}-{'' if last is None else last}"
    if last is not None and last < first:
        assert wanted_span(header, None, '"e"', size) is None
    elif not expected:
        with pytest.raises(NotSatisfiable):
            wanted_span(header, None, '"e"', size)
    else:
        span = wanted_span(header, None, '"e"', size)
        assert span is not None
        assert content[span.start : span.stop] == expected


@given(length=st.integers(1, 60), size=st.integers(1, 50))
def test_a_suffix_gives_the_last_bytes(length: int, size: int) -> None:
    assert wanted_span(f"bytes=-{length}", None, '"e"', size) == Span(max(0, size - length), size)


@given(header=st.text(max_size=40), size=SIZES)
def test_any_header_is_a_range_inside_the_file_or_none(header: str, size: int) -> None:
    try:
        span = wanted_span(header, None, '"e"', size)
    except NotSatisfiable:
        return
    assert span is None or 0 <= span.start < span.stop <= size
