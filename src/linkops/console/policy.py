"""What a browser may load and send: an Origin check in front of everything, and a policy for what pages may run.

The UI toolkit's socket takes any Origin, so that another site could open it with our visitor's cookie: hence the check
here. Its pages carry inline scripts and compile templates, hence a nonce per response and ``unsafe-eval``; there is no
``unsafe-inline`` for scripts, so that text which found its way into a page still cannot run.
"""

import re
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SCRIPT = re.compile(rb"<script(?=[\s>])")
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


class OriginCheck:
    """Refuses what another site's page sends: WebSockets, and requests that change something."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403."""
        risky = scope["type"] == "websocket" or scope.get("method") not in _SAFE
        if risky and not is_same_origin(Headers(scope=scope), scope["scheme"]):
            await _refuse(scope["type"], receive, send)
            return
        await self._app(scope, receive, send)


def is_same_origin(headers: Headers, scheme: str) -> bool:
    """Return whether the page that sends this came from here.

    A request that names no origin is no browser's page; a WebSocket that names none is nobody's that we know, since
    every browser does.
    """
    said = headers.get("origin")
    if said is None:
        return scheme not in {"ws", "wss"} and headers.get("sec-fetch-site", "none") in {"same-origin", "none"}
    origin, here = urlsplit(said), urlsplit(f"//{headers.get('host', '')}")
    try:
        port, own = origin.port or _PORTS.get(origin.scheme), here.port or _PORTS.get(scheme)
    except ValueError:
        return False
    secure = scheme in {"https", "wss"}
    same_scheme = origin.scheme == ("https" if secure else "http")
    return same_scheme and port == own and origin.hostname is not None and origin.hostname == here.hostname


async def _refuse(kind: str, receive: Receive, send: Send) -> None:
    if kind == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": b"This request comes from another site."})


class PagePolicy:
    """Gives every HTML page a nonce for its own scripts, and a policy that allows no others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Rewriter(send, scope["scheme"] == "https").send)


class _Rewriter:
    """Holds back a page until it is whole, since its length changes."""

    def __init__(self, send: Send, secure: bool) -> None:  # noqa: FBT001 - one caller, above
        self._send = send
        self._secure = secure
        self._start: Message | None = None
        self._body = bytearray()
        self._is_page = False

    async def send(self, message: Message) -> None:
        """Send on, or hold back."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            self._is_page = headers.get("content-type", "").startswith("text/html")
            _secure(headers, https=self._secure)
            self._start = message
            if not self._is_page:
                await self._send(message)
        elif self._is_page and message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish()
        else:
            await self._send(message)

    async def _finish(self) -> None:
        assert self._start is not None  # noqa: S101 - the body follows the start
        nonce = secrets.token_urlsafe(16)
        body = _SCRIPT.sub(b'<script nonce="%s"' % nonce.encode(), bytes(self._body))
        headers = MutableHeaders(scope=self._start)
        headers["Content-Length"] = str(len(body))
        headers["Content-Security-Policy"] = policy(nonce)
        headers["Cache-Control"] = "no-store"
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})


def policy(nonce: str) -> str:
    """Return the content security policy of a page whose own scripts carry ``nonce``."""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


def _secure(headers: MutableHeaders, *, https: bool) -> None:
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
