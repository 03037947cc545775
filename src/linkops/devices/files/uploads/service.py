"""Uploads: what the hub calls for the three requests of a device; used on the hub's loop only.

A block is on disk before its row says so, and its row is committed before the device hears of it. What is on disk
beyond what the row says is written again.
"""

import re
import secrets
from collections.abc import Sequence

import msgspec
import structlog
from fastcrc import crc64

from linkops.alink.uploads import UploadFault
from linkops.blobs import Blobs, new_key
from linkops.db import Batcher, Database, Tx
from linkops.devices.files import store as files
from linkops.devices.files.model import Quotas
from linkops.devices.files.room import room_for
from linkops.devices.files.uploads import store
from linkops.devices.files.uploads.beginning import Beginning, announced_bytes, beginning, fault_of, same_crc64
from linkops.devices.files.uploads.finishing import Finisher
from linkops.devices.files.uploads.giving_up import give_up
from linkops.devices.files.uploads.judging import Again, Keep, judge, repeats
from linkops.devices.files.uploads.known import Known
from linkops.devices.files.uploads.model import (
    Arrived,
    Begun,
    BlockResult,
    Canceled,
    Complete,
    Damaged,
    GivenUp,
    Kept,
    Refuse,
    Upload,
    Wanted,
)
from linkops.devices.files.uploads.spool import Lost, Spool
from linkops.devices.files.uploads.store import Advance
from linkops.devices.files.uploads.turns import InTurn, Turns

MOST_BLOCK_BYTES = 64 * 2**20
"""Of all blocks that wait for the disk; a device whose block is too much sends it again."""
MOST_REQUESTS = 2_000

_UPLOAD_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_log = structlog.get_logger(__name__)
_BUSY = Refuse(UploadFault.TOO_FAST)
_NOT_NOW = Refuse(UploadFault.UNAVAILABLE)
_NOT_HERE = Refuse(UploadFault.NOT_FOUND)


