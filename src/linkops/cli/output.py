"""What commands print: a table for people, JSON for programs, questions before something is destroyed."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

import typer

from linkops.cli.failures import CommandFailed

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Most = Annotated[int, typer.Option("--limit", min=1, help="Show at most so many.")]

Row = Mapping[str, Any]


class Column(NamedTuple):
    """A column of a table: its heading, and how a row fills it (a field's name or a function)."""

    heading: str
    value: str | Callable[[Row], object]
    right: bool = False

    def of(self, row: Row) -> str:
        """Return the cell of ``row`` as text."""
        value = row.get(self.value) if isinstance(self.value, str) else self.value(row)
        return text(value)


def text(value: object) -> str:
    """Return a value as people read it."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={text(inner)}" for key, inner in value.items()) or "-"
    if isinstance(value, list | tuple):
        return ", ".join(text(inner) for inner in value) or "-"
    return str(value)


def moment(at: int | None) -> str:
    """Return Unix milliseconds as local date and time."""
    if at is None:
        return "-"
    return datetime.fromtimestamp(at / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def at(field: str) -> Callable[[Row], str]:
    """Return a column's function for a field that holds a time."""
    return lambda row: moment(row.get(field))


def print_json(document: Any) -> None:
    """Print a document for programs."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def print_list(rows: Iterable[Row], columns: Sequence[Column], *, as_json: bool, none: str) -> None:
    """Print rows; ``none`` is said to people when there are none."""
    found = list(rows)
    if as_json:
        print_json(found)
        return
    if not found:
        typer.echo(none)
        return
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - loaded only for people
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column.heading, justify="right" if column.right else "left", overflow="fold")
    for row in found:
        # Text, not markup: names come from devices and other people.
        table.add_row(*(Text(printable(column.of(row))) for column in columns))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def print_one(row: Row, columns: Sequence[Column], *, as_json: bool) -> None:
    """Print one thing: a line a field."""
    if as_json:
        print_json(row)
        return
    width = max(len(column.heading) for column in columns)
    for column in columns:
        typer.echo(f"{column.heading + ':':<{width + 1}} {printable(column.of(row))}")


def say(sentence: str, document: Any = None, *, as_json: bool = False) -> None:
    """Tell people what was done, or programs the document of it."""
    if as_json:
        print_json({} if document is None else document)
    else:
        typer.echo(sentence)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is destroyed.

    Raises:
        CommandFailed: when the answer is no, or nobody is there to answer.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandFailed(f"{question} Nobody is there to answer: repeat the command with --yes.")
    if not typer.confirm(question):
        raise CommandFailed("Nothing was changed.")


def printable(value: str, keep: str = "") -> str:
    """Return text without control characters (but those to keep), which could rewrite somebody's terminal."""
    return "".join(char if char.isprintable() or char in keep else "\N{REPLACEMENT CHARACTER}" for char in value)
