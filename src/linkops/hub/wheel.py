"""Deadlines of many connections by one timer: each is looked at when its time has come, not in every round."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Timed(Protocol):
    """Something that must happen by a certain time."""

    @property
    def deadline_s(self) -> float | None:
        """When, on the loop's clock; None: no longer."""
        ...


T = TypeVar("T", bound=Timed)


class Wheel(Generic[T]):
    """Things by the second in which they are looked at next; a deadline that moved meanwhile puts them back."""

    def __init__(self, now_s: float) -> None:
        self._looked_until = int(now_s)
        self._due: dict[int, set[T]] = {}
        self._second_of: dict[T, int] = {}

    def __len__(self) -> int:
        return len(self._second_of)

    def add(self, thing: T) -> None:
        """Look at ``thing`` when its deadline has come, and no longer when an earlier one would have."""
        self.discard(thing)
        deadline = thing.deadline_s
        if deadline is not None:
            second = max(int(deadline) + 1, self._looked_until + 1)
            self._second_of[thing] = second
            self._due.setdefault(second, set()).add(thing)

    def discard(self, thing: T) -> None:
        """Forget ``thing``: what has ended must not stay in memory until a deadline that no longer counts."""
        second = self._second_of.pop(thing, None)
        if second is not None:
            self._due[second].discard(thing)

    def overdue(self, now_s: float) -> Iterator[T]:
        """Yield what is past its deadline; such a thing is forgotten."""
        while self._looked_until < int(now_s):
            self._looked_until += 1
            for thing in list(self._due.get(self._looked_until, ())):
                self.discard(thing)
                deadline = thing.deadline_s
                if deadline is not None and deadline <= now_s:
                    yield thing
                else:
                    self.add(thing)
            self._due.pop(self._looked_until, None)
