"""Device lists: up to a million names, read a piece at a time; what names no device is kept as a report."""

from collections.abc import AsyncIterable, AsyncIterator, Sequence

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_product
from linkops.devices.imports.rows import ListedDevice, ListReader, RowResult
from linkops.errors import NotFound, TooLarge
from linkops.events.actor import Actor, Role
from linkops.ota.device_lists import store
from linkops.ota.device_lists.store import DeviceList, Refusal

KEEP_MS = 3_600_000
"""A list becomes part of a job within an hour, or is deleted."""
MAX_DEVICES = 1_000_000
MAX_REFUSALS = 100_000
_NAMES_PER_UNIT = 1_000
_ROWS_PER_UNIT = 5_000
_REFUSALS_PER_READ = 1_000


class DeviceLists:
    """The lists that an operator of a product uploaded; another account's are `NotFound`."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def receive(self, actor: Actor, product_key: str, pieces: AsyncIterable[bytes]) -> DeviceList:
        """Store the devices that a file names, one a line, and return how many it were.

        Raises:
            TooLarge: the file, a line, or more than `MAX_DEVICES` devices.
        """
        list_id = await self._db.write(_begin, actor, product_key, self._clock.now())
        reader = ListReader()
        waiting: list[ListedDevice | RowResult] = []
        async for piece in pieces:
            waiting += reader.feed(piece)
            while len(waiting) >= _NAMES_PER_UNIT:
                await self._db.write(_add, actor, list_id, waiting[:_NAMES_PER_UNIT])
                del waiting[:_NAMES_PER_UNIT]
        waiting += reader.end()
        await self._db.write(_add, actor, list_id, waiting)
        return await self.get(actor, list_id)

    async def get(self, actor: Actor, list_id: int) -> DeviceList:
        """Return a list."""
        return await self._db.read(require_list, actor, list_id)

    async def refusals(self, actor: Actor, list_id: int) -> AsyncIterator[Refusal]:
        """Yield the lines that name no device, the first `MAX_REFUSALS` of them."""
        await self.get(actor, list_id)
        after = 0
        while some := await self._db.read(store.refusals, list_id, after, _REFUSALS_PER_READ):
            for refusal in some:
                yield refusal
            after = some[-1].line

    async def sweep(self) -> bool:
        """Delete a bounded part of what no job was made of in time; return whether there is more (a tick)."""
        return await self._db.write(store.forget_some, self._clock.now() - KEEP_MS, _ROWS_PER_UNIT)


def require_list(tx: Tx, actor: Actor, list_id: int) -> DeviceList:
    """Return a list that this account uploaded, or that a job was made of.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    found = store.find(tx, list_id)
    if found is None or not (
        found.account_id == _owner(actor) or (found.kept and actor.may(Role.VIEWER, found.product_id))
    ):
        raise NotFound("device_list.not_found", list_id=list_id)
    actor.require(Role.OPERATOR, found.product_id)
    return found


def list_of(tx: Tx, actor: Actor, product_id: int, names: Sequence[str], now: int) -> tuple[int, list[str]]:
    """Make a list of named devices, and return its id and which names the product does not have.

    It is kept once a job is made of it, as any other.
    """
    ids = store.resolve(tx, product_id, names)
    list_id = store.add(tx, product_id, _owner(actor), now)
    store.count(tx, list_id, store.add_devices(tx, list_id, ids.values()), 0)
    return list_id, [name for name in names if name not in ids]


def _owner(actor: Actor) -> int:
    return 0 if actor.account_id is None else actor.account_id


def _begin(tx: Tx, actor: Actor, product_key: str, now: int) -> int:
    product = require_product(tx, actor, Role.OPERATOR, product_key)
    return store.add(tx, product.id, _owner(actor), now)


def _add(tx: Tx, actor: Actor, list_id: int, lines: Sequence[ListedDevice | RowResult]) -> None:
    found = require_list(tx, actor, list_id)
    names = [line.device_name for line in lines if isinstance(line, ListedDevice)]
    ids = store.resolve(tx, found.product_id, names)
    refusals = [refusal for line in lines if (refusal := _refusal(line, ids)) is not None]
    added = store.add_devices(tx, list_id, ids.values())
    if found.devices + added > MAX_DEVICES:
        raise TooLarge("device_list.too_many", max_devices=MAX_DEVICES)
    store.add_refusals(tx, list_id, refusals[: max(0, MAX_REFUSALS - found.refused)])
    store.count(tx, list_id, added, len(refusals))


def _refusal(line: ListedDevice | RowResult, ids: dict[str, int]) -> Refusal | None:
    if isinstance(line, RowResult):
        return Refusal(line.line, line.device_name, line.code or "")
    return None if line.device_name in ids else Refusal(line.line, line.device_name, "device.not_found")
