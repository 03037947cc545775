"""Stored files as answers that a browser saves, and never opens: whole or one range (RFC 9110 §14)."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from linkops.api.ranges import NotSatisfiable, Span, wanted_span
from linkops.api.sending import FileSender
from linkops.errors import NotFound, Unavailable

ATTACHMENT: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The bytes of the file.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
    206: {"description": "The bytes of the range."},
    416: {"description": "The file has none of the bytes of the range."},
}
"""What the documentation of a route says of such an answer."""
MOST_AT_ONCE = 2_000


def sender_of(request: Request) -> FileSender:
    """Return what sends the files of this app."""
    sender: FileSender = request.app.state.sender
    return sender


Sends = Annotated[FileSender, Depends(sender_of)]
"""What sends files, as a parameter of a route."""


class Attachment(Response):
    """The answer that sends a file.

    Raises:
        NotFound: its bytes are not there any more.
        Unavailable: too many files are being sent.
    """

    def __init__(self, sender: FileSender, blob_key: str, file_name: str, size_bytes: int, sha256: str) -> None:
        """``file_name`` holds letters, digits and ``.-_`` only."""
        self._sender = sender
        self._blob_key = blob_key
        self._size_bytes = size_bytes
        self._etag = f'"{sha256}"'
        named = {
            "ETag": self._etag,
            "Accept-Ranges": "bytes",
            "Content-Disposition": f'attachment; filename="{file_name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }
        super().__init__(headers=named, media_type="application/octet-stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, or the part of it that is asked for."""
        if self._sender.running >= MOST_AT_ONCE:
            raise Unavailable("link.too_many")
        headers = Headers(scope=scope)
        try:
            span = wanted_span(headers.get("range"), headers.get("if-range"), self._etag, self._size_bytes)
        except NotSatisfiable:
            out_of_file = {"Content-Range": f"bytes */{self._size_bytes}"}
            await Response(status_code=416, headers=out_of_file)(scope, receive, send)
            return
        try:
            await self._send(span, receive, send)
        except FileNotFoundError:
            raise NotFound("device_file.gone") from None

    async def _send(self, span: Span | None, receive: Receive, send: Send) -> None:
        wanted = span or Span(0, self._size_bytes)
        self.headers["Content-Length"] = str(wanted.length)
        if span is not None:
            self.headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{self._size_bytes}"
        start = {"type": "http.response.start", "status": 206 if span else 200, "headers": self.raw_headers}
        await self._sender.send(self._blob_key, wanted, start, receive, send)
