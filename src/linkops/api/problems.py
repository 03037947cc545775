"""Refusals as HTTP answers: ``application/problem+json`` (RFC 9457) with our code, its parameters and the field."""

from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
from linkops.texts.refusals import language_of, text_of

_log = structlog.get_logger(__name__)

_HTTP_CODES = {404: "request.not_found", 405: "request.method_not_allowed", 400: "request.body_unreadable"}
_MAX_ERRORS = 20


class TooSlow(Refused):
    """The body of a request stopped coming."""


class Failed(Refused):
    """Something went wrong on our side; the log says what, the answer does not."""


_STATUS: dict[type[Refused], int] = {
    Invalid: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    TooMany: 429,
    Unavailable: 503,
    TooSlow: 408,
    Failed: 500,
}


def problem(refused: Refused, accept_language: str, status: int | None = None, **more: Any) -> Response:
    """Return the answer to a refused request, with ``more`` members; the status comes from the kind of refusal."""
    status = status or next(known for kind, known in _STATUS.items() if isinstance(refused, kind))
    params = {} if isinstance(refused, Unavailable) else refused.params
    body = {
        "type": f"urn:linkops:problem:{refused.code}",
        "title": text_of(refused.code, refused.params, language_of(accept_language)),
        "status": status,
        "code": refused.code,
        "params": {name: value for name, value in params.items() if name != "field"},
    }
    if "field" in params:
        body["field"] = params["field"]
    headers = _headers(status, refused)
    return Response(msgspec.json.encode(body | more, enc_hook=str), status, headers, "application/problem+json")


def _headers(status: int, refused: Refused) -> dict[str, str]:
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Language"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status in {429, 503}:
        headers["Retry-After"] = str(refused.params.get("retry_after_s", 1))
    return headers


def install(app: FastAPI) -> None:
    """Let ``app`` answer every refusal as a problem."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)


def _language(request: Request) -> str:
    return request.headers.get("accept-language", "")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 - installed for this kind only
    return problem(error, _language(request))


async def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - installed for this kind only
    errors = [{"field": _field(found["loc"]), "message": found["msg"]} for found in error.errors()[:_MAX_ERRORS]]
    return problem(Invalid("request.invalid", field=errors[0]["field"]), _language(request), errors=errors)


def _field(location: tuple[Any, ...]) -> str:
    """Return where a value stood, as in ``grants.0.role``; the whole body is ``body``."""
    inside = location[1:] if location[:1] in {("body",), ("query",), ("path",), ("header",)} else location
    if len(inside) == 1 and isinstance(inside[0], int):  # where in the text the JSON ends to be any
        return "body"
    return ".".join(str(part) for part in inside) or "body"


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - installed for this kind only
    if isinstance(error.__cause__, Refused):  # FastAPI wraps what reading the body raised
        return problem(error.__cause__, _language(request))
    refused = Refused(_HTTP_CODES.get(error.status_code, "request.refused"))
    answer = problem(refused, _language(request), error.status_code)
    answer.headers.update(error.headers or {})
    return answer


async def _failed(request: Request, _error: Exception) -> Response:
    return problem(Failed("request.failed"), _language(request))


class FaultBarrier:
    """The outermost layer: what nobody expected is logged once and answered without details."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer 500 if that raised before an answer began."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:  # noqa: BLE001 - the last one who can answer
            _log.exception("request failed", method=scope["method"], path=scope["path"])
            if not begun:
                await problem(Failed("request.failed"), _accepted(scope))(scope, receive, send)


def _accepted(scope: Scope) -> str:
    return Headers(scope=scope).get("accept-language", "")
