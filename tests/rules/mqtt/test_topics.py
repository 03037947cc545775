"""Topic names and filters, as section 4.7 of the standard has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.mqtt.topics import is_topic_name, parse_filter

levels = st.sampled_from(["a", "b", "", "$x", "ab"])
wildcards = st.sampled_from(["+", "#"])


def joined(level: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return a strategy for such levels in a row; one empty level alone is no topic, so it gets another."""
    return st.lists(level, min_size=1, max_size=5).map(lambda row: "/".join(row) or "/")


names, filters = joined(levels), joined(levels | wildcards)


@pytest.mark.parametrize(
    ("topic_filter", "topic", "matches"),
    [
        ("sport/tennis/player1/#", "sport/tennis/player1", True),
        ("sport/tennis/player1/#", "sport/tennis/player1/ranking", True),
        ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", True),
        ("sport/#", "sport", True),
        ("sport/#", "sports", False),
        ("#", "a/b/c", True),
        ("sport/tennis/+", "sport/tennis/player1", True),
        ("sport/tennis/+", "sport/tennis/player1/ranking", False),
        ("sport/+", "sport", False),
        ("sport/+", "sport/", True),
        ("+/+", "/finance", True),
        ("/+", "/finance", True),
        ("+", "/finance", False),
        ("#", "$SYS/broker", False),
        ("+/broker", "$SYS/broker", False),
        ("$SYS/#", "$SYS/broker", True),
        ("$SYS/+", "$SYS/broker", True),
        ("ACCOUNTS", "Accounts", False),
        ("$share/group/a/+", "a/b", True),
        ("$share/group//a", "/a", True),
    ],
)
def test_examples_of_the_standard(topic_filter: str, topic: str, *, matches: bool) -> None:
    parsed = parse_filter(topic_filter)
    assert parsed is not None
    assert parsed.matches(topic) is matches


@pytest.mark.parametrize(
    "topic_filter",
    ["", "sport/tennis#", "sport/tennis/#/ranking", "sport+", "a/+b/c", "##", "#/", "a\0b", "$share/g", "$share/g/",
     "$share//a", "$share/+/a", "$share/g#/a", "$share/g/a#"],
)  # fmt: skip
def test_what_is_no_filter(topic_filter: str) -> None:
    assert parse_filter(topic_filter) is None


def test_a_shared_subscription_names_its_group() -> None:
    parsed = parse_filter("$share/group/a/#")
    assert parsed is not None
    assert (parsed.share, parsed.levels, parsed.text) == ("group", ("a", "#"), "$share/group/a/#")


@pytest.mark.parametrize(
    ("topic", "valid"), [("a", True), ("/", True), ("", False), ("a/+", False), ("#", False), ("a\0", False)]
)
def test_topic_names(topic: str, *, valid: bool) -> None:
    assert is_topic_name(topic) is valid


def naive(topic_filter: list[str], topic: list[str]) -> bool:
    """Section 4.7.1, word for word."""
    if not topic_filter or not topic:
        return topic_filter in (topic, ["#"])
    if topic_filter[0] == "#":
        return True
    return topic_filter[0] in {"+", topic[0]} and naive(topic_filter[1:], topic[1:])


@given(filters, names)
def test_matching_agrees_with_the_words_of_the_standard(topic_filter: str, topic: str) -> None:
    parsed = parse_filter(topic_filter)
    if parsed is None:
        assert "#" in topic_filter[:-1]
    elif topic.startswith("$") and topic_filter[0] in "+#":
        assert not parsed.matches(topic)
    else:
        assert parsed.matches(topic) == naive(topic_filter.split("/"), topic.split("/"))
