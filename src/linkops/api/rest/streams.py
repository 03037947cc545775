"""Events as they happen: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from linkops.api.auth import OwnToken, Viewer, address_of
from linkops.api.paging import number_in
from linkops.api.services import Called
from linkops.events.actor import Actor
from linkops.subscriptions.model import Happened
from linkops.subscriptions.streams.service import Stream, StreamFilter
from linkops.subscriptions.wire import written

router = APIRouter(prefix="/api/v1", tags=["trail"])
READ_WITHIN_S = 30.0
"""A reader that takes nothing for so long is cut off."""
_HEADERS = {"X-Accel-Buffering": "no"}  # a proxy must pass each event on
LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", max_length=18, description="Go on behind this event.")
]


class StreamAsked(BaseModel):
    """Which events; what is absent is left open."""

    model_config = ConfigDict(extra="forbid")

    kinds: list[str] | None = Field(None, max_length=50, description="Absent: all but `ota.progress`.")
    product_key: str | None = Field(None, max_length=32)
    device_name: str | None = Field(None, max_length=32, description="Takes `product_key`.")
    job_id: int | None = Field(None, ge=1, le=2**62)
    after: int | None = Field(None, ge=0, le=2**62, description="As `Last-Event-ID`, which wins.")


@router.get(
    "/events/stream",
    response_class=Response,
    responses={200: {"description": "Events.", "content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def stream_events(
    request: Request,
    actor: Viewer,
    token: OwnToken,
    services: Called,
    asked: Annotated[StreamAsked, Query()],
    last_event_id: LastEventId = None,
) -> Response:
    """Send events of the products that you may look at, as they happen, until either side closes.

    Every 15 seconds without an event there is a comment and the place reached. After a break, send the last `id` as
    `Last-Event-ID` to miss nothing that the log still has.
    """

    async def again() -> Actor:
        return await services.tokens.authenticate(token, address_of(request))

    after = asked.after if last_event_id is None else number_in(last_event_id, 0)
    wanted = StreamFilter(asked.kinds, asked.product_key, asked.device_name, asked.job_id)
    return EventStream(await services.subscriptions.streams.open(actor, wanted, after, again))


class EventStream(StreamingResponse):
    """The answer that a stream is sent in; the stream is closed with it, however it ends."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(_lines(stream), media_type="text/event-stream", headers=_HEADERS)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the stream ends or the reader goes."""

        async def in_time(message: Message) -> None:
            try:
                async with asyncio.timeout(READ_WITHIN_S):
                    await send(message)
            except TimeoutError:
                raise ClientDisconnect from None

        try:
            await super().__call__(scope, receive, in_time)
        finally:
            self._stream.close()


async def _lines(stream: Stream) -> AsyncIterator[bytes]:
    yield b"retry: 3000\n: ready\n\n"
    async for events in stream.pieces():
        # The place goes with a sign of life, too, so that a reader who comes back has little to look through.
        yield b"".join(map(_block, events)) or b": still here\nid: %d\n\n" % stream.place


def _block(event: Happened) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, event.kind.encode(), written(event))
