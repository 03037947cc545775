"""Creates the devices of a list, a part at a time, and says of each line what became of it."""

from collections.abc import AsyncIterable, AsyncIterator, Sequence

from linkops.db import Database
from linkops.devices import generate
from linkops.devices.access import require_product
from linkops.devices.imports.rows import ListedDevice, ListReader, RowResult
from linkops.devices.service import DEVICES_PER_UNIT, Devices
from linkops.events.actor import Actor, Role


class Imports:
    """Lists of devices.

    Good lines become devices whatever the others say: a list that was put right can simply be sent again.
    """

    def __init__(self, db: Database, devices: Devices) -> None:
        self._db = db
        self._devices = devices

    async def run(self, actor: Actor, product_key: str, pieces: AsyncIterable[bytes]) -> AsyncIterator[RowResult]:
        """Yield one result a line, in order, once its device is stored; blank lines and the heading have none.

        Raises:
            NotFound, Forbidden: about the product; nothing was read.
            TooLarge: the list or a line; the lines before it keep their results.
        """
        await self._db.read(require_product, actor, Role.OPERATOR, product_key)
        reader = ListReader()
        waiting: list[ListedDevice | RowResult] = []
        async for piece in pieces:
            waiting += reader.feed(piece)
            while len(waiting) >= DEVICES_PER_UNIT:
                for result in await self._store(actor, product_key, waiting[:DEVICES_PER_UNIT]):
                    yield result
                del waiting[:DEVICES_PER_UNIT]
        waiting += reader.end()
        for result in await self._store(actor, product_key, waiting):
            yield result

    async def _store(
        self, actor: Actor, product_key: str, lines: Sequence[ListedDevice | RowResult]
    ) -> list[RowResult]:
        first_of_name: dict[str, ListedDevice] = {}
        for line in lines:
            if isinstance(line, ListedDevice):
                first_of_name.setdefault(line.device_name, line)
        new = [(name, line.nickname, line.secret or generate.device_secret()) for name, line in first_of_name.items()]
        created = await self._devices.create_named(actor, product_key, new)
        secrets = {first_of_name[device.key.device_name]: device.secret for device in created}
        return [line if isinstance(line, RowResult) else _result(line, secrets.get(line)) for line in lines]


def _result(line: ListedDevice, secret: str | None) -> RowResult:
    return RowResult(line.line, line.device_name, secret, None if secret else "device.name_taken")
