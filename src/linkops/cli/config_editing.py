"""Where the text of a configuration comes from: a file, standard input, or an editor."""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linkops.cli.config_documents import newest
from linkops.cli.failures import CommandFailed

if TYPE_CHECKING:
    from linkops.cli.client import Client

_EMPTY = "{\n}\n"


def save(path: str, file: Path | None, base: int | None, more: dict[str, Any]) -> dict[str, Any]:
    """Save a document and return what the server answers; what an editor was used for is never lost.

    Args:
        path: the document's route.
        file: None: an editor is opened with the newest version.
        base: the version that the text was made from; None: the newest one.
        more: the other fields of a draft.

    Raises:
        CommandFailed: nothing was changed, or the server refused it.
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        if file is not None:
            text = _read(file)
            number = newest(client.get(path)) if base is None else base
            return _put(client, path, text, number, more)
        return _edited(client, path, more)


def _edited(client: "Client", path: str, more: dict[str, Any]) -> dict[str, Any]:
    document = client.get(path)
    before = document["content"] or _EMPTY
    text = _in_editor(before)
    if text == before:
        raise CommandFailed("Nothing was changed.")
    try:
        return _put(client, path, text, newest(document), more)
    except CommandFailed as refused:
        raise CommandFailed(f"{refused.message} Your text is in {_kept(text)}", refused.code) from None


def _kept(text: str) -> str:
    """Return the name of a new file that has the text, readable for its writer only."""
    with tempfile.NamedTemporaryFile(prefix="linkops-refused-", suffix=".json", delete=False) as file:
        file.write(text.encode())
    return file.name


def _in_editor(text: str) -> str:
    """Return a text as its reader leaves it, line ends included, since documents are kept byte for byte."""
    if not sys.stdin.isatty():
        raise CommandFailed("Nobody is there to edit: save a file with --file FILE, or standard input with --file -.")
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory() as folder:  # readable for you only
        file = Path(folder) / "configuration.json"
        file.write_bytes(text.encode())
        try:
            subprocess.run([*command, str(file)], check=True)  # noqa: S603 - the reader's own editor
        except (OSError, subprocess.CalledProcessError) as error:
            raise CommandFailed(f"The editor failed ({error}). Name another one in EDITOR.") from None
        return _read(file)


def _put(client: "Client", path: str, text: str, base: int, more: dict[str, Any]) -> dict[str, Any]:
    return client.put(path, {"content": text, "base_version": base, **more})


def _read(file: Path) -> str:
    """Return a file's text with its line ends as they are."""
    raw = sys.stdin.buffer.read() if str(file) == "-" else _bytes(file)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise CommandFailed(f"The text is not UTF-8: byte {error.start + 1} fits nowhere. Save it as UTF-8.") from None


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandFailed(f"{file} cannot be read: {error.strerror}.") from None
