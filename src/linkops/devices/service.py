"""Use cases about devices: create, change, delete. A call about several is refused whole if one is not the actor's."""

from collections.abc import Mapping, Sequence

from linkops.bus import LocalBus
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices import generate, store
from linkops.devices.access import require_device, require_devices, require_product
from linkops.devices.model import Device, DeviceKey, ModuleVersion, NewDevice
from linkops.devices.names import check_device_name, check_nickname, check_secret, check_tags
from linkops.devices.registration.store import drop_tokens
from linkops.devices.topology import changing
from linkops.devices.topology.notices import Aftermath
from linkops.devices.versions.saving import forget_versions
from linkops.errors import Conflict, Invalid
from linkops.events.actor import Actor, Role
from linkops.events.store import Event, record_audit, record_events
from linkops.secretbox import SecretBox

MAX_COUNT = 10_000
DEVICES_PER_UNIT = 1_000


class Devices:
    """The devices of the products that an actor may see; what it may not see is `NotFound`.

    Looking takes a viewer of the product, everything else an operator.
    """

    def __init__(self, db: Database, clock: Clock, box: SecretBox, bus: LocalBus) -> None:
        self._db = db
        self._clock = clock
        self._box = box
        self._bus = bus

    async def create(
        self,
        actor: Actor,
        product_key: str,
        device_name: str | None = None,
        *,
        nickname: str = "",
        secret: str | None = None,
    ) -> NewDevice:
        """Create a device; what is not given is generated. A secret is given for devices in the field that have one.

        Raises:
            Invalid: name, nickname or secret.
            Conflict: the product has a device of this name.
        """
        name = generate.device_name() if device_name is None else device_name
        check_device_name(name)
        check_nickname(nickname)
        if secret is not None:
            check_secret(secret)
        new = (name, nickname, secret or generate.device_secret())
        created = await self._db.write(self._create, actor, product_key, [new])
        if not created:
            raise Conflict("device.name_taken", device_name=name)
        return created[0]

    async def create_many(self, actor: Actor, product_key: str, count: int) -> list[NewDevice]:
        """Create ``count`` devices with generated names, `DEVICES_PER_UNIT` in a unit.

        Raises:
            Invalid: not 1 to `MAX_COUNT`.
        """
        if not 1 <= count <= MAX_COUNT:
            raise Invalid("device.count_invalid", field="count", most=MAX_COUNT)
        created: list[NewDevice] = []
        while len(created) < count:
            size = min(count - len(created), DEVICES_PER_UNIT)
            new = [(generate.device_name(), "", generate.device_secret()) for _ in range(size)]
            created += await self.create_named(actor, product_key, new)
        return created

    async def create_named(
        self, actor: Actor, product_key: str, new: Sequence[tuple[str, str, str]]
    ) -> list[NewDevice]:
        """Create devices from checked (name, nickname, secret), each name once; return those whose names were free."""
        return await self._db.write(self._create, actor, product_key, new)

    def _create(self, tx: Tx, actor: Actor, product_key: str, new: Sequence[tuple[str, str, str]]) -> list[NewDevice]:
        product = require_product(tx, actor, Role.OPERATOR, product_key)
        now = self._clock.now()
        rows = {name: store.DeviceToAdd(name, nickname, self._box.seal(secret)) for name, nickname, secret in new}
        ids = store.add(tx, product.id, rows.values(), now)
        secrets = {name: secret for name, _, secret in new}
        created = [NewDevice(ids[name], DeviceKey(product_key, name), secrets[name]) for name in rows if name in ids]
        if len(created) == 1:
            record_audit(tx, actor, now, "device.create", f"device:{created[0].key}", product_id=product.id)
        elif created:
            target = f"product:{product_key}"
            record_audit(tx, actor, now, "device.create_many", target, product_id=product.id, count=len(created))
        return created

    async def get(self, actor: Actor, key: DeviceKey) -> Device:
        """Return a device."""
        return await self._db.read(lambda tx: store.by_id(tx, require_device(tx, actor, Role.VIEWER, key).id))

    async def tags(self, actor: Actor, key: DeviceKey) -> dict[str, str]:
        """Return a device's tags, whether operators or the device set them; its SDK's are left out."""
        return await self._db.read(lambda tx: store.tags(tx, require_device(tx, actor, Role.VIEWER, key).id))

    async def module_versions(self, actor: Actor, key: DeviceKey) -> list[ModuleVersion]:
        """Return what a device reported that its modules run, by module."""
        return await self._db.read(lambda tx: store.module_versions(tx, require_device(tx, actor, Role.VIEWER, key).id))

    async def set_nickname(self, actor: Actor, key: DeviceKey, nickname: str) -> None:
        """Change what people call it.

        Raises:
            Invalid: the nickname.
        """
        check_nickname(nickname)

        def write(tx: Tx) -> None:
            device = require_device(tx, actor, Role.OPERATOR, key)
            now = self._clock.now()
            store.set_nickname(tx, device.id, nickname, now)
            _audit(tx, actor, now, "device.edit", device, nickname=nickname)

        await self._db.write(write)

    async def change_tags(self, actor: Actor, keys: Sequence[DeviceKey], changes: Mapping[str, str | None]) -> None:
        """Add or replace the tags given, on all these devices; None removes one. A device changes none of these then.

        Raises:
            Invalid: a tag, or a device would have too many.
        """
        await self._db.write(self._change_tags, actor, keys, changes)

    def _change_tags(self, tx: Tx, actor: Actor, keys: Sequence[DeviceKey], changes: Mapping[str, str | None]) -> None:
        now = self._clock.now()
        added = {key: value for key, value in changes.items() if value is not None}
        removed = [key for key, value in changes.items() if value is None]
        for device in require_devices(tx, actor, Role.OPERATOR, keys):
            store.remove_tags(tx, device.id, removed)
            check_tags({**store.operators_tags(tx, device.id), **added})
            store.set_tags(tx, device.id, added)
            _audit(tx, actor, now, "device.change_tags", device, added=added, removed=removed)

    async def set_enabled(self, actor: Actor, keys: Sequence[DeviceKey], *, enabled: bool) -> int:
        """Enable or disable devices and return how many were not so already; who is disabled is cut off at once.

        Gateways are told what happened to their sub-devices.
        """
        changed, aftermath = await self._db.write(self._set_enabled, actor, keys, enabled=enabled)
        await aftermath.follow(self._bus)
        return changed

    def _set_enabled(self, tx: Tx, actor: Actor, keys: Sequence[DeviceKey], *, enabled: bool) -> tuple[int, Aftermath]:
        now = self._clock.now()
        devices = {device.id: device for device in require_devices(tx, actor, Role.OPERATOR, keys)}
        changed = store.set_enabled(tx, devices, enabled=enabled, now=now)
        verb = "enable" if enabled else "disable"
        for device_id in changed:
            _audit(tx, actor, now, f"device.{verb}", devices[device_id])
        record_events(tx, [_event(now, f"device.{verb}d", devices[device_id]) for device_id in changed])
        downlinks = changing.switched(tx, changed, now, enabled=enabled)
        return len(changed), Aftermath(downlinks, () if enabled else changed, "disabled")

    async def delete(self, actor: Actor, keys: Sequence[DeviceKey]) -> int:
        """Delete devices for good and return how many; who is connected is cut off.

        Gateways are told of their sub-devices; those of a deleted gateway stay, and are nobody's.
        """
        aftermath = await self._db.write(self._delete, actor, keys)
        await aftermath.follow(self._bus)
        return len(aftermath.ended)

    def _delete(self, tx: Tx, actor: Actor, keys: Sequence[DeviceKey]) -> Aftermath:
        now = self._clock.now()
        devices = require_devices(tx, actor, Role.OPERATOR, keys)
        device_ids = [device.id for device in devices]
        downlinks = changing.to_be_deleted(tx, device_ids, now)
        forget_versions(tx, device_ids)
        store.delete(tx, device_ids)
        for device in devices:
            _audit(tx, actor, now, "device.delete", device)
        record_events(tx, [_event(now, "device.deleted", device) for device in devices])
        return Aftermath(downlinks, device_ids, "deleted")

    async def secret(self, actor: Actor, key: DeviceKey) -> str:
        """Return a device's secret; that it was shown is recorded."""

        def reveal(tx: Tx) -> str:
            device = require_device(tx, actor, Role.OPERATOR, key)
            _audit(tx, actor, self._clock.now(), "device.show_secret", device)
            return store.secret_sealed(tx, device.id)

        return self._box.open(await self._db.write(reveal))

    async def reset_secret(self, actor: Actor, key: DeviceKey) -> str:
        """Give a device a new secret and return it; it is cut off at once, and refused with the old one or a token."""
        secret = generate.device_secret()

        def write(tx: Tx) -> int:
            device = require_device(tx, actor, Role.OPERATOR, key)
            now = self._clock.now()
            store.set_secret(tx, device.id, self._box.seal(secret), now)
            drop_tokens(tx, [device.id])
            _audit(tx, actor, now, "device.reset_secret", device)
            return device.id

        await self._bus.kick([await self._db.write(write)], "secret reset")
        return secret


def _audit(tx: Tx, actor: Actor, at: int, action: str, device: store.DeviceRef, **details: object) -> None:
    record_audit(tx, actor, at, action, f"device:{device.key}", product_id=device.product_id, **details)


def _event(at: int, kind: str, device: store.DeviceRef) -> Event:
    return Event(at, kind, device.product_id, device.id, device.key._asdict())
