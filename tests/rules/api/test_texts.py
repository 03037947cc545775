"""Every refusal has a text in every language."""

import ast
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import linkops
from linkops import errors
from linkops.texts.refusals import LANGUAGES, TEXTS, language_of, text_of

SOURCES = sorted(Path(linkops.__file__).parent.rglob("*.py"))
KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.Refused)}
KINDS |= {"Failed", "TooSlow"}


def codes_in(source: Path) -> set[str]:
    """Return the literal codes of the refusals that a file raises, and literals that look like codes given on."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                found.add(str(first.value))
    return found


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(SOURCES[0].parent)))
def test_every_code_has_a_text(source: Path) -> None:
    assert codes_in(source) <= TEXTS.keys()


@pytest.mark.parametrize("code", TEXTS)
def test_both_languages_use_the_same_parameters(code: str) -> None:
    used = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in TEXTS[code]]
    assert used[0] == used[1]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.8, zh-Hans;q=0.9", "zh"),
        ("fr, en;q=0.3, zh;q=0.2", "en"),
        ("de", "en"),
        ("zh;q=0", "en"),
        ("zh;q=x", "en"),
    ],
)
def test_the_language_that_the_reader_prefers(header: str, language: str) -> None:
    assert language_of(header) == language


@given(header=st.text(max_size=200))
def test_any_header_names_a_language(header: str) -> None:
    assert language_of(header) in LANGUAGES


def test_parameters_are_shown_and_never_read_as_a_template() -> None:
    assert text_of("account.not_found", {"name": "{0.__class__}"}, "en") == "There is no account called {0.__class__}."
    assert text_of("account.not_found", {}, "en") == "There is no account called …."
    assert len(text_of("account.not_found", {"name": "x" * 10_000}, "en")) < 300
