"""What a message says, as commands take it and print it."""

import base64
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.output import Row, printable

PayloadText = Annotated[str | None, typer.Option("--text", help="What the message says.")]
PayloadFile = Annotated[
    Path | None,
    typer.Option("--file", exists=True, dir_okay=False, allow_dash=True, help="The same from a file, - is stdin."),
]
Qos = Annotated[int, typer.Option(min=0, max=1, help="1: kept for who is away with a session that lasts.")]


def read_payload(text: str | None, file: Path | None) -> dict[str, Any]:
    """Return a payload as REST takes it.

    Raises:
        CommandFailed: neither or both are given.
    """
    if (text is None) == (file is None):
        raise CommandFailed("Say what to send: --text or --file.")
    if text is not None:
        return {"payload": text, "encoding": "text"}
    content = sys.stdin.buffer.read() if str(file) == "-" else Path(str(file)).read_bytes()
    return {"payload": base64.b64encode(content).decode(), "encoding": "base64"}


def write_payload(shown: Row) -> str:
    """Return a payload as people read it; one that is no text stays base64."""
    return printable(str(shown["payload"]), keep="\n\t")
