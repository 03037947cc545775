"""Every word of the console is there in every language, with the same blanks to fill in."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import linkops.console

FOLDER = Path(linkops.console.__file__).parent


def words() -> dict[str, str]:
    """Return all texts in the code and in templates, and where each is."""
    method = [("**/templates/**.html", "jinja2.ext:babel_extract")]
    in_templates = extract_from_dir(FOLDER, method_map=method, keywords={"_": None})
    found = {str(message): file for file, _, message, _, _ in in_templates}
    for source in FOLDER.rglob("*.py"):
        found |= dict.fromkeys(_said_in(source), str(source.relative_to(FOLDER)))
    return found


def _said_in(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "n_"}:
            if isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)
            else:
                assert node.func.id == "_", f"{source}:{node.lineno}: only a literal can be marked"


def translations() -> list[tuple[str, str]]:
    """Return all texts with their translations."""
    found = []
    for path in sorted((FOLDER / "locale" / "zh").glob("*.po")):
        with path.open("rb") as file:
            found += [(str(message.id), str(message.string)) for message in read_po(file) if message.id]
    return found


def blanks(text: str) -> set[str]:
    """Return the names in a text that are filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_word_is_translated() -> None:
    translated = {english for english, said in translations() if said}
    assert {word: where for word, where in words().items() if word not in translated} == {}


def test_nothing_is_translated_that_nobody_says() -> None:
    assert {english for english, _ in translations()} - words().keys() == set()


def test_nothing_is_translated_in_two_ways() -> None:
    assert len({english for english, _ in translations()}) == len(set(translations()))


@pytest.mark.parametrize(("english", "translation"), sorted(set(translations())))
def test_translations_fill_in_the_same(english: str, translation: str) -> None:
    assert blanks(english) == blanks(translation)
