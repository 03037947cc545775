"""SQLite: one file, one writer, readers that never block it (WAL)."""

import sqlite3
import time
from pathlib import Path

from linkops.db.dialect import Compiled, SqliteDialect
from linkops.db.tx import Duplicate, Referenced, Tx
from linkops.errors import Unavailable

_STATEMENTS_KEPT = 256
_OPCODES_BETWEEN_CHECKS = 20_000
_CHECKPOINT_PAGES = 4_000  # 16 MiB of log: a checkpoint writes each page once, however often it changed


class SqliteConnection:
    """A connection without the driver's own transactions: `begin` and `commit` are ours."""

    def __init__(self, path: Path, dialect: SqliteDialect, compiled: dict[str, Compiled], *, read_only: bool) -> None:
        self._raw = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS_KEPT
        )
        # A writer of another process (a backup, an administrator) is waited for this long.
        self._raw.execute("PRAGMA busy_timeout = 5000")
        self._raw.execute("PRAGMA foreign_keys = ON")
        self._raw.execute("PRAGMA temp_store = MEMORY")
        self._raw.execute("PRAGMA cache_size = -16000")
        if read_only:
            self._raw.execute("PRAGMA query_only = ON")
        else:
            self._raw.execute("PRAGMA journal_mode = WAL")
            # FULL syncs the log at every commit: an acknowledged report survives a power cut.
            self._raw.execute("PRAGMA synchronous = FULL")
            self._raw.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        self._begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"
        self.tx = Tx(self._raw.cursor(), dialect, compiled)

    def limit(self, seconds: float) -> None:
        """Interrupt what runs longer than ``seconds`` from now."""
        deadline = time.monotonic() + seconds
        self._raw.set_progress_handler(lambda: int(time.monotonic() > deadline), _OPCODES_BETWEEN_CHECKS)

    def begin(self) -> None:
        """Open a transaction; the writer's takes the write lock at once."""
        self._raw.execute(self._begin)

    def commit(self) -> None:
        """Commit, with the log synced to disk."""
        self._raw.execute("COMMIT")

    def rollback(self) -> None:
        """Roll back, if a transaction is open (a full disk ends it by itself)."""
        if self._raw.in_transaction:
            self._raw.execute("ROLLBACK")

    def savepoint(self) -> None:
        """Start a unit."""
        self._raw.execute("SAVEPOINT unit")

    def release(self) -> None:
        """Keep a unit."""
        self._raw.execute("RELEASE unit")

    def undo(self) -> None:
        """Undo a unit."""
        self._raw.execute("ROLLBACK TO unit")
        self._raw.execute("RELEASE unit")

    def close(self) -> None:
        """Close the file."""
        self._raw.close()


class _Reader(SqliteConnection):
    def __init__(self, path: Path, dialect: SqliteDialect, compiled: dict[str, Compiled], time_limit_s: float) -> None:
        super().__init__(path, dialect, compiled, read_only=True)
        self._time_limit_s = time_limit_s

    def begin(self) -> None:
        self.limit(self._time_limit_s)
        super().begin()


class SqliteEngine:
    """A database file and its log."""

    name = "SQLite"
    figures = "SELECT sqlite_version(), c.page_count * s.page_size FROM pragma_page_count() c, pragma_page_size() s"

    def __init__(self, path: Path, *, read_time_limit_s: float) -> None:
        self.dialect = SqliteDialect()
        self._path = path
        self._read_time_limit_s = read_time_limit_s
        self._compiled: dict[str, Compiled] = {}

    def writer(self) -> SqliteConnection:
        """Return the connection that writes."""
        return SqliteConnection(self._path, self.dialect, self._compiled, read_only=False)

    def reader(self) -> SqliteConnection:
        """Return a connection that reads."""
        return _Reader(self._path, self.dialect, self._compiled, self._read_time_limit_s)

    def explain(self, error: Exception) -> Exception:
        """Return `Duplicate`, `Referenced`, `Unavailable` for a database that cannot work now, or the error itself."""
        if isinstance(error, sqlite3.IntegrityError) and "UNIQUE" in str(error):
            return Duplicate(str(error))
        if isinstance(error, sqlite3.IntegrityError) and "FOREIGN KEY" in str(error):
            return Referenced(str(error))
        if isinstance(error, sqlite3.OperationalError) and not _our_fault(error):
            return Unavailable("storage.unavailable", reason=str(error))
        return error


def _our_fault(error: sqlite3.OperationalError) -> bool:
    """Whether the statement itself is wrong: SQLite reports that by the same class as a full disk."""
    return error.sqlite_errorcode == sqlite3.SQLITE_ERROR
