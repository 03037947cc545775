"""What a unit of work sees of the database."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from linkops.db.dialect import Compiled, Dialect
from linkops.errors import Unavailable

Row = tuple[Any, ...]
_encode = msgspec.json.Encoder().encode
# Statements that are put together from conditions come in more shapes than anybody counted.
_COMPILED_MOST = 5_000


class Duplicate(Exception):  # noqa: N818 - an answer of the database, not a fault
    """A write would have broken a unique index; the unit it came from is undone."""


class Referenced(Exception):  # noqa: N818 - an answer of the database, not a fault
    """A delete would have left rows that point at nothing; the unit it came from is undone."""


class Deadlock(Unavailable):
    """Two servers waited for each other's rows, and the database undid the unit of this one."""


class Cursor(Protocol):
    """The part of a DB-API cursor that both drivers share."""

    @property
    def rowcount(self) -> int:
        """Rows changed by the last statement."""
        ...

    def execute(self, sql: str, params: Mapping[str, Any], /) -> Any:
        """Run one statement."""
        ...

    def fetchall(self) -> Sequence[Row]:
        """Return all rows."""
        ...

    def fetchone(self) -> Row | None:
        """Return the next row."""
        ...


class Tx:
    """Runs statements inside the transaction that is open. Only valid inside the unit it was handed to."""

    __slots__ = ("_compiled", "_cursor", "_dialect")

    def __init__(self, cursor: Cursor, dialect: Dialect, compiled: dict[str, Compiled]) -> None:
        self._cursor = cursor
        self._dialect = dialect
        self._compiled = compiled

    def all(self, sql: str, /, **params: Any) -> Sequence[Row]:
        """Return all rows of a query."""
        self._execute(sql, params)
        return self._cursor.fetchall()

    def one(self, sql: str, /, **params: Any) -> Row | None:
        """Return the first row of a query, or None."""
        self._execute(sql, params)
        return self._cursor.fetchone()

    def scalar(self, sql: str, /, **params: Any) -> Any:
        """Return the first column of the first row, or None."""
        row = self.one(sql, **params)
        return None if row is None else row[0]

    def run(self, sql: str, /, **params: Any) -> int:
        """Run a write and return how many rows it changed."""
        self._execute(sql, params)
        return self._cursor.rowcount

    def _execute(self, sql: str, params: dict[str, Any]) -> None:
        statement = self._compiled.get(sql)
        if statement is None:
            if len(self._compiled) >= _COMPILED_MOST:
                self._compiled.clear()
            statement = self._compiled[sql] = self._dialect.compile(sql)
        for name in statement.lists:
            params[name] = _encode(params[name]).decode()
        self._cursor.execute(statement.sql, params)
