"""What the browser sends files to: uploads that go on after an interruption, with the session's cookie.

The Origin check of `linkops.console.policy` stands in front. Answers are JSON; a refusal has the text for who reads it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import wraps
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import APIRouter, Query, Request
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
from linkops.ota.uploads.resuming.model import ResumableUpload
from linkops.ota.uploads.resuming.service import ResumableUploads
from linkops.texts.refusals import text_of

router = APIRouter(prefix="/uploads")
PIECE_WITHIN_S = 60.0
_MAX_BODY_BYTES = 8_192
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
T = TypeVar("T")
Route = Callable[..., Awaitable[Any]]


class _New(msgspec.Struct, frozen=True):
    file_name: str
    size_bytes: int
    resume_key: str = ""


class _Known(msgspec.Struct, frozen=True):
    sha256: str = ""


def answering(route: Route) -> Route:
    """Make a coroutine a route whose result is JSON, and whose refusals are texts in the browser's language."""

    @wraps(route)
    async def answer(request: Request, **given: Any) -> Response:
        try:
            return _json(await route(request, **given), 200)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody is left to be answered
        except Refused as refused:
            status = next((code for kind, code in _STATUS.items() if isinstance(refused, kind)), 400)
            text = text_of(refused.code, refused.params, preferences_of(request).language)
            return _json({"code": refused.code, "text": text, "params": refused.params}, status)

    return answer


@router.get("")
@answering
async def listed(request: Request) -> list[Any]:
    """Return the uploads of who asks that no package has taken."""
    return [_shown(upload) for upload in await _uploads().list(await _actor(request))]


@router.post("")
@answering
async def begin(request: Request) -> Any:
    """Begin an upload, or find the one that was begun of the same file."""
    actor, new = await _actor(request), await _body(request, _New)
    return _shown(await _uploads().begin(actor, new.file_name, new.size_bytes, new.resume_key))


@router.get("/{upload_id}")
@answering
async def get(request: Request, upload_id: str) -> Any:
    """Return how far an upload is."""
    return _shown(await _uploads().get(await _actor(request), upload_id))


@router.put("/{upload_id}")
@answering
async def send(request: Request, upload_id: str, offset: Annotated[int, Query(ge=0, le=2**53)]) -> Any:
    """Take the bytes behind the first ``offset`` ones."""
    return _shown(await _uploads().append(await _actor(request), upload_id, offset, _arriving(request)))


@router.post("/{upload_id}/finish")
@answering
async def finish(request: Request, upload_id: str) -> Any:
    """Make a file ready for a package."""
    actor, known = await _actor(request), await _body(request, _Known)
    return _shown(await _uploads().finish(actor, upload_id, known.sha256))


@router.delete("/{upload_id}")
@answering
async def discard(request: Request, upload_id: str) -> Any:
    """Delete an upload, finished or not."""
    await _uploads().discard(await _actor(request), upload_id)
    return {}


def _uploads() -> ResumableUploads:
    return console().services.ota.resumable


async def _actor(request: Request) -> Actor:
    address = request.client.host if request.client else ""
    return await console().services.tokens.authenticate(request.cookies.get(COOKIE, ""), address)


async def _body(request: Request, kind: type[T]) -> T:
    body = bytearray()
    async for chunk in _arriving(request):
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            raise TooLarge("request.too_large", max_bytes=_MAX_BODY_BYTES)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError:
        raise Invalid("request.invalid", field="body") from None


async def _arriving(request: Request) -> AsyncIterator[bytes]:
    """Yield the body as it comes; a sender that stops is given up, since it can go on later."""
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


def _shown(upload: ResumableUpload) -> Any:
    return {**msgspec.structs.asdict(upload), "finished": upload.finished}


def _json(body: Any, status: int) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(body, enc_hook=str), status, headers, "application/json")
