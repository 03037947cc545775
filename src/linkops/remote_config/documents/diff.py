"""What differs between two documents: line by line, and value by value."""

import difflib
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from linkops.remote_config.documents.values import MAX_PATH_CHARS, Object, Value, pointer

MAX_CHANGES = 1_000
_MAX_LINES = 3_000
"""Where more lines than that differ, comparing them takes long, and nobody reads it."""
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_ABSENT = object()
Path = tuple[str | int, ...]


class Kind(StrEnum):
    """What became of a value."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Change(NamedTuple):
    """A value that differs.

    Attributes:
        path: where it stands, as a JSON pointer (RFC 6901); '' is the whole document.
        old: None if it was added (or null).
        new: None if it was removed (or null).
    """

    path: str
    kind: Kind
    old: Value
    new: Value


class Changes(NamedTuple):
    """What differs, and whether there is more of it."""

    items: list[Change]
    more: bool


def changes(old: Object, new: Object) -> Changes:
    """Return what differs value by value, up to `MAX_CHANGES`; items of arrays are compared by their place."""
    found: list[Change] = []
    chars = 0
    for path, before, after in _differing((), old, new):
        change = _change(pointer(path), before, after)
        chars += len(change.path)
        if len(found) == MAX_CHANGES or chars > MAX_PATH_CHARS:
            return Changes(found, more=True)
        found.append(change)
    return Changes(found, more=False)


def unified(old: str, new: str, old_name: str, new_name: str) -> str:
    """Return what differs line by line, as ``diff -u`` writes it; '' if nothing does."""
    before, after = _LINE.findall(old), _LINE.findall(new)
    head, tail = _common(before, after)
    if max(len(before), len(after)) - head - tail > _MAX_LINES:
        whole = [f"--- {old_name}\n", f"+++ {new_name}\n", f"@@ -1,{len(before)} +1,{len(after)} @@\n"]
        lines = [*whole, *(f"-{line}" for line in before), *(f"+{line}" for line in after)]
    else:
        lines = list(difflib.unified_diff(before, after, old_name, new_name))
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _differing(path: Path, old: Value, new: Value) -> Iterator[tuple[Path, Value, Value]]:
    if isinstance(old, dict) and isinstance(new, dict):
        names = [*old, *(name for name in new if name not in old)]
        pairs = [((*path, name), old.get(name, _ABSENT), new.get(name, _ABSENT)) for name in names]
    elif isinstance(old, list) and isinstance(new, list):
        places = range(max(len(old), len(new)))
        pairs = [((*path, i), _at(old, i), _at(new, i)) for i in places]
    else:
        if old is not new and old != new:
            yield path, old, new
        return
    for inner, before, after in pairs:
        yield from _differing(inner, before, after)


def _at(items: list[Value], place: int) -> Value:
    return items[place] if place < len(items) else _ABSENT


def _change(path: str, before: Value, after: Value) -> Change:
    if before is _ABSENT:
        return Change(path, Kind.ADDED, None, after)
    if after is _ABSENT:
        return Change(path, Kind.REMOVED, before, None)
    return Change(path, Kind.CHANGED, before, after)


def _common(before: list[str], after: list[str]) -> tuple[int, int]:
    """Return how many lines are the same at the beginning, and how many at the end."""
    shorter = min(len(before), len(after))
    head = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    rest = shorter - head
    tail = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    return head, tail
