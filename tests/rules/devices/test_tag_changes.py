"""What a device's messages make of its tags."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from linkops.alink.jsontext import Malformed
from linkops.alink.tags import TagEntry
from linkops.devices.tags.changing import MAX_SYSTEM_VALUE_CHARS, changed, tag_of
from linkops.devices.tags.model import MAX_OWN_TAGS, Origin, Tag, TagChange, TagOutcome

OPERATOR, DEVICE, SYSTEM = Origin


def test_an_operators_tag_stays_and_the_others_are_changed() -> None:
    tags = {"site": Tag("berlin", OPERATOR), "room": Tag("7", DEVICE)}
    change = TagChange(1, {"site": Tag("here", DEVICE), "room": Tag("8", DEVICE)}, frozenset())
    assert changed(tags, change) == (
        {"site": Tag("berlin", OPERATOR), "room": Tag("8", DEVICE)},
        TagOutcome(changed=True, kept=("site",)),
    )
    assert changed(tags, TagChange(1, {}, frozenset({"site", "room", "never"}))) == (
        {"site": Tag("berlin", OPERATOR)},
        TagOutcome(changed=True, kept=("site",)),
    )


def test_a_repeated_change_changes_nothing() -> None:
    change = TagChange(1, {"room": Tag("7", DEVICE), "SYS_SDK": Tag("", SYSTEM)})
    tags, outcome = changed({}, change)
    assert outcome == TagOutcome(changed=True)
    assert changed(tags, change) == (tags, TagOutcome(changed=False))


def test_as_many_tags_as_a_device_may_have_beside_the_operators() -> None:
    tags = {f"o{number}": Tag("v", OPERATOR) for number in range(100)}
    full, outcome = changed(tags, TagChange(1, {f"k{number}": Tag("v", DEVICE) for number in range(MAX_OWN_TAGS)}))
    assert (len(full), outcome) == (200, TagOutcome(changed=True))
    assert changed(full, TagChange(1, {"one-more": Tag("v", SYSTEM)})) == (full, TagOutcome(False, too_many=True))
    assert changed(full, TagChange(1, {"k1": Tag("other", DEVICE)}))[1] == TagOutcome(changed=True)


@pytest.mark.parametrize(
    ("key", "value", "domain"),
    [
        ("", "v", None),
        ("a b", "v", None),
        ("k" * 31, "v", None),
        ("söte", "v", None),
        ("k", "", None),
        ("k", "v" * 129, None),
        ("k", "a\nb", None),
        ("k", "\0", "SYSTEM"),
        ("k", "v" * (MAX_SYSTEM_VALUE_CHARS + 1), "SYSTEM"),
    ],
)
def test_keys_and_values_that_may_not_be(key: str, value: str, domain: str | None) -> None:
    with pytest.raises(Malformed, match="attrKey" if value == "v" and len(value) == 1 else "attrValue"):
        tag_of(TagEntry(key, value, domain))


def test_keys_and_values_that_may_be() -> None:
    assert tag_of(TagEntry("k" * 30, "v" * 128)) == Tag("v" * 128, DEVICE)
    assert tag_of(TagEntry("SYS_SDK_IF_INFO", "", "SYSTEM")) == Tag("", SYSTEM)
    assert tag_of(TagEntry("k", "v", "another")) == Tag("v", DEVICE)


keys, values = st.sampled_from("abcd"), st.sampled_from(["1", "2"])


class TagMachine(RuleBasedStateMachine):
    """One device and its operators, against two dictionaries that never meet."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, Tag] = {}
        self.operators: dict[str, str] = {}
        self.own: dict[str, str] = {}

    @rule(key=keys, value=values)
    def operator_sets(self, key: str, value: str) -> None:
        self.tags[key] = Tag(value, OPERATOR)
        self.operators[key] = value
        self.own.pop(key, None)

    @rule(key=keys)
    def operator_removes(self, key: str) -> None:
        self.tags.pop(key, None)
        self.operators.pop(key, None)
        self.own.pop(key, None)

    @rule(new=st.dictionaries(keys, values))
    def device_sets(self, new: dict[str, str]) -> None:
        self.tags, outcome = changed(self.tags, TagChange(1, {key: Tag(value, DEVICE) for key, value in new.items()}))
        before = dict(self.own)
        self.own |= {key: value for key, value in new.items() if key not in self.operators}
        assert outcome.changed == (self.own != before)
        assert set(outcome.kept) == new.keys() & self.operators.keys()

    @rule(gone=st.frozensets(keys))
    def device_deletes(self, gone: frozenset[str]) -> None:
        self.tags, outcome = changed(self.tags, TagChange(1, {}, gone))
        assert outcome.changed == bool(gone & self.own.keys())
        self.own = {key: value for key, value in self.own.items() if key not in gone}

    @invariant()
    def nobody_touches_the_others(self) -> None:
        found: dict[Origin, dict[str, str]] = {OPERATOR: {}, DEVICE: {}}
        for key, tag in self.tags.items():
            found[tag.origin][key] = tag.value
        assert found == {OPERATOR: self.operators, DEVICE: self.own}


TestTagMachine = TagMachine.TestCase
