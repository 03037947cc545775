"""The database as services see it: `write`, `read` and `batcher`."""

import asyncio
import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from linkops.db.batcher import Batcher, Item, Result, settle
from linkops.db.engine import Connection, Engine
from linkops.db.migrate import migrate
from linkops.db.sqlite import SqliteEngine
from linkops.db.tx import Tx
from linkops.db.writer import CallUnit, WriterThread

P = ParamSpec("P")
T = TypeVar("T")

READERS = 4
ITEMS_PER_BATCH = 1_000
READ_TIME_LIMIT_S = 30.0


def open_database(url: str, *, readers: int = READERS, read_time_limit_s: float = READ_TIME_LIMIT_S) -> "Database":
    """Return the database at ``url``, brought to the newest schema.

    Args:
        url: the path of a SQLite file, or ``postgresql://…``.
        readers: how many queries may run at once.
        read_time_limit_s: after which a query is interrupted.

    Raises:
        linkops.db.migrate.SchemaTooNew: when a newer LinkOps made the schema.
    """
    engine = _engine(url, read_time_limit_s)
    migrate(engine)
    return Database(engine, readers)


def _engine(url: str, read_time_limit_s: float) -> Engine:
    if not url.startswith(("postgresql://", "postgres://")):
        return SqliteEngine(Path(url), read_time_limit_s=read_time_limit_s)
    from linkops.db.postgres import PostgresEngine  # noqa: PLC0415 - psycopg is an optional extra

    return PostgresEngine(url, read_time_limit_s=read_time_limit_s)


class Figures(NamedTuple):
    """A database as those who run the server see it: the engine, its version, and how many bytes the database takes."""

    engine: str
    version: str
    size_bytes: int


class Database:
    """One writer thread and a few readers; usable from any running loop."""

    def __init__(self, engine: Engine, readers: int) -> None:
        self._engine = engine
        self._writer = WriterThread(engine)
        self._threads = ThreadPoolExecutor(readers, "linkops-db-reader")
        self._idle: queue.SimpleQueue[Connection] = queue.SimpleQueue()

    async def write(self, fn: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``fn(tx, …)`` as one unit of work and return its result once it is committed.

        Raises:
            Exception: what ``fn`` raised; the unit, and only the unit, is undone.
            Duplicate: when it broke a unique index.
            Unavailable: when the database cannot store now.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        call: Callable[[Tx], T] = lambda tx: fn(tx, *args, **kwargs)  # noqa: E731 - typed closure over both
        self._writer.submit(CallUnit(self._engine, call, loop, partial(settle, future)))
        return await future

    async def read(self, fn: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``fn(tx, …)`` over one consistent state, beside the writer, and return its result.

        Raises:
            Exception: what ``fn`` raised.
            Unavailable: when the query took too long or the database is away.
        """
        call: Callable[[Tx], T] = lambda tx: fn(tx, *args, **kwargs)  # noqa: E731 - typed closure over both
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, call)

    async def figures(self) -> Figures:
        """Return what it is and how big."""
        version, size_bytes = await self.read(lambda tx: tx.all(self._engine.figures)[0])
        return Figures(self._engine.name, str(version), int(size_bytes))

    async def takes_writes(self) -> bool:
        """Return True once a transaction that writes nothing was committed.

        Raises:
            Unavailable: when the database cannot store now.
        """
        return await self.write(_one)

    def batcher(
        self, unit: Callable[[Tx, list[Item]], list[Result]], *, max_items: int = ITEMS_PER_BATCH
    ) -> Batcher[Item, Result]:
        """Return a collector whose ``unit`` runs once over all items that waited; one result per item, in order."""
        return Batcher(self._engine, self._writer, unit, max_items)

    def close(self) -> None:
        """Finish every unit that was taken, then close all connections."""
        self._writer.stop()
        self._threads.shutdown()
        while not self._idle.empty():
            self._idle.get().close()

    def _read(self, call: Callable[[Tx], Any]) -> Any:
        connection = self._take()
        try:
            return self._in_transaction(connection, call)
        except Exception as error:
            raise self._engine.explain(error) from error
        finally:
            connection.rollback()
            self._idle.put(connection)

    def _take(self) -> Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._engine.reader()

    @staticmethod
    def _in_transaction(connection: Connection, call: Callable[[Tx], Any]) -> Any:
        connection.begin()
        return call(connection.tx)


def _one(tx: Tx) -> bool:
    return bool(tx.scalar("SELECT 1"))
