"""Configuration on its way to devices, as the server puts it together; behind the real bus stands in for the hub."""

import asyncio
from pathlib import Path

import msgspec

from linkops.alink.configuration import Configuration
from linkops.clock import FixedClock
from linkops.db import Database, Tx
from linkops.devices.model import DeviceKey, NewDevice, Product
from linkops.devices.presence.model import Accepted
from linkops.events.actor import SYSTEM
from linkops.events.interest import Interest
from linkops.remote_config.delivery import ConfigDelivery
from linkops.remote_config.documents.model import Draft, Scope, Target
from linkops.remote_config.pulls.reports import Answer, Pull
from linkops.remote_config.pushes.creating import NewPush
from linkops.remote_config.pushes.lists.service import ResultFilter
from linkops.remote_config.pushes.model import FailureLimit, Push, Result, Stage, Strategy
from linkops.remote_config.service import RemoteConfig
from linkops.settings import Settings, load_settings
from tests.support.devices import DeviceServices
from tests.support.ota import Connections

BASE_URL = "http://configuration.example"


class ConfigFleet:
    """One product, its devices, its configuration and how that comes to them."""

    def __init__(self, db: Database, clock: FixedClock, folder: Path, settings: Settings | None = None) -> None:
        self.db = db
        self.clock = clock
        self.services = DeviceServices(db, clock)
        self.hub = Connections()
        self.services.bus.attach(self.hub, asyncio.get_running_loop())
        self.interest = Interest()
        self.settings = settings or load_settings(data_dir=folder)
        self.documents = RemoteConfig(db, clock)
        self.names: dict[int, str] = {}
        self.keys: list[DeviceKey] = []
        self.restart()

    def restart(self) -> None:
        """Build the services anew, as after a restart: what was in memory is gone."""
        self.delivery = ConfigDelivery(
            self.db, self.services.bus, self.clock, self.settings, self.services.box, BASE_URL, self.interest
        )
        self.hub.lost = False

    async def start(self, devices: int = 1, *, document: str | None = '{"a":1}') -> list[NewDevice]:
        """Create the product and its devices, switch configuration on, and save a document."""
        self.product: Product = await self.services.product()
        made = [await self.services.device(self.product, f"pump-{number}") for number in range(devices)]
        self.names = {device.id: device.key.device_name for device in made}
        self.keys = [device.key for device in made]
        await self.switch(on=True)
        if document is not None:
            await self.save(document)
        return made

    async def switch(self, *, on: bool) -> None:
        """Switch configuration on or off."""
        await self.documents.switches.switch(SYSTEM, self.product.product_key, on=on)

    async def save(self, text: str, *, group_id: int | None = None, device: NewDevice | None = None) -> str:
        """Save a document over whatever there is, and return it."""
        name = None if device is None else device.key.device_name
        scope = Scope.GROUP if group_id else Scope.DEVICE if device else Scope.PRODUCT
        target = Target(self.product.product_key, scope, group_id, name)
        base = await self.db.read(_newest, self.product.id, scope, group_id, None if device is None else device.id)
        await self.documents.editing.save(SYSTEM, target, Draft(text, base))
        return text

    async def connect(self, *devices: NewDevice) -> None:
        """Log devices in; their connections take downlinks from then on."""
        answers = await self.services.log_in_all([self.services.attempt(device) for device in devices])
        for device, answer in zip(devices, answers, strict=True):
            assert isinstance(answer, Accepted)
            self.hub.connected[device.id] = answer
        await asyncio.gather(*(self.delivery.uplinks.device_online(device.id) for device in devices))
        self.clock.advance(1)

    async def disconnect(self, *devices: NewDevice) -> None:
        """End devices' connections."""
        for device in devices:
            accepted = self.hub.connected.pop(device.id)
            connection_id = await self.db.read(_connection_id, device.id)
            assert await self.services.log_out(accepted, connection_id)

    async def push(
        self,
        *,
        stages: tuple[Stage, ...] = (),
        stop_at: FailureLimit | None = None,
        group_id: int | None = None,
        devices: tuple[NewDevice, ...] = (),
    ) -> Push:
        """Begin a push; nothing is published yet."""
        return await self.delivery.pushes.begin(
            SYSTEM,
            NewPush(
                product_key=self.product.product_key,
                group_id=group_id,
                device_names=tuple(device.key.device_name for device in devices),
                strategy=Strategy(stages, stop_at),
            ),
        )

    async def tick(self) -> None:
        """Let everything happen that is due."""
        delivery = self.delivery
        ticks = (
            delivery.course.stop_switched_off,
            delivery.filler.fill,
            delivery.course.advance,
            delivery.dispatcher.push_due,
            delivery.course.time_out,
            delivery.course.advance,
            delivery.dispatcher.push_due,
            delivery.course.advance,
        )
        for tick in ticks:
            while await tick():
                pass

    async def answer(self, device: NewDevice, push: Push, code: int = 200, message: str = "") -> bool:
        """Return whether what a device says to a push changed anything."""
        return await self.delivery.uplinks.answer(Answer(device.id, push.id, code, message, self.clock.now()))

    async def pull(self, device: NewDevice) -> Configuration | int:
        """Return what a device is told that asks."""
        return await self.delivery.uplinks.pull(Pull(device.id, self.product.id, self.clock.now()))

    async def fetch(self, url: str) -> bytes:
        """Download as a device does, to the last byte."""
        file = await self.delivery.downloads.open_download(url.rsplit("/", 1)[1])
        body = await file.read(0, file.size_bytes)
        await file.sent()
        return body

    async def result(self, device: NewDevice, push: Push) -> Result:
        """Return what became of a push for a device."""
        page = await self.delivery.results.by_device_name(
            SYSTEM, push.id, ResultFilter(), prefix=device.key.device_name
        )
        return next(result for result in page.items if result.device_id == device.id)

    async def status(self, device: NewDevice, push: Push) -> str:
        """Return the same in a word, with why it failed."""
        found = await self.result(device, push)
        return f"{found.status} {found.failure_kind}".rstrip()

    async def look(self, push: Push) -> Push:
        """Return the push as it is now."""
        return await self.delivery.pushes.get(SYSTEM, push.id)

    async def counts(self, push: Push) -> dict[str, int]:
        """Return the results of a push by status, only statuses that occur."""
        return {str(status): n for status, n in (await self.look(push)).counts.items() if n}

    def take_pushes(self) -> dict[str, list[Configuration]]:
        """Return what was pushed to whom since the last call."""
        taken: dict[str, list[Configuration]] = {}
        for downlink in self.hub.pushed:
            params = msgspec.json.decode(downlink.payload)["params"]
            name = self.names.get(downlink.device_id, str(downlink.device_id))
            taken.setdefault(name, []).append(msgspec.convert(params, Configuration))
        self.hub.pushed.clear()
        return taken


