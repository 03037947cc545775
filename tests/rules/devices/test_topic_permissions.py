"""Where devices may publish and subscribe, as rules say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.alink.topics import channel_of
from linkops.devices.topics.model import MAX_RULES, VENDOR_RULES, Access, TopicRule
from linkops.devices.topics.permissions import Permissions, check_rules, covers
from linkops.errors import Invalid
from linkops.mqtt.topics import parse_filter

PUBLISH, SUBSCRIBE, BOTH = Access
CUSTOM = "/pk/lamp-1/user/"

names = st.lists(st.sampled_from("ab"), min_size=1, max_size=3)
filters = st.lists(st.sampled_from(["a", "b", "+"]), min_size=1, max_size=3).flatmap(
    lambda levels: st.sampled_from([levels, [*levels, "#"], ["#"]])
)


def published(permissions: Permissions, topic: str, product_id: int = 1) -> bool:
    address = channel_of(topic)
    assert address is not None
    return permissions.may_publish(product_id, address)


def heard(permissions: Permissions, topic: str) -> bool:
    return permissions.may_hear(1, topic.split("/"))


@given(filters, filters, names)
def test_what_a_covered_filter_matches_the_rule_matches_too(rule: list[str], asked: list[str], name: list[str]) -> None:
    topic, of_rule, of_asked = "/".join(name), parse_filter("/".join(rule)), parse_filter("/".join(asked))
    assert of_rule is not None
    assert of_asked is not None
    assert covers(rule, name) == of_rule.matches(topic)
    if covers(rule, asked) and of_asked.matches(topic):
        assert of_rule.matches(topic)


@given(filters, filters)
def test_a_filter_that_is_not_covered_matches_something_else(rule: list[str], asked: list[str]) -> None:
    """Of a filter that is refused, some topic would have been one too many."""
    of_rule = parse_filter("/".join(rule))
    assert of_rule is not None
    if covers(rule, asked):
        return
    fresh = ["z" if level == "+" else level for level in asked if level != "#"]
    longer = [[*fresh, *["z"] * more] for more in range(0 if fresh else 1, 5)] if asked[-1] == "#" else [fresh]
    assert not all(of_rule.matches("/".join(name)) for name in longer)


def test_without_rules_everything_is_open() -> None:
    permissions = Permissions()
    for path in ("get", "#", "a/b/c"):
        assert published(permissions, CUSTOM + path.replace("#", "x"))
        assert heard(permissions, CUSTOM + path)


def test_the_vendors_rules() -> None:
    permissions = Permissions()
    permissions.replace(1, VENDOR_RULES)
    may = {
        path: (published(permissions, CUSTOM + path), heard(permissions, CUSTOM + path))
        for path in ("get", "update", "error", "other", "get/more")
    }
    assert may == {
        "get": (True, True),
        "update": (True, False),
        "error": (True, False),
        "other": (False, False),
        "get/more": (False, False),
    }
    permissions.replace(1, [])
    assert published(permissions, CUSTOM + "other")


@pytest.mark.parametrize(
    ("topic", "may"),
    [
        ("/pk/lamp-1/user/cmd/reboot", True),
        ("/pk/lamp-1/user/cmd/#", True),
        ("/pk/lamp-1/user/cmd", True),
        ("/ext/rrpc/+/pk/lamp-1/user/cmd/reboot", True),
        ("/ext/rrpc/17/pk/lamp-1/user/cmd/reboot", True),
        ("/ext/rrpc/+/pk/lamp-1/user/get", False),
        ("/pk/lamp-1/user/#", False),
        ("/pk/lamp-1/#", False),
        ("/pk/lamp-1/+/get", False),
        ("/pk/lamp-1/+/cmd/x", True),
        ("/sys/pk/lamp-1/#", True),
        ("/sys/pk/lamp-1/rrpc/request/+", True),
        ("/ota/device/upgrade/pk/lamp-1", True),
        ("/ext/ntp/pk/lamp-1/response", True),
        ("/ext/rrpc/17/sys/pk/lamp-1/thing/service/x", True),
        ("/broadcast/pk/news", True),
    ],
)
def test_what_may_be_heard_where_only_commands_may(topic: str, *, may: bool) -> None:
    permissions = Permissions()
    permissions.replace(1, [TopicRule("cmd/#", SUBSCRIBE)])
    assert heard(permissions, topic) is may
    assert permissions.may_hear(2, topic.split("/"))


def test_an_answer_to_a_call_takes_no_rule_and_neither_do_system_topics() -> None:
    permissions = Permissions()
    permissions.replace(1, [TopicRule("cmd/#", SUBSCRIBE)])
    assert published(permissions, "/ext/rrpc/17/pk/lamp-1/user/cmd/reboot")
    assert published(permissions, "/sys/pk/lamp-1/thing/event/property/post")
    assert not published(permissions, CUSTOM + "cmd/reboot")


def test_rules_of_one_product_are_not_those_of_another() -> None:
    permissions = Permissions()
    permissions.replace_all({1: [TopicRule("a", PUBLISH)], 2: [TopicRule("b", BOTH)]})
    assert [published(permissions, CUSTOM + "a", product) for product in (1, 2, 3)] == [True, False, True]


def test_the_answer_stays_the_same_however_many_topics_are_invented() -> None:
    permissions = Permissions()
    permissions.replace(1, [TopicRule("a/+", PUBLISH), TopicRule("b", SUBSCRIBE)])
    for number in [*range(3_000), *range(10)]:
        assert published(permissions, f"{CUSTOM}a/{number}")
        assert not published(permissions, f"{CUSTOM}b/{number}")
        assert not published(permissions, f"{CUSTOM}{'x' * 200}/{number}")
        assert not heard(permissions, f"{CUSTOM}a/{number}")


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        ([""], "topic.path"),
        (["a//b"], "topic.path"),
        (["/a"], "topic.path"),
        (["#/a"], "topic.path"),
        (["a+"], "topic.path"),
        (["$share/g/a"], "topic.path"),
        (["a\0"], "topic.path"),
        (["a/" * 7 + "b"], "topic.path"),
        (["a" * 97], "topic.path"),
        (["a", "b", "a"], "topic.path_repeated"),
        ([f"p{number}" for number in range(MAX_RULES + 1)], "topic.too_many_rules"),
    ],
)
def test_rules_that_may_not_be(paths: list[str], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_rules([TopicRule(path, BOTH) for path in paths])
    assert refused.value.code == code


def test_rules_that_may_be() -> None:
    check_rules([TopicRule(path, BOTH) for path in ("a", "a/+/b/#", "#", "+", "a/b/c/d/e/f/g", "ü")])
