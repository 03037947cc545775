"""The console's words: English in the code, Chinese in ``locale/zh``; a test finds what is not translated."""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from linkops.console.view import view

_FOLDER = Path(__file__).parent / "locale"


def _(text: str, /, **values: object) -> str:
    """Return ``text`` in the language of who looks, with ``{names}`` filled in."""
    return translate(text, view().language, **values)


def n_(text: str, /) -> str:
    """Return ``text`` as it is, marked for translation: for words in tables, which `_` looks up later."""
    return text


FAILED = n_("Something went wrong on the server. Its log says what; try again, or tell whoever runs it.")


def translate(text: str, language: str, /, **values: object) -> str:
    """Return ``text`` in ``language`` (one of `linkops.texts.refusals.LANGUAGES`), with ``{names}`` filled in."""
    template = _catalog(language).get(text, text) if language != "en" else text
    return template.format(**values) if values else template


@cache
def _catalog(language: str) -> dict[str, str]:
    """Return the translations of a language, gathered from its files, one a subject."""
    return {text: said for file in sorted((_FOLDER / language).glob("*.po")) for text, said in _read(file).items()}


def _read(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}
