"""Writes the pages of docs/reference/ from the code that they describe, so that they cannot be out of date.

`make docs` runs this; tests/test_docs.py fails while a page differs from what this would write.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from textwrap import dedent
from typing import Any

import typer.cli
from pydantic import SecretStr

from linkops.alink.topics import Channel
from linkops.cli.app import app
from linkops.settings import Settings
from linkops.texts.refusals import TEXTS

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
_NOTICE = "<!-- Written by `make docs` from the code; changes made here are lost. -->"
_EXAMPLES = re.compile(r"Examples?:\n((?: {2}.*\n)+)")


def settings_page() -> str:
    """Return the page of every setting."""
    rows = [
        (
            f"`{name}`",
            f"`LINKOPS_{name.upper()}`",
            _default(field.get_default(call_default_factory=True)),
            field.description,
        )
        for name, field in Settings.model_fields.items()
    ]
    text = "Each setting is a key of the TOML file that `--config` names, or a variable of the environment, which wins."
    return _page("Settings", text, ("setting", "environment", "default", "meaning"), rows)


def topics_page() -> str:
    """Return the page of every topic."""
    rows = [
        (f"`{channel.name}`", f"`{channel.pattern}`", _spelled(channel.reply_pattern), channel.begins.value)
        for channel in Channel
    ]
    text = "`{pk}` is the product key, `{dn}` the device name. The other side answers on the reply topic."
    return _page("Topics", text, ("channel", "topic", "reply topic", "who begins"), rows)


def _spelled(pattern: str | None) -> str:
    return f"`{pattern}`" if pattern else ""


def errors_page() -> str:
    """Return the page of every code that a refusal may carry."""
    rows = [(f"`{code}`", english, chinese) for code, (english, chinese) in sorted(TEXTS.items())]
    text = (
        "A refused request is answered with `application/problem+json` (RFC 9457): `code` says exactly what was wrong, "
        "`params` fills the text, `field` names the field where there is one. It changed nothing."
    )
    return _page("Error codes", text, ("code", "English", "中文"), rows)


def commands_page() -> str:
    """Return the page of every command."""
    command = typer.main.get_command(app)
    context = typer.Context(command, info_name="linkops")
    text = typer.cli.get_docs_for_click(obj=command, ctx=context, name="linkops", title="Commands")
    text = text.replace("# Commands\n", f"# Commands\n\n{_NOTICE}\n", 1)
    return _EXAMPLES.sub(lambda match: f"Examples:\n\n```console\n{dedent(match[1])}```\n", text).rstrip() + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "errors.md": errors_page,
    "settings.md": settings_page,
    "topics.md": topics_page,
}


def _default(value: Any) -> str:
    match value:
        case None | ():
            return ""
        case bool():
            return f"`{str(value).lower()}`"
        case SecretStr():
            return "a secret"
        case _:
            return f"`{value}`"


def _page(title: str, text: str, head: tuple[str, ...], rows: Iterable[tuple[str | None, ...]]) -> str:
    lines = [f"# {title}", "", _NOTICE, "", text, "", _row(head), _row(["---"] * len(head)), *map(_row, rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str | None]) -> str:
    return "| " + " | ".join((cell or "").replace("|", "\\|") for cell in cells) + " |"


def main() -> None:
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page())


if __name__ == "__main__":
    main()
