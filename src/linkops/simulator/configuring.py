"""What simulated devices do with a configuration: one table, and how a row is acted out."""

import asyncio
import hashlib
import ssl
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from linkops.simulator.download import DownloadFailed, download
from linkops.simulator.limits import Limits

TAKEN = 200
FAILED = 100_000
"""The first of the codes that are a device's own."""
_FETCHED_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class ConfigBehaviour:
    """One row of the table; ``name`` is what the command line calls it.

    Attributes:
        fetches: downloads the file and checks it.
        answers: the code of its answer to a push; None: it answers none, like SDKs in C.
    """

    name: str
    meaning: str
    fetches: bool
    answers: int | None


CONFIG_BEHAVIOURS = {
    row.name: row
    for row in (
        ConfigBehaviour("acknowledge", "downloads, checks, answers 200", fetches=True, answers=TAKEN),
        ConfigBehaviour("fetch", "downloads and checks, answers nothing, like SDKs in C", fetches=True, answers=None),
        ConfigBehaviour("refuse", "downloads, answers that it cannot use it", fetches=True, answers=FAILED),
        ConfigBehaviour("ignore", "does nothing", fetches=False, answers=None),
    )
}
ACKNOWLEDGE = CONFIG_BEHAVIOURS["acknowledge"]


class Offered(msgspec.Struct, frozen=True, rename="camel"):
    """A configuration, as a push or the answer to a pull describes it."""

    url: str
    sign: str
    config_size: int
    config_id: str = ""


class _Message(msgspec.Struct):
    id: Any = ""
    params: Offered | None = None
    data: Offered | None = None


class Configured(NamedTuple):
    """What came of a configuration: a word for the statistics, the code of the answer, and its body."""

    outcome: str
    code: int | None
    body: bytes


_message = msgspec.json.Decoder(_Message)


def read_offered(payload: bytes) -> tuple[Any, Offered] | None:
    """Return id and description of the configuration in a push or an answer; None: there is none."""
    try:
        message = _message.decode(payload)
    except msgspec.DecodeError:
        return None
    offered = message.params or message.data
    return None if offered is None else (message.id, offered)


def write_answer(message_id: Any, code: int) -> bytes:
    """Return the answer to a push."""
    message = "success" if code == TAKEN else "as asked of the simulator"
    return msgspec.json.encode({"id": message_id, "code": code, "data": {}, "message": message})


def write_config_get(message_id: int) -> bytes:
    """Return the question for the configuration, as SDKs in C send it."""
    params = {"configScope": "product", "getType": "file"}
    return msgspec.json.encode({"id": str(message_id), "params": params})


async def configure(
    offered: Offered,
    behaviour: ConfigBehaviour,
    limits: Limits,
    tls: ssl.SSLContext | None,
    received: Callable[[int], None],
) -> Configured:
    """Act a behaviour out; a file that is not what was promised is refused whatever the behaviour."""
    if not behaviour.fetches:
        return Configured("ignored", behaviour.answers, b"")
    try:
        async with limits.downloads:
            body = await _fetched(offered.url, tls)
    except (DownloadFailed, TimeoutError):
        return _failed("download failed", behaviour)
    received(len(body))
    if len(body) != offered.config_size or hashlib.sha256(body).hexdigest() != offered.sign:
        return _failed("broken", behaviour)
    refused = behaviour.answers not in {None, TAKEN}
    return Configured("refused" if refused else "configured", behaviour.answers, b"" if refused else body)


def _failed(outcome: str, behaviour: ConfigBehaviour) -> Configured:
    return Configured(outcome, None if behaviour.answers is None else FAILED, b"")


async def _fetched(url: str, tls: ssl.SSLContext | None) -> bytes:
    body = bytearray()
    async with asyncio.timeout(_FETCHED_WITHIN_S), aclosing(download(url, 0, tls, None)) as pieces:
        async for piece in pieces:
            body += piece
    return bytes(body)
