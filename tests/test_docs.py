"""The documentation names what the code has: a page that is out of step fails the build."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import linkops
from scripts import reference

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SOURCES = sorted(ROOT.glob("src/**/*.py"))
COMMANDS = set(re.findall(r"^#+ `linkops ([a-z -]+)`$", reference.commands_page(), re.MULTILINE))
MODULES = sorted(module.name for module in pkgutil.walk_packages(linkops.__path__, "linkops."))


@pytest.mark.parametrize("name", reference.PAGES)
def test_reference_is_what_the_code_says(name: str) -> None:
    written = (reference.FOLDER / name).read_text()
    assert written == reference.PAGES[name](), "run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    missing = [target for target in targets(page) if not target.exists()]
    assert not missing


def test_every_page_is_reached_from_the_readme() -> None:
    reached, beyond = set(), {ROOT / "README.md"}
    while beyond:
        reached |= beyond
        beyond = {target for page in beyond for target in targets(page) if target.suffix == ".md"} - reached
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []


def targets(page: Path) -> list[Path]:
    """Return the files that a page links to."""
    named = re.findall(r"\]\((?!https?:|mailto:)([^)#\s]+)", page.read_text())
    return [(page.parent / target).resolve() for target in named]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_a_page_names_exist(page: Path) -> None:
    code = " ".join(re.findall(r"```\w*\n.*?```|`[^`]+`", page.read_text(), re.DOTALL))
    named = re.findall(r"(?<![\w/-])linkops ([a-z-]+(?: [a-z-]+)?)", re.sub(r"\blinkops -\S+", "", code))
    groups = {each.split()[0] for each in COMMANDS if " " in each}
    assert [each for each in named if each not in COMMANDS and each.split()[0] not in COMMANDS - groups] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(ROOT)))
def test_sections_that_the_code_cites_exist(source: Path) -> None:
    cited = re.findall(r"(docs/[\w/-]+\.md)(?:#([\w-]+))?", source.read_text())
    missing = [f"{page}#{section}" for page, section in cited if section not in sections(ROOT / page)]
    assert not missing


def sections(page: Path) -> set[str]:
    """Return the anchors of a page; "" stands for the page itself."""
    if not page.exists():
        return set()
    headings = re.findall(r"^#+ +(.+)$", page.read_text(), re.MULTILINE)
    return {"", *(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)}


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_are_true(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0
