"""The messages of remote configuration: pull, push, and what a device says to a push.

docs/protocol/device-protocol.md#configuration
"""

from typing import Any

import msgspec

from linkops.alink.messages import MessageId, read_reply, read_request, write_reply, write_request

NO_CONFIGURATION = 6710
SWITCHED_OFF = 6713
_MESSAGES = {NO_CONFIGURATION: "no data", SWITCHED_OFF: "thing config function is not available"}

MAX_ANSWER_CHARS = 128
_NO_CODE = 0
_MAX_DIGITS = 18
"""A number of so many digits fits into the database."""
_PUSH_METHOD = "thing.config.push"
_GET_METHOD = "thing.config.get"


class Configuration(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What a device needs to fetch its configuration, in the order of the samples.

    Attributes:
        config_size: bytes.
        sign: SHA-256 in lower-case hex, of exactly 64 characters.
        sign_method: spelled as C SDKs compare it.
    """

    config_id: str
    config_size: int
    sign: str
    sign_method: str
    url: str
    get_type: str = "file"

    @classmethod
    def of(cls, config_id: str, size_bytes: int, sha256: str, url: str) -> "Configuration":
        """Return the description of a file."""
        return cls(config_id, size_bytes, sha256, "Sha256", url)


class PushAnswer(msgspec.Struct, frozen=True, gc=False):
    """What a device says to a push.

    Attributes:
        id: of the push, as the device echoes it.
        code: 200 when it took the configuration.
        message: printable, at most `MAX_ANSWER_CHARS`; '' if it gave no reason.
    """

    id: MessageId
    code: int
    message: str


def read_config_get(payload: bytes) -> MessageId:
    """Return the id of a pull, which is answered whatever else it says or leaves out.

    Raises:
        WrongPull: the message is one, but asks for something that there is not.
        Malformed: it is no message with an id.
    """
    request = read_request(payload)
    if not _asks_for_the_file(request.params):
        raise WrongPull(request.id)
    return request.id


class WrongPull(Exception):  # noqa: N818 - a device's fault, answered with code 460
    """A pull of another scope or type than there is; ``message_id`` is what the answer echoes."""

    def __init__(self, message_id: MessageId) -> None:
        super().__init__("params are not configScope product and getType file")
        self.message_id = message_id


def _asks_for_the_file(params: Any) -> bool:
    return isinstance(params, dict) and params.get("configScope") == "product" and params.get("getType") == "file"


def read_push_reply(payload: bytes) -> PushAnswer:
    """Return a device's answer to a push. A code that is no number counts as a refusal, like any but 200.

    Raises:
        Malformed: it is no message with an id.
    """
    reply = read_reply(payload)
    message = reply.message if isinstance(reply.message, str) else ""
    return PushAnswer(reply.id, _code(reply.code), printable(message))


def _code(code: int | str) -> int:
    if isinstance(code, int):
        return code
    return int(code) if code.isascii() and code.isdigit() and len(code) <= 9 else _NO_CODE


def push_id_of(message_id: MessageId) -> int | None:
    """Return which push an answer is about, or None when its id is none of ours."""
    text = str(message_id)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else None


def printable(text: str) -> str:
    """Return the first `MAX_ANSWER_CHARS` of a device's text, with blanks in place of what is not printable."""
    return "".join(char if char.isprintable() else " " for char in text[:MAX_ANSWER_CHARS]).strip()


def write_config_push(push_id: int, configuration: Configuration) -> bytes:
    """Return a push; its answer echoes the id as a text."""
    return write_request(str(push_id), configuration, _PUSH_METHOD)


def write_config_reply(message_id: MessageId, configuration: Configuration) -> bytes:
    """Return the answer to a pull: the same description as in a push, under ``data``."""
    return write_reply(message_id, configuration, method=_GET_METHOD)


def write_config_refusal(message_id: MessageId, code: int) -> bytes:
    """Return the answer to a pull that gives nothing: `NO_CONFIGURATION`, `SWITCHED_OFF` or 460."""
    message = _MESSAGES.get(code, "request parameter error")
    return write_reply(message_id, None, code=code, message=message, method=_GET_METHOD)