def counted_results(tx: Tx, push_id: int) -> dict[tuple[str, str], int]:
    """Return the results of a push by status and failure kind, counted one by one."""
    rows = tx.all(
        "SELECT status, failure_kind, count(*) FROM config_result WHERE push_id = :id GROUP BY status, failure_kind",
        id=push_id,
    )
    return {(row[0], row[1]): row[2] for row in rows}


def push_counters(tx: Tx, push_id: int) -> dict[tuple[str, str], int]:
    """Return the same from the counters."""
    rows = tx.all(
        "SELECT status, failure_kind, devices FROM config_push_count WHERE push_id = :id AND devices <> 0", id=push_id
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _newest(tx: Tx, product_id: int, scope: str, group_id: int | None, device_id: int | None) -> int:
    found = tx.scalar(
        "SELECT version FROM config_document WHERE product_id = :product_id AND scope = :scope"
        " AND coalesce(group_id, 0) = coalesce(:group_id, 0) AND coalesce(device_id, 0) = coalesce(:device_id, 0)",
        product_id=product_id,
        scope=scope,
        group_id=group_id,
        device_id=device_id,
    )
    return int(found or 0)


def _connection_id(tx: Tx, device_id: int) -> int:
    return int(tx.scalar("SELECT connection_id FROM device WHERE id = :id", id=device_id))
