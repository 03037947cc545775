"""Files by blocks: what the hub calls for a block request; used on the hub's loop only."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import structlog

from linkops.alink.blocks import BlockFault, BlockRequest
from linkops.blobs import Blobs
from linkops.db import Database
from linkops.ota.blocks.contents import Contents
from linkops.ota.blocks.cutting import fault_of, wanted_bytes
from linkops.ota.blocks.store import StreamFile
from linkops.ota.blocks.streams import Streams

_log = structlog.get_logger(__name__)

MOST_FETCHING = 2_000
"""Requests of all devices that wait for the database or the file; further ones are told to ask again."""


class Wanted(NamedTuple):
    """A request, whose it is, and when it came (Unix milliseconds)."""

    device_id: int
    request: BlockRequest
    now: int


class Block(NamedTuple):
    """Bytes of a file that is ``file_bytes`` long."""

    content: bytes | memoryview
    file_bytes: int


Done = Callable[[Block | BlockFault], None]


class Blocks:
    """Blocks of the file that a device's unfinished task is about; its id is the id of the stream.

    What is in memory is served by `at_once`, with no wait and no other thread; everything else by `put`.
    """

    def __init__(self, db: Database, blobs: Blobs, cache_bytes: int) -> None:
        self._streams = Streams(db)
        self._contents = Contents(blobs, cache_bytes)
        self._fetching: set[asyncio.Task[None]] = set()

    def at_once(self, wanted: Wanted) -> Block | BlockFault | None:
        """Return the block or why there is none; None where that has to be fetched."""
        device_id, request, now = wanted
        fault = fault_of(request)
        if fault is not None:
            return fault
        file = self._streams.get(device_id, request.stream_id, now)
        content = None if file is None else self._contents.get(file.blob_key, now)
        if file is None or content is None:
            return BlockFault.TOO_FAST if len(self._fetching) >= MOST_FETCHING else None
        size = wanted_bytes(request, file.size_bytes)
        if isinstance(size, BlockFault):
            return size
        return Block(content[request.offset : request.offset + size], file.size_bytes)

    def put(self, wanted: Wanted, done: Done) -> None:
        """Fetch what `at_once` did not have; ``done`` is called on the running loop, later."""
        task = asyncio.get_running_loop().create_task(self._fetch(wanted, done))
        self._fetching.add(task)
        task.add_done_callback(self._fetching.discard)

    async def _fetch(self, wanted: Wanted, done: Done) -> None:
        try:
            fetched = await self._fetched(wanted)
        except FileNotFoundError:
            fetched = BlockFault.NOT_FOUND
        except Exception as error:  # noqa: BLE001 - stores fail in many ways; the device asks again in any case
            _log.warning("block not read", device_id=wanted.device_id, error=repr(error))
            fetched = BlockFault.TOO_FAST
        done(fetched)

    async def _fetched(self, wanted: Wanted) -> Block | BlockFault:
        file = await self._file(wanted)
        if file is None:
            return BlockFault.NOT_FOUND
        size = wanted_bytes(wanted.request, file.size_bytes)
        if isinstance(size, BlockFault):
            return size
        return Block(await self._contents.read(file, wanted.request.offset, size, wanted.now), file.size_bytes)

    async def _file(self, wanted: Wanted) -> StreamFile | None:
        device_id, request, now = wanted
        known = self._streams.get(device_id, request.stream_id, now)
        return known or await self._streams.look_up(device_id, request.stream_id, now)
