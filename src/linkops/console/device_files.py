"""Files about devices, with the browser's cookie: lists of devices that go in, and what devices uploaded.

The Origin check of `linkops.console.policy` stands in front.
"""

import tempfile
from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from linkops.console.requests import actor_of, arriving, status_of
from linkops.console.state import console
from linkops.console.visitors import preferences_of
from linkops.devices.imports.lines import MAX_LIST_BYTES
from linkops.devices.imports.rows import RowResult
from linkops.errors import Refused, TooLarge
from linkops.texts.refusals import text_of

router = APIRouter()
FileId = Annotated[int, Path(ge=1, le=2**62)]
_PIECE_BYTES = 256 * 2**10
_LINES_PER_PIECE = 500


@router.post("/device-imports")
async def import_devices(request: Request, product_key: str) -> Response:
    """Create the devices of a list; the answer has a JSON object for each line of it, as the work goes on."""
    language = preferences_of(request).language
    try:
        results = console().services.imports.run(await actor_of(request), product_key, _spooled(request))
        first = await anext(results, None)  # what refuses the whole list does so before the answer begins
    except Refused as refused:
        text = text_of(refused.code, refused.params, language)
        return Response(msgspec.json.encode({"text": text}), status_of(refused), media_type="application/json")
    return StreamingResponse(_lines(first, results, language), media_type="application/x-ndjson")


@router.get("/device-files/{file_id}/content")
async def download_device_file(request: Request, file_id: FileId) -> Response:
    """Send a file of a device; a browser saves it, and never opens it."""
    files = console().services.device_files
    try:
        file = await files.open(await actor_of(request), file_id)
        pieces = files.content(file)
        first = await anext(pieces, b"")
    except Refused as refused:
        text = text_of(refused.code, refused.params, preferences_of(request).language)
        return PlainTextResponse(text, status_of(refused))
    headers = {
        "Content-Disposition": f'attachment; filename="{file.file_name}"',
        "Content-Length": str(file.size_bytes),
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(_all(first, pieces), headers=headers, media_type="application/octet-stream")


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


async def _spooled(request: Request) -> AsyncIterator[bytes]:
    """Yield the body once it is here: a browser sends all before it reads, so it must not wait for who waits for it."""
    with tempfile.TemporaryFile() as file:
        size_bytes = 0
        async for piece in arriving(request):
            size_bytes += len(piece)
            if size_bytes > MAX_LIST_BYTES:
                raise TooLarge("list.too_large", max_bytes=MAX_LIST_BYTES)
            await run_in_threadpool(file.write, piece)
        file.seek(0)
        while piece := await run_in_threadpool(file.read, _PIECE_BYTES):
            yield piece


async def _lines(first: RowResult | None, rest: AsyncIterator[RowResult], language: str) -> AsyncIterator[bytes]:
    waiting = [] if first is None else [_line(first, language)]
    last = 0 if first is None else first.line
    try:
        async for result in rest:
            last = result.line
            waiting.append(_line(result, language))
            if len(waiting) >= _LINES_PER_PIECE:
                yield b"".join(waiting)
                waiting.clear()
    except Refused as refused:  # what came before keeps its results, so the end of them is said in a line as well
        code, message = refused.code, text_of(refused.code, refused.params, language)
        waiting.append(_encoded(last + 1, "", code=code, message=message))
    yield b"".join(waiting)


def _line(result: RowResult, language: str) -> bytes:
    if result.code is None:
        return _encoded(result.line, result.device_name, device_secret=result.secret)
    params = {"device": result.device_name, "device_name": result.device_name}
    message = text_of(result.code, params, language)
    return _encoded(result.line, result.device_name, code=result.code, message=message)


def _encoded(line: int, device_name: str, **more: str | None) -> bytes:
    return msgspec.json.encode({"line": line, "device_name": device_name, **more}) + b"\n"