class Uploads:
    """What the hub calls.

    Attributes:
        begin: answers whether a device may upload a file.
        block: answers what became of a block.
        cancel: answers that an upload is given up.
    """

    def __init__(self, db: Database, blobs: Blobs, spool: Spool, quotas: Quotas) -> None:
        self._db = db
        self._spool = spool
        self._quotas = quotas
        self._known = Known()
        self._finisher = Finisher(db, blobs, spool)
        self._advance: Batcher[Advance, bool] = db.batcher(_advance)
        turns = Turns()
        self.begin: InTurn[Wanted, Begun | Refuse] = InTurn(turns, self._begin, _one, MOST_REQUESTS, _BUSY)
        self.block: InTurn[Arrived, BlockResult] = InTurn(
            turns, self._block, _block_bytes, MOST_BLOCK_BYTES, Refuse(UploadFault.BLOCKS_TOO_FAST)
        )
        self.cancel: InTurn[GivenUp, Canceled | Refuse] = InTurn(turns, self._cancel, _one, MOST_REQUESTS, _BUSY)

    async def _begin(self, wanted: Wanted) -> Begun | Refuse:
        fault = fault_of(wanted.init)
        if fault is not None:
            return Refuse(fault)
        try:
            result, replaced = await self._db.write(self._begun, wanted)
            await self._spool.delete(replaced)
        except Exception as error:  # noqa: BLE001 - the device asks again, whatever it is
            return _failed("upload not begun", wanted.device.device_id, error)
        return result

    def _begun(self, tx: Tx, wanted: Wanted) -> tuple[Begun | Refuse, list[str]]:
        """Begin, or go on; also return the uploads that the new one takes the place of."""
        device_id, init = wanted.device.device_id, wanted.init
        under_way = store.by_name(tx, device_id, init.file_name)
        what = beginning(init, under_way, exists=files.exists(tx, device_id, init.file_name))
        if what is Beginning.EXISTS:
            return Refuse(UploadFault.EXISTS), []
        if what is Beginning.RESUME and under_way is not None:
            return Begun(under_way.id, under_way.have_bytes), []
        held = store.held(tx, device_id, init.file_name)
        room_bytes = room_for(announced_bytes(init), held, self._quotas)
        if room_bytes is None or not store.take(tx, room_bytes, self._quotas.max_bytes_in_all):
            return Refuse(UploadFault.NO_ROOM), []
        upload = _new(wanted, room_bytes)
        replaced = [] if under_way is None else give_up(tx, [under_way.id], wanted.now)
        store.add(tx, upload, wanted.now)
        return Begun(upload.id, 0), replaced

    async def _block(self, arrived: Arrived) -> BlockResult:
        device_id, block = arrived.device.device_id, arrived.block
        if _UPLOAD_ID.fullmatch(block.upload_id) is None:
            return _NOT_HERE
        try:
            upload = self._known.get(device_id, block.upload_id)
            # What is remembered serves only where a write checks it.
            if upload is None or not isinstance(judge(upload, block), Keep):
                upload = await self._db.read(store.by_id, device_id, block.upload_id)
            if upload is None:
                return await self._of_finished(arrived)
            return await self._judged(upload, arrived)
        except Lost:  # the row alone is of no use
            await self._discard(block.upload_id, arrived.now)
            return _NOT_HERE
        except Exception as error:  # noqa: BLE001 - stores fail in many ways; the device sends it again in any case
            return _failed("block not kept", device_id, error)

    async def _of_finished(self, arrived: Arrived) -> BlockResult:
        """The answer to the last block may have been lost; then it is the same again."""
        block = arrived.block
        made = await self._db.read(files.made_by, arrived.device.device_id, block.upload_id)
        if made is None:
            return _NOT_HERE
        if repeats(made.size_bytes, block):
            return Complete(made.wanted_crc64, made.crc64)
        return Refuse(UploadFault.FINISHED)

    async def _judged(self, upload: Upload, arrived: Arrived) -> BlockResult:
        verdict = judge(upload, arrived.block)
        if isinstance(verdict, Refuse):
            return verdict
        if isinstance(verdict, Again):
            return Kept()
        return await self._keep(upload, verdict, arrived)

    async def _keep(self, upload: Upload, verdict: Keep, arrived: Arrived) -> BlockResult:
        content = arrived.block.content[verdict.skip :]
        if content:
            await self._spool.write(upload.id, upload.have_bytes, content)
        have_bytes, sum_now = upload.have_bytes + len(content), crc64.xz(content, upload.crc64)
        if verdict.completes:
            return await self._complete(upload, have_bytes, sum_now, arrived)
        self._known.drop(upload.id)
        advance = Advance(upload.id, upload.have_bytes, have_bytes, store.write_crc64(sum_now), arrived.now)
        if not await self._advance(advance):
            return _NOT_HERE
        self._known.keep(msgspec.structs.replace(upload, have_bytes=have_bytes, crc64=sum_now))
        return Kept()

    async def _complete(self, upload: Upload, size_bytes: int, sum_now: int, arrived: Arrived) -> BlockResult:
        self._known.drop(upload.id)
        wanted, ours = upload.wanted_crc64, store.write_crc64(sum_now)
        if wanted and not same_crc64(wanted, ours):
            await self._discard(upload.id, arrived.now)
            return Damaged(wanted, ours)
        done = await self._finisher.finish(upload, size_bytes, sum_now, arrived.device.key, arrived.now)
        return Complete(wanted, ours) if done else _NOT_HERE

    async def _cancel(self, given_up: GivenUp) -> Canceled | Refuse:
        """An upload that is not there any more is canceled as well: the first answer may have been lost."""
        device_id, upload_id = given_up.device.device_id, given_up.cancel.upload_id
        if _UPLOAD_ID.fullmatch(upload_id) is None:
            return _NOT_HERE
        try:
            if await self._db.read(store.by_id, device_id, upload_id) is not None:
                await self._discard(upload_id, given_up.now)
            elif await self._db.read(files.made_by, device_id, upload_id) is not None:
                return Refuse(UploadFault.FINISHED)
        except Exception as error:  # noqa: BLE001 - the device asks again, whatever it is
            return _failed("upload not canceled", device_id, error)
        return Canceled()

    async def _discard(self, upload_id: str, now: int) -> None:
        self._known.drop(upload_id)
        await self._spool.delete(await self._db.write(give_up, [upload_id], now))


def _new(wanted: Wanted, room_bytes: int) -> Upload:
    device, init = wanted.device, wanted.init
    return Upload(
        id=secrets.token_hex(16),
        device_id=device.device_id,
        product_id=device.product_id,
        file_name=init.file_name,
        size_bytes=announced_bytes(init),
        room_bytes=room_bytes,
        have_bytes=0,
        crc64=crc64.xz(b""),
        wanted_crc64=init.fic_value,
        init_uid=init.init_uid,
        blob_key=new_key(),
    )


def _advance(tx: Tx, blocks: Sequence[Advance]) -> list[bool]:
    moved = store.advance(tx, blocks)
    return [block.upload_id in moved for block in blocks]


def _failed(what: str, device_id: int, error: Exception) -> Refuse:
    _log.warning(what, device_id=device_id, error=repr(error))
    return _NOT_NOW


def _one(_item: object) -> int:
    return 1


def _block_bytes(arrived: Arrived) -> int:
    return max(1, len(arrived.block.content))
