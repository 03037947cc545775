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


class Group:
    """The open transaction, and whom to tell what of the units that are done in it.

    Attributes:
        connection: what it is open on.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._durable: list[Outcome] = []
        self._done: list[Outcome] = []

    def add(self, outcomes: list[Outcome]) -> None:
        """Take note of a unit that is done."""
        self._done += outcomes

    def commit(self) -> None:
        """Make durable what is done so far."""
        self.connection.commit()
        self._durable += self._done
        self._done = []

    def committed(self) -> list[Outcome]:
        """Return whom to tell what."""
        return self._durable

    def lost(self, error: Exception) -> list[Outcome]:
        """Return the same after an error that took all with it that was not durable."""
        return [*self._durable, *((loop, done, error) for loop, done, _ in self._done)]


class Unit(Protocol):
    """Something to run inside a group."""

    def run(self, group: Group) -> list[Outcome]:
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

    def run(self, group: Group) -> list[Outcome]:
        """Run the function; if it raises, only this unit is undone."""
        return [(self._loop, self._done, in_savepoint(self._engine, group, self._call))]

    def abandon(self, error: Exception) -> list[Outcome]:
        """Return whom to tell that nothing was done."""
        return [(self._loop, self._done, error)]


def in_savepoint(engine: Engine, group: Group, call: Callable[[Tx], Any]) -> Any:
    """Return the result of ``call``, or the exception that it raised and that undid it.

    It is called again after a deadlock. What it locked is free by then, and so is what units before it in the group
    have locked, since they are committed first: the other server's unit can go on.
    """
    for _ in range(TRIES):
        result = _in_savepoint_once(engine, group.connection, call)
        if not isinstance(result, Deadlock):
            break
        group.commit()
        group.connection.begin()
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

    def _commit(self, units: list[Unit]) -> list[Outcome]:
        group = Group(self._connection)
        completed = 0
        try:
            self._connection.begin()
            for unit in units:
                group.add(unit.run(group))
                completed += 1
            group.commit()
        except Exception as error:  # noqa: BLE001 - a full disk or a lost server fails the group, never the thread
            explained = self._engine.explain(error)
            _log.error("group not committed", units=len(units), error=str(error))
            self._connection.rollback()
            abandoned = [outcome for unit in units[completed:] for outcome in unit.abandon(explained)]
            return [*group.lost(explained), *abandoned]
        return group.committed()


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
