"""Downloads for devices: ``/files/{token}`` with ranges (docs/protocol/ota.md#download).

Old device SDKs read header names in exact case, cannot read chunked or compressed bodies, and may take minutes for a
file: hence plain ASGI with our own headers, always a Content-Length, and no short time limit on sending.
"""

from xml.sax.saxutils import escape

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from linkops.api.downloads import Downloadable, OpenDownload
from linkops.api.metrics import Metrics
from linkops.api.ranges import NotSatisfiable, Span, wanted_span
from linkops.api.sending import FileSender
from linkops.blobs import Blobs
from linkops.errors import Forbidden, NotFound, Refused, TooMany

PREFIX = "/files/"
MOST_AT_ONCE = 2_000

_FORBIDDEN = {
    "link.expired": ("AccessDenied", "Request has expired."),
    "link.invalid": (
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the one you provided.",
    ),
}
HeaderList = list[tuple[bytes, bytes]]


class Files:
    """The ASGI app that serves download links.

    Attributes:
        sender: what sends files, for whoever else does so.
    """

    def __init__(self, open_download: OpenDownload, blobs: Blobs, metrics: Metrics) -> None:
        self._open_download = open_download
        self.sender = FileSender(blobs, metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in {"GET", "HEAD"}:
            await _refuse(send, 405, "MethodNotAllowed", "Only GET and HEAD are allowed.", [(b"Allow", b"GET, HEAD")])
            return
        try:
            if self.sender.running >= MOST_AT_ONCE:
                raise TooMany("link.too_many")
            download = await self._open_download(scope["path"].removeprefix(PREFIX))
            await self._serve(download, scope, receive, send)
        except Refused as refused:
            await _refuse(send, *_error_of(refused))
        except FileNotFoundError:
            await _refuse(send, *_error_of(NotFound("link.gone")))

    async def _serve(self, download: Downloadable, scope: Scope, receive: Receive, send: Send) -> None:
        etag = f'"{download.sha256}"'
        headers = Headers(scope=scope)
        size = download.size_bytes
        try:
            span = wanted_span(headers.get("range"), headers.get("if-range"), etag, size)
        except NotSatisfiable:
            out_of_file = [(b"Content-Range", b"bytes */%d" % size)]
            await _refuse(send, 416, "InvalidRange", "The requested range cannot be satisfied.", out_of_file)
            return
        if span is None and headers.get("if-none-match") == etag:
            await _send_whole(send, 304, [(b"ETag", etag.encode())], b"")
            return
        answer = _headers(etag, span or Span(0, size), size, partial=span is not None)
        start: Message = {"type": "http.response.start", "status": 206 if span else 200, "headers": answer}
        if scope["method"] == "HEAD":
            await send(start)
            await send({"type": "http.response.body", "body": b""})
            return
        wanted = span or Span(0, size)
        if await self.sender.send_read(download.read, wanted, start, receive, send) and wanted.stop == size:
            await download.sent()


def _headers(etag: str, span: Span, size_bytes: int, *, partial: bool) -> HeaderList:
    headers = [
        (b"Content-Type", b"application/octet-stream"),
        (b"Content-Length", b"%d" % span.length),
        (b"Accept-Ranges", b"bytes"),
        (b"ETag", etag.encode()),
        (b"Content-Disposition", b"attachment"),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"Cache-Control", b"private, no-transform"),
    ]
    if partial:
        headers.append((b"Content-Range", b"bytes %d-%d/%d" % (span.start, span.stop - 1, size_bytes)))
    return headers


def _error_of(refused: Refused) -> tuple[int, str, str]:
    if isinstance(refused, Forbidden) and refused.code in _FORBIDDEN:
        return 403, *_FORBIDDEN[refused.code]
    if isinstance(refused, NotFound):
        return 404, "NoSuchKey", "The specified key does not exist."
    return 503, "SlowDown", "Please reduce your request rate."


async def _refuse(send: Send, status: int, code: str, message: str, headers: HeaderList | None = None) -> None:
    """Answer as object stores do, which is what device SDKs were written against."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    ).encode()
    await _send_whole(send, status, [(b"Content-Type", b"application/xml"), *(headers or [])], body)


async def _send_whole(send: Send, status: int, headers: HeaderList, body: bytes) -> None:
    lengths = [] if status == 304 else [(b"Content-Length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *lengths]})
    await send({"type": "http.response.body", "body": body})
