"""Conditions as people write them."""

import pytest

from linkops.cli.conditions import query_of, written
from linkops.cli.failures import CommandFailed

WRITTEN = [
    ("online", {"field": "online", "holds": True}),
    ("disabled", {"field": "enabled", "holds": False}),
    ("inactive", {"field": "activated", "holds": False}),
    ("name=pump-", {"field": "name_prefix", "prefix": "pump-"}),
    ("tag:site", {"field": "tag", "key": "site"}),
    ("tag:site=a=b", {"field": "tag", "key": "site", "value": "a=b"}),
    ("version:default=1.0,1.1", {"field": "version", "module": "default", "versions": ["1.0", "1.1"]}),
    ("version:mcu", {"field": "version", "module": "mcu", "holds": True}),
    ("no-version:mcu", {"field": "version", "module": "mcu", "holds": False}),
    ("product=pumps,fans", {"field": "product", "product_keys": ["pumps", "fans"]}),
    ("activated-within=7", {"field": "activated", "within_days": 7}),
]


@pytest.mark.parametrize(("text", "condition"), WRITTEN)
def test_a_condition_is_read_and_written_alike(text: str, condition: dict[str, object]) -> None:
    assert query_of([text]) == [condition]
    assert written({**dict.fromkeys(("key", "value", "since_at")), **condition}) == text


def test_a_date_is_one_of_this_place_unless_it_names_its_zone() -> None:
    (since,) = query_of(["activated-since=2027-01-15T08:00:00+00:00"])
    assert since == {"field": "activated", "since_at": 1_800_000_000_000}
    assert query_of([written({**since, "before_at": since["since_at"] + 1_000}).split()[1]]) == [
        {"field": "activated", "before_at": 1_800_000_001_000}
    ]


@pytest.mark.parametrize(
    "text",
    ["", "on", "name=", "name", "tag:", "tag:a=", "tag", "version=1", "no-version:m=1", "activated-within=x",
     "activated-since=yesterday", "colour:red=1", "=", ":"],
)  # fmt: skip
def test_anything_else_is_answered_with_what_can_be_written(text: str) -> None:
    with pytest.raises(CommandFailed, match="activated-within=DAYS"):
        query_of([text])
