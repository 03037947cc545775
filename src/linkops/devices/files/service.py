"""Use cases about uploaded files: list, download, delete. What an actor may not see does not exist for it."""

from collections.abc import AsyncIterator, Sequence

from linkops.blobs import Blobs
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_device, require_product
from linkops.devices.files import store
from linkops.devices.files.model import DeviceFile, FileFilter, FileOrder
from linkops.devices.files.uploads import store as uploads
from linkops.devices.model import DeviceKey
from linkops.devices.paging import MAX_TOTAL, Page, check_limit, page_of, read_cursor, write_cursor
from linkops.errors import Invalid, NotFound
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit

MAX_FILES_NAMED = 200
_PIECE_BYTES = 2**20


class DeviceFiles:
    """The files of the devices that an actor may look at.

    A viewer of the product sees which there are; what is in them, and deleting them, takes an operator.
    """

    def __init__(self, db: Database, clock: Clock, blobs: Blobs) -> None:
        self._db = db
        self._clock = clock
        self._blobs = blobs

    async def page(
        self,
        actor: Actor,
        wanted: FileFilter,
        *,
        order: FileOrder = FileOrder.NEWEST,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[DeviceFile]:
        """Return the files that ``wanted`` describes, ``limit`` at a time.

        Raises:
            NotFound: the actor may not look at the product or the device.
            Invalid: limit or cursor, or a device without a product.
        """
        check_limit(limit)
        if wanted.device_name is not None and wanted.product_key is None:
            raise Invalid("device_file.filter_needs_product", field="product_key")
        after = [] if cursor is None else read_cursor(cursor, order, store.place_kinds(order))

        def read(tx: Tx) -> Page[DeviceFile]:
            question = _question(tx, actor, wanted)
            found = store.some(tx, question, order, after, limit + 1)
            beyond = write_cursor(order, store.place_of(found[limit - 1], order)) if len(found) > limit else None
            return page_of(found, limit, store.count(tx, question, MAX_TOTAL + 1), beyond)

        return await self._db.read(read)

    async def get(self, actor: Actor, file_id: int) -> DeviceFile:
        """Return what is known of a file.

        Raises:
            NotFound: there is none, or none that the actor may look at.
        """
        return await self._db.read(lambda tx: _require(tx, actor, Role.VIEWER, [file_id])[0])

    async def open(self, actor: Actor, file_id: int) -> DeviceFile:
        """Return a file for download, and record that it was downloaded.

        Raises:
            NotFound: as for `get`.
            Forbidden: the actor is no operator of the product.
        """

        def write(tx: Tx) -> DeviceFile:
            file = _require(tx, actor, Role.OPERATOR, [file_id])[0]
            self._audit(tx, actor, "device_file.download", file)
            return file

        return await self._db.write(write)

    async def content(self, file: DeviceFile) -> AsyncIterator[bytes]:
        """Yield the bytes of a file that was opened for download, up to a megabyte at a time.

        Raises:
            NotFound: they are not there any more.
        """
        for start in range(0, file.size_bytes, _PIECE_BYTES):
            try:
                yield await self._blobs.read(file.blob_key, start, min(_PIECE_BYTES, file.size_bytes - start))
            except FileNotFoundError:
                raise NotFound("device_file.gone") from None

    async def delete(self, actor: Actor, file_ids: Sequence[int]) -> int:
        """Delete 1 to `MAX_FILES_NAMED` files for good and return how many.

        Raises:
            Invalid: none or too many are named.
            NotFound: one of them is not there, or not for this actor; then nothing is deleted.
            Forbidden: the actor is no operator of the product of one of them.
        """
        if not 1 <= len(file_ids) <= MAX_FILES_NAMED:
            raise Invalid("device_file.bulk_size_invalid", field="ids", most=MAX_FILES_NAMED)
        return await self._db.write(self._delete, actor, file_ids)

    def _delete(self, tx: Tx, actor: Actor, file_ids: Sequence[int]) -> int:
        found = _require(tx, actor, Role.OPERATOR, file_ids)
        forget_files(tx, [file.id for file in found], self._clock.now())
        for file in found:
            self._audit(tx, actor, "device_file.delete", file)
        return len(found)

    def _audit(self, tx: Tx, actor: Actor, action: str, file: DeviceFile) -> None:
        details = {"file_name": file.file_name, "size_bytes": file.size_bytes, "file_id": file.id}
        now, target = self._clock.now(), f"device:{file.key}"
        record_audit(tx, actor, now, action, target, product_id=file.product_id, **details)


def forget_files(tx: Tx, file_ids: Sequence[int], now: int) -> None:
    """Forget files; their bytes are left to the sweep, and what they held is free."""
    gone = store.remove(tx, file_ids)
    store.abandon(tx, gone.blob_keys, now)
    uploads.free(tx, gone.size_bytes)


def _question(tx: Tx, actor: Actor, wanted: FileFilter) -> store.Question:
    products, device_id = actor.visible_products(), None
    if wanted.product_key is not None and wanted.device_name is not None:
        # Of one device, that is all there is to say: its index gives its files.
        device_id = require_device(tx, actor, Role.VIEWER, DeviceKey(wanted.product_key, wanted.device_name)).id
        products = None
    elif wanted.product_key is not None:
        products = [require_product(tx, actor, Role.VIEWER, wanted.product_key).id]
    return store.Question(products, device_id, wanted.name_prefix, wanted.since, wanted.until)


def _require(tx: Tx, actor: Actor, role: Role, file_ids: Sequence[int]) -> list[DeviceFile]:
    found = {file.id: file for file in store.by_ids(tx, file_ids) if actor.may(Role.VIEWER, file.product_id)}
    for file_id in file_ids:
        if file_id not in found:
            raise NotFound("device_file.not_found", id=file_id)
        actor.require(role, found[file_id].product_id)
    return list(found.values())
