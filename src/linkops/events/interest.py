"""Which events somebody wants to hear of: frequent ones are recorded only while there is somebody."""

from collections.abc import Iterable


class Interest:
    """The kinds that are wanted now.

    Safe between threads without a lock: the set is replaced as a whole and never changed.
    """

    __slots__ = ("_wanted",)

    def __init__(self) -> None:
        self._wanted: frozenset[str] = frozenset()

    def wants(self, kind: str) -> bool:
        """Return whether somebody wants events of this kind now."""
        return kind in self._wanted

    def replace(self, kinds: Iterable[str]) -> None:
        """From now on exactly these kinds are wanted."""
        self._wanted = frozenset(kinds)
