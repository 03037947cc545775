"""``Idempotency-Key``: a client that got no answer sends its request again, and it is done once."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from linkops.accounts.repeats.service import Answer
from linkops.api.services import Called
from linkops.events.actor import Actor

_KEY = Header(
    alias="Idempotency-Key",
    description="Chosen by the client; the same request with the same key is done once within 24 hours.",
)


class Once:
    """A route parameter: carries a request out once per key, or simply carries it out when there is no key."""

    def __init__(self, services: Called, request: Request, key: Annotated[str | None, _KEY] = None) -> None:
        self._repeats = services.repeats
        self._request = request
        self._key = key

    async def __call__(self, actor: Actor, do: Callable[[], Awaitable[BaseModel]]) -> Response:
        """Return what ``do`` made, with status 201, or what the first request with this key was answered.

        Raises:
            Conflict: the key belongs to another request, or its request still runs.
            Refused: what ``do`` raised; the key is free again then.
        """

        async def answer() -> Answer:
            return Answer(201, (await do()).model_dump_json())

        if self._key is None:
            given = await answer()
        else:
            given = await self._repeats.once(actor, self._key, await self._digest(), answer)
        return Response(given.body, given.status, media_type="application/json")

    async def _digest(self) -> str:
        what = f"{self._request.method} {self._request.url.path}?{self._request.url.query}\n".encode()
        return hashlib.sha256(what + await self._request.body()).hexdigest()


OnceOnly = Annotated[Once, Depends(Once)]
