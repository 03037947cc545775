"""Long lists that come in a body, and answers that say of each line of one what became of it."""

import tempfile
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol, TypeVar

import msgspec
from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from linkops.errors import Refused
from linkops.texts.refusals import language_of, text_of

_PIECE_BYTES = 256 * 2**10
_ROWS_PER_PIECE = 500

CSV_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}},
}
"""``openapi_extra`` of a route that takes a list."""
LINE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "One JSON object a line.", "content": {"application/x-ndjson": {"schema": {}}}},
}
"""``responses`` of a route that answers line by line."""


class Result(Protocol):
    """What became of a line; ``code`` says what is wrong with it."""

    @property
    def line(self) -> int:
        """The number of the line."""
        ...

    @property
    def code(self) -> str | None:
        """None: nothing is wrong."""
        ...


R = TypeVar("R", bound=Result)
Shown = dict[str, str | None]
"""The members of a result that are its own; ``device_name`` is one of them."""


async def report(
    request: Request, run: Callable[[AsyncIterator[bytes]], AsyncIterator[R]], show: Callable[[R | None], Shown]
) -> Response:
    """Return an answer with a JSON object per result of ``run`` over the body of ``request``.

    Args:
        request: whose body is the list.
        run: what is done with the list.
        show: the members of a result that are its own; of None where the list itself is refused in the middle.
    """
    results = run(_spooled(request))
    first = await anext(results, None)  # what refuses the whole list does so before the answer begins
    lines = _lines(first, results, show, language_of(request.headers.get("accept-language", "")))
    return StreamingResponse(lines, media_type="application/x-ndjson")


async def _spooled(request: Request) -> AsyncIterator[bytes]:
    """Yield the body once it is here: a client that sends all before it reads must not wait for a server that waits."""
    with tempfile.TemporaryFile() as file:
        async for piece in request.stream():
            await run_in_threadpool(file.write, piece)
        file.seek(0)
        while piece := await run_in_threadpool(file.read, _PIECE_BYTES):
            yield piece


async def _lines(
    first: R | None, rest: AsyncIterator[R], show: Callable[[R | None], Shown], language: str
) -> AsyncIterator[bytes]:
    waiting = [] if first is None else [_line(first, show, language)]
    last = 0 if first is None else first.line
    try:
        async for result in rest:
            last = result.line
            waiting.append(_line(result, show, language))
            if len(waiting) >= _ROWS_PER_PIECE:
                yield b"".join(waiting)
                waiting.clear()
    except Refused as refused:  # what came before keeps its results, so the end of them is said in a line as well
        message = text_of(refused.code, refused.params, language)
        waiting.append(_encoded(last + 1, show(None), refused.code, message))
    yield b"".join(waiting)


def _line(result: R, show: Callable[[R | None], Shown], language: str) -> bytes:
    shown = show(result)
    params = {"device": shown["device_name"], **shown}
    message = None if result.code is None else text_of(result.code, params, language)
    return _encoded(result.line, shown, result.code, message)


def _encoded(line: int, shown: Shown, code: str | None, message: str | None) -> bytes:
    return msgspec.json.encode({"line": line, **shown, "code": code, "message": message}) + b"\n"
