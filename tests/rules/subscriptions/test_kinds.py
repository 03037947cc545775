"""Every kind of event that is recorded somewhere can be subscribed to."""

import ast
from pathlib import Path

import linkops
from linkops.events.kinds import KINDS

SOURCES = sorted(Path(linkops.__file__).parent.rglob("*.py"))


def kinds_in(source: Path) -> set[str]:
    """Return the literal kinds of the events that a file makes."""
    calls = [node for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Event"]
    kinds = [call.args[1] for call in made if len(call.args) > 1]
    return {str(kind.value) for kind in kinds if isinstance(kind, ast.Constant)}


def test_every_recorded_kind_is_listed() -> None:
    found = set().union(*map(kinds_in, SOURCES))
    assert found
    assert found <= set(KINDS)
