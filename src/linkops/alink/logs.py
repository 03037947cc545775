"""Log entries that devices upload, and the switch that says whether they shall (docs/protocol/device-protocol.md#logs).

What is in an entry is never judged: it is text, cut where it is too long.
"""

from typing import Any, NamedTuple

import msgspec

from linkops.alink.jsontext import Malformed
from linkops.alink.messages import MessageId, Request, read_request, write_reply, write_request

MOST_ENTRIES = 200
MAX_CONTENT_BYTES = 4_096

OFF_CODE = 403
TOO_FAST_CODE = 429
_BLANKS = bytes(max(byte, 0x20) for byte in range(256))
"""Control characters, which mean nothing in JSON but the end of a word, as blanks."""
_GET = "thing.config.log.get"
_PUSH = "thing.config.log.push"


class LogEntry(NamedTuple):
    """One line of a device's log, every field as it was sent."""

    utc_time: str
    level: str
    module: str
    code: str
    trace_context: str
    content: str


class LogPost(NamedTuple):
    """Some lines of a device's log, in its order."""

    id: MessageId
    wants_reply: bool
    entries: list[LogEntry]


class _Content(msgspec.Struct, gc=False):
    mode: int


class _Mode(msgspec.Struct, rename="camel", gc=False):
    get_type: str
    content: _Content


def read_log_post(payload: bytes) -> LogPost:
    """Return what a device logged; one entry may come without a list around it.

    Raises:
        Malformed: it is no such message, or there are more than `MOST_ENTRIES`.
    """
    request = _read(payload)
    given = [request.params] if isinstance(request.params, dict) else request.params
    if not isinstance(given, list) or len(given) > MOST_ENTRIES:
        raise Malformed(f"params is not a list of up to {MOST_ENTRIES} entries")
    return LogPost(request.id, request.wants_reply, [_entry(each) for each in given])


def _read(payload: bytes) -> Request:
    """The C SDK puts a log line into its message as it is, with the line break at its end."""
    try:
        return read_request(payload)
    except Malformed:
        return read_request(payload.translate(_BLANKS))


def _entry(given: Any) -> LogEntry:
    if not isinstance(given, dict):
        raise Malformed("an entry is not an object")
    return LogEntry(
        utc_time=_text(given.get("utcTime"))[:64],
        level=_text(given.get("logLevel"))[:16],
        module=_text(given.get("module"))[:64],
        code=_text(given.get("code"))[:32],
        trace_context=_text(given.get("traceContext"))[:64],
        content=_text(given.get("logContent")).encode()[:MAX_CONTENT_BYTES].decode(errors="ignore"),
    )


def _text(given: Any) -> str:
    """Return a value as text that any database can hold."""
    if given is None:
        return ""
    text = given if isinstance(given, str) else msgspec.json.encode(given).decode()
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def read_log_get(payload: bytes) -> MessageId:
    """Return the id of the question whether a device shall upload its log.

    Raises:
        Malformed: it is no request.
    """
    return read_request(payload).id


def write_log_mode(message_id: MessageId, *, on: bool) -> bytes:
    """Return the answer to that question."""
    return write_reply(message_id, _mode(on=on), method=_GET)


def write_log_push(message_id: str, *, on: bool) -> bytes:
    """Return what tells a device that it is another now."""
    return write_request(message_id, _mode(on=on), _PUSH)


def _mode(*, on: bool) -> _Mode:
    return _Mode("content", _Content(int(on)))
