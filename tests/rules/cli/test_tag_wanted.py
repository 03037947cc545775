"""A tag that somebody looks for on the command line."""

import pytest

from linkops.cli.notation import read_tag_wanted


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        (None, None, None),
        ("", None, None),
        ("ring", "ring", None),
        ("ring=", "ring", ""),
        ("ring=beta", "ring", "beta"),
        ("ring=a=b", "ring", "a=b"),
    ],
)
def test_a_tag_is_a_key_or_a_key_and_a_value(text: str | None, key: str | None, value: str | None) -> None:
    assert read_tag_wanted(text) == {"tag_key": key, "tag_value": value}
