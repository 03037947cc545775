"""Small forms that devices post, and answers that the oldest of their SDKs can read.

These compare header names letter by letter and read neither chunks nor what is compressed: hence plain ASGI.
"""

import asyncio
from urllib.parse import parse_qsl

from starlette.types import Receive, Send

MAX_FORM_BYTES = 4_096
MAX_FIELDS = 20
FORM_WITHIN_S = 20.0


class BadForm(Exception):  # noqa: N818 - the device's fault
    """What came is no such form."""


async def read_form(receive: Receive) -> dict[str, str]:
    """Return the fields of a form.

    Raises:
        BadForm: it is too large or too slow, a field stands twice, or it is no form in UTF-8.
    """
    try:
        async with asyncio.timeout(FORM_WITHIN_S):
            body = await _body(receive)
        fields = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=MAX_FIELDS)
    except (TimeoutError, ValueError) as error:  # UnicodeDecodeError is one of the latter
        raise BadForm(str(error)) from None
    form = dict(fields)
    if len(form) != len(fields):
        raise BadForm("a field stands twice")
    return form


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise BadForm("cut off")
        body += message.get("body", b"")
        if len(body) > MAX_FORM_BYTES:
            raise BadForm("too large")
        if not message.get("more_body", False):
            return bytes(body)


async def answer_json(send: Send, body: bytes, status: int = 200, *headers: tuple[bytes, bytes]) -> None:
    """Answer compact JSON in one piece."""
    own = [
        (b"Content-Type", b"application/json;charset=UTF-8"),
        (b"Content-Length", b"%d" % len(body)),
        (b"Cache-Control", b"no-store"),
        (b"X-Content-Type-Options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*own, *headers]})
    await send({"type": "http.response.body", "body": body})
