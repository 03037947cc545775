"""Whose turn it is: an upload is written by whoever came last, since the one before may be a dead connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from linkops.errors import Conflict


class _Place:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.holder: object = None
        self.waiting = 0


class Turn:
    """The right to work on an upload, until somebody else comes."""

    def __init__(self, place: _Place) -> None:
        self._place = place
        place.holder = self

    @asynccontextmanager
    async def step(self) -> AsyncIterator[None]:
        """Work on it alone for a moment.

        Raises:
            Conflict: somebody else has come.
        """
        async with self._place.lock:
            if self._place.holder is not self:
                raise Conflict("upload.taken_over")
            yield


class Turns:
    """Places by the id of an upload; used on one loop only."""

    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}

    @asynccontextmanager
    async def take(self, upload_id: str) -> AsyncIterator[Turn]:
        """Take the turn from whoever has it, at the end of the step that is being made."""
        place = self._places.setdefault(upload_id, _Place())
        place.waiting += 1
        try:
            yield Turn(place)
        finally:
            place.waiting -= 1
            if not place.waiting:
                del self._places[upload_id]
