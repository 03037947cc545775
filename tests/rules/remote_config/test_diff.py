"""What differs between two documents."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.remote_config.documents.diff import MAX_CHANGES, Change, Kind, changes, unified
from linkops.remote_config.documents.values import Number, parse
from tests.rules.remote_config.strategies import objects


def applied(document: Any, found: list[Change]) -> Any:
    """Return a document with changes made, those of arrays from the end."""
    whole = {"": copy.deepcopy(document)}
    for change in sorted(found, key=lambda change: change.kind is Kind.REMOVED):
        if change.kind is not Kind.REMOVED:
            inner, name = place(whole, change.path)
            if isinstance(inner, list) and name == len(inner):
                inner.append(change.new)
            else:
                inner[name] = change.new
    for change in reversed(found):
        if change.kind is Kind.REMOVED:
            inner, name = place(whole, change.path)
            del inner[name]
    return whole[""]


def place(whole: Any, path: str) -> tuple[Any, Any]:
    """Return the container that a pointer leads into, and the name or place there."""
    inner: Any = whole
    *above, last = (part.replace("~1", "/").replace("~0", "~") for part in f"{path}".split("/"))
    for part in above:
        inner = inner[int(part)] if isinstance(inner, list) else inner[part]
    return inner, int(last) if isinstance(inner, list) else last


@given(old=objects, new=objects)
def test_making_the_changes_yields_the_new_document(old: dict[str, Any], new: dict[str, Any]) -> None:
    found = changes(old, new)
    assert not found.more
    assert applied(old, found.items) == new


@given(old=objects, new=objects)
def test_the_other_way_round_is_the_opposite(old: dict[str, Any], new: dict[str, Any]) -> None:
    there = {(c.path, canonical_kind(c.kind, back=True), repr(c.new), repr(c.old)) for c in changes(old, new).items}
    back = {(c.path, c.kind, repr(c.old), repr(c.new)) for c in changes(new, old).items}
    assert there == back


@given(document=objects)
def test_nothing_differs_from_itself(document: dict[str, Any]) -> None:
    assert changes(document, copy.deepcopy(document)).items == []


def canonical_kind(kind: Kind, *, back: bool) -> Kind:
    opposite = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED, Kind.CHANGED: Kind.CHANGED}
    return opposite[kind] if back else kind


def test_changes_name_where_and_what() -> None:
    old = parse(b'{"a":1,"b":{"c~/":[1,2,3],"d":null},"e":true}')
    new = parse(b'{"a":1.0,"b":{"c~/":[1,9],"d":{}},"f":"x"}')
    assert changes(old, new).items == [
        Change("/a", Kind.CHANGED, Number("1"), Number("1.0")),
        Change("/b/c~0~1/1", Kind.CHANGED, Number("2"), Number("9")),
        Change("/b/c~0~1/2", Kind.REMOVED, Number("3"), None),
        Change("/b/d", Kind.CHANGED, None, {}),
        Change("/e", Kind.REMOVED, True, None),
        Change("/f", Kind.ADDED, None, "x"),
    ]


def test_a_list_of_changes_ends() -> None:
    found = changes({}, {f"{i}": True for i in range(MAX_CHANGES + 1)})
    assert (len(found.items), found.more) == (MAX_CHANGES, True)
    found = changes({"x" * 60_000: {}}, {"x" * 60_000: {f"{i}": True for i in range(100)}})
    assert (len(found.items), found.more) == (4, True)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("{}\n", "{}\n", ""),
        (
            '{\n "a":1\n}\n',
            '{\n "a":2\n}',
            '--- 1\n+++ 2\n@@ -1,3 +1,3 @@\n {\n- "a":1\n-}\n+ "a":2\n+}\n\\ No newline at end of file\n',
        ),
        ("{}\r\n", "{}\n", "--- 1\n+++ 2\n@@ -1 +1 @@\n-{}\r\n+{}\n"),
        ("", "{}\n", "--- 1\n+++ 2\n@@ -0,0 +1 @@\n+{}\n"),
    ],
)
def test_lines(old: str, new: str, shown: str) -> None:
    assert unified(old, new, "1", "2") == shown


@given(data=st.data())
def test_lines_can_be_put_together_again(data: st.DataObject) -> None:
    lines = st.lists(st.sampled_from(["{\n", "}\n", "a\n", "\u2028\n", "\r\n"]), max_size=12)
    old, new = data.draw(lines), data.draw(lines)
    shown = unified("".join(old), "".join(new), "1", "2")
    if old == new:
        assert shown == ""
    else:
        body = [line for line in shown.split("\n")[2:-1] if not line.startswith("@@")]
        assert [f"{line[1:]}\n" for line in body if line[0] in "- "] == kept(old, body, "- ")
        assert shown.startswith("--- 1\n+++ 2\n@@ ")


def kept(lines: list[str], body: list[str], signs: str) -> list[str]:
    """Return those of the lines that a difference with three lines of context shows."""
    shown = [f"{line[1:]}\n" for line in body if line[0] in signs]
    assert all(line in lines for line in shown)
    return shown


def test_where_thousands_of_lines_differ_all_are_shown() -> None:
    old, new = (f"{sign}\n" * 4_000 for sign in "ab")
    shown = unified(old, new, "1", "2").splitlines()
    assert shown[2] == "@@ -1,4000 +1,4000 @@"
    assert shown[3:] == ["-a"] * 4_000 + ["+b"] * 4_000
