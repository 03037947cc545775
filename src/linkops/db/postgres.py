"""PostgreSQL by psycopg 3, loaded only when a PostgreSQL database is configured."""

from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from linkops.db.dialect import Compiled, PostgresDialect
from linkops.db.tx import Deadlock, Duplicate, Referenced, Tx
from linkops.errors import Unavailable

_CONNECT_TIMEOUT_S = 10


class _NumericAsInt(Loader):
    """``sum()`` of integers is NUMERIC in PostgreSQL; both engines give plain numbers."""

    def load(self, data: Buffer) -> int | float:
        """Return an int where the number has no fraction."""
        text = bytes(data).decode()
        return int(text) if text.isdecimal() else float(text)


class PostgresConnection:
    """A connection that is opened again at `begin` after the server went away."""

    def __init__(
        self, conninfo: str, dialect: PostgresDialect, compiled: dict[str, Compiled], options: dict[str, str]
    ) -> None:
        self._conninfo = conninfo
        self._dialect = dialect
        self._compiled = compiled
        self._options = " ".join(f"-c {name}={value}" for name, value in options.items())
        self._connect()

    def _connect(self) -> None:
        # Values are merged on this side: the server then infers every type from the statement as SQLite does.
        self._raw: psycopg.Connection[Any] = psycopg.connect(
            self._conninfo,
            autocommit=True,
            options=self._options,
            connect_timeout=_CONNECT_TIMEOUT_S,
            cursor_factory=psycopg.ClientCursor,
        )
        self._raw.adapters.register_loader("numeric", _NumericAsInt)
        self._cursor = self._raw.cursor()
        self.tx = Tx(self._cursor, self._dialect, self._compiled)

    def begin(self) -> None:
        """Open a transaction, on a new connection if the old one is lost."""
        if self._raw.closed or self._raw.broken:
            self._connect()
        self._cursor.execute("BEGIN")

    def commit(self) -> None:
        """Commit; the server answers once its log is on disk."""
        self._cursor.execute("COMMIT")

    def rollback(self) -> None:
        """Roll back; a connection that cannot is given up and replaced at the next `begin`."""
        try:
            self._cursor.execute("ROLLBACK")
        except psycopg.Error:
            self._raw.close()

    def savepoint(self) -> None:
        """Start a unit."""
        self._cursor.execute("SAVEPOINT unit")

    def release(self) -> None:
        """Keep a unit."""
        self._cursor.execute("RELEASE SAVEPOINT unit")

    def undo(self) -> None:
        """Undo a unit."""
        self._cursor.execute("ROLLBACK TO SAVEPOINT unit; RELEASE SAVEPOINT unit")

    def close(self) -> None:
        """Close the connection."""
        self._raw.close()


class PostgresEngine:
    """A database of a PostgreSQL server."""

    name = "PostgreSQL"
    figures = "SELECT current_setting('server_version'), pg_database_size(current_database())"

    def __init__(self, conninfo: str, *, read_time_limit_s: float) -> None:
        self.dialect = PostgresDialect()
        self._conninfo = conninfo
        self._read_time_limit_s = read_time_limit_s
        self._compiled: dict[str, Compiled] = {}

    def writer(self) -> PostgresConnection:
        """Return the connection that writes."""
        return self._open({"synchronous_commit": "on", "lock_timeout": "10s", "statement_timeout": "60s"})

    def reader(self) -> PostgresConnection:
        """Return a connection that reads one consistent state per unit."""
        return self._open(
            {
                "default_transaction_read_only": "on",
                "default_transaction_isolation": "repeatable\\ read",
                "statement_timeout": f"{int(self._read_time_limit_s * 1000)}",
            }
        )

    def _open(self, options: dict[str, str]) -> PostgresConnection:
        # Plans made for each call take longer to compile to machine code than to run.
        return PostgresConnection(self._conninfo, self.dialect, self._compiled, {**options, "jit": "off"})

    def explain(self, error: Exception) -> Exception:
        """Return `Duplicate`, `Referenced`, `Unavailable` for a server that cannot work now, or the error itself."""
        if isinstance(error, psycopg.errors.UniqueViolation):
            return Duplicate(str(error))
        if isinstance(error, psycopg.errors.ForeignKeyViolation):
            return Referenced(str(error))
        if isinstance(error, psycopg.errors.DeadlockDetected):
            return Deadlock("storage.unavailable", reason=type(error).__name__)
        if isinstance(error, psycopg.OperationalError):
            return Unavailable("storage.unavailable", reason=type(error).__name__)
        return error
