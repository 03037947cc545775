"""What the browser sends files to: uploads that go on after an interruption, with the session's cookie.

The Origin check of `linkops.console.policy` stands in front. Answers are JSON; a refusal has the text for who reads it.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from linkops.console.requests import actor_of, arriving, said, status_of
from linkops.console.state import console
from linkops.errors import (
    Invalid,
    Refused,
    TooLarge,
)
from linkops.ota.uploads.resuming.model import ResumableUpload
from linkops.ota.uploads.resuming.service import ResumableUploads

router = APIRouter(prefix="/uploads")
_MAX_BODY_BYTES = 8_192
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
        except Refused as refused:
            status = status_of(refused)
            text = said(request, refused)
            return _json({"code": refused.code, "text": text, "params": refused.params}, status)

    return answer


@router.get("")
@answering
async def listed(request: Request) -> list[Any]:
    """Return the uploads of who asks that no package has taken."""
    return [_shown(upload) for upload in await _uploads().list(await actor_of(request))]


@router.post("")
@answering
async def begin(request: Request) -> Any:
    """Begin an upload, or find the one that was begun of the same file."""
    actor, new = await actor_of(request), await _body(request, _New)
    return _shown(await _uploads().begin(actor, new.file_name, new.size_bytes, new.resume_key))


@router.get("/{upload_id}")
@answering
async def get(request: Request, upload_id: str) -> Any:
    """Return how far an upload is."""
    return _shown(await _uploads().get(await actor_of(request), upload_id))


@router.put("/{upload_id}")
@answering
async def send(request: Request, upload_id: str, offset: Annotated[int, Query(ge=0, le=2**53)]) -> Any:
    """Take the bytes behind the first ``offset`` ones."""
    return _shown(await _uploads().append(await actor_of(request), upload_id, offset, arriving(request)))


@router.post("/{upload_id}/finish")
@answering
async def finish(request: Request, upload_id: str) -> Any:
    """Make a file ready for a package."""
    actor, known = await actor_of(request), await _body(request, _Known)
    return _shown(await _uploads().finish(actor, upload_id, known.sha256))


@router.delete("/{upload_id}")
@answering
async def discard(request: Request, upload_id: str) -> Any:
    """Delete an upload, finished or not."""
    await _uploads().discard(await actor_of(request), upload_id)
    return {}


def _uploads() -> ResumableUploads:
    return console().services.ota.resumable


async def _body(request: Request, kind: type[T]) -> T:
    body = bytearray()
    async for chunk in arriving(request):
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            raise TooLarge("request.too_large", max_bytes=_MAX_BODY_BYTES)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError:
        raise Invalid("request.invalid", field="body") from None


def _shown(upload: ResumableUpload) -> Any:
    return {**msgspec.structs.asdict(upload), "finished": upload.finished}


def _json(body: Any, status: int) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(body, enc_hook=str), status, headers, "application/json")
