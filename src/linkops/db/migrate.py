"""Brings a database to the newest schema: numbered SQL files, each in one transaction, each applied once.

Numbers may have gaps. A step that is added under a number between others is applied wherever it is missing, after those
that are there: it must not rely on coming before them.
"""

from importlib.resources import files
from typing import NamedTuple

from linkops.db.engine import Connection, Engine


class SchemaTooNew(Exception):  # noqa: N818 - says what is the case
    """A newer LinkOps made this database; this one would damage it."""


class Migration(NamedTuple):
    """One step of the schema."""

    number: int
    name: str
    sql: str


def migrations() -> list[Migration]:
    """Return all steps, in order."""
    texts = [file for file in files("linkops.db").joinpath("migrations").iterdir() if file.name.endswith(".sql")]
    return sorted(Migration(int(file.name[:4]), file.name, file.read_text("utf-8")) for file in texts)


def migrate(engine: Engine, upto: int | None = None) -> int:
    """Apply what is missing (up to step ``upto``) and return the number of the schema.

    Raises:
        SchemaTooNew: when the database has steps that this version does not know.
    """
    connection = engine.writer()
    try:
        return _migrate(connection, [step for step in migrations() if upto is None or step.number <= upto])
    finally:
        connection.close()


def _migrate(connection: Connection, steps: list[Migration]) -> int:
    applied = _applied(connection)
    unknown = applied - {step.number for step in migrations()}
    if unknown:
        raise SchemaTooNew(f"the database has schema {max(unknown)}, this LinkOps knows {migrations()[-1].number}")
    for step in steps:
        if step.number not in applied:
            _apply(connection, step)
            applied.add(step.number)
    return max(applied)


def _applied(connection: Connection) -> set[int]:
    connection.begin()
    connection.tx.run("CREATE TABLE IF NOT EXISTS schema_step (number INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    applied = {number for (number,) in connection.tx.all("SELECT number FROM schema_step")}
    connection.commit()
    return applied


def _apply(connection: Connection, step: Migration) -> None:
    connection.begin()
    try:
        for statement in _statements(step.sql):
            connection.tx.run(statement)
        connection.tx.run("INSERT INTO schema_step (number, name) VALUES (:n, :name)", n=step.number, name=step.name)
    except Exception:
        connection.rollback()
        raise
    connection.commit()


def _statements(sql: str) -> list[str]:
    lines = [line.split("--", 1)[0].rstrip() for line in sql.splitlines()]
    return [text for text in (part.strip() for part in "\n".join(lines).split(";")) if text]
