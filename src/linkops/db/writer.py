"""The writer thread: units of work that wait together share one commit, each in a savepoint of its own."""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, Protocol

import structlog

from linkops.db.engine import Connection, Engine
from linkops.db.tx import Deadlock, Tx
from linkops.errors import Unavailable

_log = structlog.get_logger(__name__)

Done = Callable[[Any], None]
"""Is called on the caller's loop after the commit, with the unit's result or its exception."""
Outcome = tuple[asyncio.AbstractEventLoop, Done, Any]

UNITS_PER_COMMIT = 200
UNITS_WAITING = 20_000
TRIES = 5
"""Of a unit that the database undid because another server's unit and it waited for each other."""


class Unit(Protocol):
    """Something to run inside a group."""

    def run(self, connection: Connection) -> list[Outcome]:
        """Do the work inside the open transaction and return whom to tell what once it is committed.

        Raises:
            Exception: what the driver raised when the whole transaction is lost.
        """
        ...

    def abandon(self, error: Exception) -> list[Outcome]:
        """Return whom to tell that nothing was done."""
        ...


class CallUnit:
    """One function call in a savepoint."""

    __slots__ = ("_call", "_done", "_engine", "_loop")

    def __init__(self, engine: Engine, call: Callable[[Tx], Any], loop: asyncio.AbstractEventLoop, done: Done) -> None:
        self._engine = engine
        self._call = call
        self._loop = loop
        self._done = done

    def run(self, connection: Connection) -> list[Outcome]:
        """Run the function; if it raises, only this unit is undone."""
        return [(self._loop, self._done, in_savepoint(self._engine, connection, self._call))]

    def abandon(self, error: Exception) -> list[Outcome]:
        """Return whom to tell that nothing was done."""
        return [(self._loop, self._done, error)]


def in_savepoint(engine: Engine, connection: Connection, call: Callable[[Tx], Any]) -> Any:
    """Return the result of ``call``, or the exception that it raised and that undid it.

    It is called again after a deadlock: what it locked is free by then, so that the other unit can go on.
    """
    for _ in range(TRIES):
        result = _in_savepoint_once(engine, connection, call)
        if not isinstance(result, Deadlock):
            break
    return result


def _in_savepoint_once(engine: Engine, connection: Connection, call: Callable[[Tx], Any]) -> Any:
    connection.savepoint()
    try:
        result = call(connection.tx)
    except Exception as error:  # noqa: BLE001 - whatever a unit raises is its caller's, not the writer's
        explained = engine.explain(error)
        _undo(connection, explained)
        return explained
    connection.release()
    return result


def _undo(connection: Connection, explained: Exception) -> None:
    try:
        connection.undo()
    except Exception as lost:
        # A full disk or a lost server has taken the whole transaction with it.
        raise explained from lost


class WriterThread:
    """Owns the connection that writes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection = engine.writer()
        self._units: queue.SimpleQueue[Unit | None] = queue.SimpleQueue()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="linkops-db-writer", daemon=True)
        self._thread.start()

    def submit(self, unit: Unit) -> None:
        """Queue a unit.

        Raises:
            Unavailable: when the writer has stopped, or so many units wait that taking more would only hide it.
        """
        if self._stopped:
            raise Unavailable("storage.stopped")
        if self._units.qsize() >= UNITS_WAITING:
            raise Unavailable("storage.busy")
        self._units.put(unit)

    def stop(self) -> None:
        """Finish what is queued, then close the connection."""
        self._stopped = True
        self._units.put(None)
        self._thread.join()

    def _work(self) -> None:
        running = True
        while running:
            group, running = self._next_group()
            if group:
                tell(self._commit(group))
        self._connection.close()

    def _next_group(self) -> tuple[list[Unit], bool]:
        group: list[Unit] = []
        unit = self._units.get()
        while unit is not None:
            group.append(unit)
            if len(group) == UNITS_PER_COMMIT or self._units.empty():
                return group, True
            unit = self._units.get()
        return group, False

    def _commit(self, group: list[Unit]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        completed = 0
        try:
            self._connection.begin()
            for unit in group:
                outcomes += unit.run(self._connection)
                completed += 1
            self._connection.commit()
        except Exception as error:  # noqa: BLE001 - a full disk or a lost server fails the group, never the thread
            explained = self._engine.explain(error)
            _log.error("group not committed", units=len(group), error=str(error))
            self._connection.rollback()
            outcomes = [(loop, done, explained) for loop, done, _ in outcomes]
            for unit in group[completed:]:
                outcomes += unit.abandon(explained)
        return outcomes


def tell(outcomes: list[Outcome]) -> None:
    """Call everybody back, with one wake-up per loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Done, Any]]] = {}
    for loop, done, result in outcomes:
        by_loop.setdefault(loop, []).append((done, result))
    for loop, calls in by_loop.items():
        try:
            loop.call_soon_threadsafe(_call_all, calls)
        except RuntimeError:
            # The loop was closed while its unit ran: nobody waits any more, and what is committed stays.
            _log.warning("nobody left to tell", units=len(calls))


def _call_all(calls: list[tuple[Done, Any]]) -> None:
    for done, result in calls:
        done(result)
