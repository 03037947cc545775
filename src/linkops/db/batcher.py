"""A unit over a list: all items that waited while the last commit ran share one statement each."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

from linkops.db.engine import Engine
from linkops.db.tx import Tx
from linkops.db.writer import Done, Group, Outcome, WriterThread, in_savepoint
from linkops.errors import Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")
_Put: TypeAlias = tuple[asyncio.AbstractEventLoop, Done, Item]
"""An item, and whom to tell what became of it."""


class Batcher(Generic[Item, Result]):
    """Collects items until the writer is free, then runs ``unit`` once over them, in the order they were put."""

    def __init__(
        self, engine: Engine, writer: WriterThread, unit: Callable[[Tx, list[Item]], list[Result]], max_items: int
    ) -> None:
        self._engine = engine
        self._writer = writer
        self._unit = unit
        self._max_items = max_items
        self._waiting: deque[_Put[Item]] = deque()
        self._taken: deque[_Put[Item]] = deque()
        self._submitted = False

    def put(self, item: Item, done: Callable[[Result | Exception], None]) -> None:
        """Queue ``item``; ``done`` is called on the running loop after the commit.

        Raises:
            Unavailable: when the writer cannot take more now.
        """
        self._waiting.append((asyncio.get_running_loop(), done, item))
        if not self._submitted:
            self._submit()

    async def __call__(self, item: Item) -> Result:
        """Queue ``item`` and return its result after the commit.

        Raises:
            Exception: what the unit raised for this item.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.put(item, partial(settle, future))
        return await future

    def _submit(self) -> None:
        self._submitted = True
        self._writer.submit(self)

    def run(self, group: Group) -> list[Outcome]:
        """Run the unit over what waits (called by the writer); return whom to tell what, unless ``group`` knows it.

        Raises:
            Exception: what the driver raised when the whole transaction is lost.
        """
        # Cleared first: an item put from here on submits the batcher again instead of being forgotten.
        self._submitted = False
        self._taken = self._take(self._max_items)
        if self._waiting and not self._submitted:
            self._submit()
        if not self._taken:
            return []
        items = [item for _, _, item in self._taken]
        results = in_savepoint(self._engine, group, lambda tx: self._unit(tx, items))
        if isinstance(results, Exception):
            return self._without_list(group, results)
        return self._outcomes(results)

    def _take(self, most: int) -> deque[_Put[Item]]:
        return deque(self._waiting.popleft() for _ in range(min(len(self._waiting), most)))

    def _without_list(self, group: Group, error: Exception) -> list[Outcome]:
        if len(self._taken) == 1 or isinstance(error, Unavailable):
            return self._outcomes([error] * len(self._taken))
        # One item that cannot be stored must not take the others with it.
        while self._taken:
            loop, done, item = self._taken[0]
            group.add([(loop, done, self._result(group, item))])
            # Only now, and of each by itself: a deadlock of a later one makes this durable, whatever comes then.
            self._taken.popleft()
        return []

    def _result(self, group: Group, item: Item) -> Any:
        result = in_savepoint(self._engine, group, lambda tx: self._unit(tx, [item]))
        return result if isinstance(result, Exception) else result[0]

    def _outcomes(self, results: Sequence[Any]) -> list[Outcome]:
        outcomes = [(loop, done, result) for (loop, done, _), result in zip(self._taken, results, strict=True)]
        self._taken = deque()
        return outcomes

    def abandon(self, error: Exception) -> list[Outcome]:
        """Return whom to tell that nothing was done: those of the group that broke, and those that wait."""
        self._submitted = False
        lost = [*self._taken, *self._take(len(self._waiting))]
        self._taken = deque()
        return [(loop, done, error) for loop, done, _ in lost]


def settle(future: asyncio.Future[Any], outcome: Any) -> None:
    """Give a future the outcome of a unit, unless nobody waits for it any more."""
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
