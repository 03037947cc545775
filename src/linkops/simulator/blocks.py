"""Downloads a file by blocks over MQTT as the C SDK does: one block in flight, lost and broken ones asked for again.

docs/protocol/ota.md#download-by-blocks
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import NamedTuple, Protocol

import msgspec
from fastcrc import crc16

from linkops.simulator.download import DownloadFailed, GivenUp, LinkRefused
from linkops.simulator.wire import Offer

TRIES = 3
_OK, _TOO_FAST = 200, 429
_SLOWER_S = 1.0


class Block(NamedTuple):
    """A reply: ``code`` is 200 when there are bytes in it, ``intact`` whether they are what the server sent."""

    id: str
    code: int
    content: bytes
    intact: bool


class _Head(msgspec.Struct):
    id: str
    code: int


class _FileInfo(msgspec.Struct, rename="camel"):
    stream_id: int
    file_id: int


class _FileBlock(msgspec.Struct):
    size: int
    offset: int


class _Params(msgspec.Struct, rename="camel"):
    file_token: str
    file_info: _FileInfo
    file_block: _FileBlock


class _Message(msgspec.Struct):
    id: str
    version: str
    params: _Params


_encode = msgspec.json.Encoder().encode
_head = msgspec.json.Decoder(_Head)


def write_block_request(message_id: int, offer: Offer, offset: int, size: int) -> bytes:
    """Return the question for ``size`` bytes of an offered file."""
    info = _FileInfo(offer.stream_id, offer.stream_file_id)
    return _encode(_Message(str(message_id), "1.0", _Params("default", info, _FileBlock(size, offset))))


def read_block(payload: bytes) -> Block | None:
    """Return a reply; None when it is none."""
    content_at = 2 + int.from_bytes(payload[:2])
    try:
        head = _head.decode(payload[2:content_at])
    except msgspec.DecodeError:
        return None
    content, crc = payload[content_at:-2], payload[-2:]
    return Block(head.id, head.code, content, int.from_bytes(crc, "little") == crc16.arc(content))


class Asks(Protocol):
    """A device that can ask for a block."""

    async def settled(self) -> None:
        """Return when the device is connected and its versions are acknowledged."""

    async def ask_block(self, offer: Offer, offset: int, size: int) -> Block | None:
        """Return the reply to one request; None when none came in time."""


async def download_blocks(
    device: Asks, offer: Offer, offset: int, block_bytes: int, bytes_per_s: int | None
) -> AsyncGenerator[bytes]:
    """Yield the offered file from byte ``offset`` on, no faster than ``bytes_per_s``.

    Raises:
        LinkRefused: when the server answers that there is no such block.
        GivenUp: when a block does not come, or not intact, in `TRIES` tries.
        DownloadFailed: when there is no connection.
    """
    await device.settled()
    while offset < offer.size:
        block = await _block(device, offer, offset, min(block_bytes, offer.size - offset))
        yield block
        offset += len(block)
        if bytes_per_s:
            await asyncio.sleep(len(block) / bytes_per_s)


async def _block(device: Asks, offer: Offer, offset: int, size: int) -> bytes:
    for _ in range(TRIES):
        block = await device.ask_block(offer, offset, size)
        if block is not None and block.code not in {_OK, _TOO_FAST}:
            raise LinkRefused(f"code {block.code} for the block at {offset}")
        if block is not None and block.intact and len(block.content) == size:
            return block.content
        if block is not None and block.code == _TOO_FAST:
            await asyncio.sleep(_SLOWER_S)
    raise GivenUp(f"no block at {offset} in {TRIES} tries")


class BlockExchange:
    """The block requests of one device, and their replies.

    Attributes:
        disturbed: lets some replies be lost or broken on their way.
    """

    def __init__(self, timeout_s: float) -> None:
        self.disturbed = False
        self._timeout_s = timeout_s
        self._replies = 0
        self._asked: dict[str, asyncio.Future[Block]] = {}

    async def ask(self, message_id: int, send: Callable[[], bool]) -> Block | None:
        """Return the reply to what ``send`` sends under this id; None when none comes in time.

        Raises:
            DownloadFailed: when ``send`` says that there is no connection.
        """
        reply: asyncio.Future[Block] = asyncio.get_running_loop().create_future()
        self._asked[str(message_id)] = reply
        try:
            if not send():
                raise DownloadFailed("no connection")
            async with asyncio.timeout(self._timeout_s):
                return await reply
        except TimeoutError:
            return None
        finally:
            del self._asked[str(message_id)]

    def receive(self, payload: bytes) -> None:
        """Take a reply; one that nobody waits for any more is dropped."""
        self._replies += 1
        if self.disturbed:
            if self._replies == _LOST:
                return
            if self._replies % _BROKEN_EVERY == 0:
                payload = payload[:-3] + bytes([payload[-3] ^ 1]) + payload[-2:]
        block = read_block(payload)
        waiting = self._asked.get(block.id) if block is not None else None
        if block is not None and waiting is not None and not waiting.done():
            waiting.set_result(block)


_LOST = 2
_BROKEN_EVERY = 5
"""Which replies are disturbed: the second one gets lost, every fifth is broken."""
