"""What the database needs of an engine: connections that begin, commit and roll back."""

from typing import Protocol

from linkops.db.dialect import Dialect
from linkops.db.tx import Tx


class Connection(Protocol):
    """One connection, used by one thread at a time."""

    tx: Tx

    def begin(self) -> None:
        """Open the transaction of a group of units."""
        ...

    def commit(self) -> None:
        """Make the group durable."""
        ...

    def rollback(self) -> None:
        """Undo the group. Never raises: a connection that cannot roll back is replaced at the next `begin`."""
        ...

    def savepoint(self) -> None:
        """Start one unit inside the group."""
        ...

    def release(self) -> None:
        """Keep what the unit did."""
        ...

    def undo(self) -> None:
        """Undo what the unit did, and nothing else."""
        ...

    def close(self) -> None:
        """Give the connection up."""
        ...


class Engine(Protocol):
    """Opens connections to one database."""

    name: str
    """As people call it."""
    figures: str
    """A query of the engine's version and of how many bytes the database takes."""

    @property
    def dialect(self) -> Dialect:
        """How portable SQL is written for it."""
        ...

    def writer(self) -> Connection:
        """Return the connection that writes; committed means on disk."""
        ...

    def reader(self) -> Connection:
        """Return a connection that only reads, sees one consistent state per unit, and gives up on slow queries."""
        ...

    def explain(self, error: Exception) -> Exception:
        """Return what the caller of a unit is told when the driver raised ``error``."""
        ...
