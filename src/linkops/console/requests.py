"""What the console's own routes share: who asks by the browser's cookie, how refusals are answered, how bodies come."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from linkops.console.state import console
from linkops.console.visitors import COOKIE, preferences_of
from linkops.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from linkops.events.actor import Actor
from linkops.texts.refusals import text_of

PIECE_WITHIN_S = 60.0
_STATUS: dict[type[Refused], int] = {
    Invalid: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    TooMany: 429,
    Unavailable: 503,
}


async def actor_of(request: Request) -> Actor:
    """Return who asks.

    Raises:
        Unauthenticated, Forbidden: as `linkops.accounts.tokens.service.Tokens.authenticate` does.
    """
    address = request.client.host if request.client else ""
    return await console().services.tokens.authenticate(request.cookies.get(COOKIE, ""), address)


def status_of(refused: Refused) -> int:
    """Return the HTTP status of a refusal."""
    return next((status for kind, status in _STATUS.items() if isinstance(refused, kind)), 400)


def said(request: Request, refused: Refused) -> str:
    """Return the text of a refusal in the browser's language."""
    return text_of(refused.code, refused.params, preferences_of(request).language)


async def arriving(request: Request) -> AsyncIterator[bytes]:
    """Yield the body as it comes.

    Raises:
        ClientDisconnect: the sender has gone, or sent nothing for `PIECE_WITHIN_S`.
    """
    pieces = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(PIECE_WITHIN_S):
                piece = await anext(pieces, None)
        except TimeoutError:
            raise ClientDisconnect from None
        if piece is None:
            return
        yield piece


async def gone(_request: Request, _error: Exception) -> Response:
    """Answer somebody who has gone, or stopped sending: nobody is left to hear it."""
    return Response(status_code=499)
