"""Use cases about sub-devices that are to come to a gateway: what it found, and what it may be asked to do."""

from collections.abc import Sequence

from linkops.alink.topics import Channel, topic_for
from linkops.alink.topology import write_add_notice, write_permit
from linkops.bus import Downlink, LocalBus
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices import generate
from linkops.devices.access import require_product
from linkops.devices.model import DeviceKey
from linkops.devices.store import DeviceRef, online
from linkops.devices.topology.access import require_gateway, require_sub_devices, require_sub_product
from linkops.devices.topology.joining import store
from linkops.devices.topology.model import FoundDevice, GatewayRequest, RequestKind
from linkops.errors import Conflict, Invalid
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit

MAX_PERMIT_S = 3_600


class Joining:
    """Found devices, and requests to a gateway that is online. Looking takes a viewer, asking an operator."""

    def __init__(self, db: Database, clock: Clock, bus: LocalBus) -> None:
        self._db = db
        self._clock = clock
        self._bus = bus

    async def found(self, actor: Actor, gateway: DeviceKey) -> list[FoundDevice]:
        """Return what a gateway saw and has not got, the newest first, of products that the actor may see.

        Raises:
            Conflict: it is no gateway.
        """

        def read(tx: Tx) -> list[FoundDevice]:
            gateway_id = require_gateway(tx, actor, Role.VIEWER, gateway).id
            return store.found_devices(tx, gateway_id, actor.visible_products())

        return await self._db.read(read)

    async def requests(self, actor: Actor, gateway: DeviceKey) -> list[GatewayRequest]:
        """Return what a gateway was last asked and told, and what it answered.

        Raises:
            Conflict: it is no gateway.
        """
        return await self._db.read(lambda tx: store.requests(tx, require_gateway(tx, actor, Role.VIEWER, gateway).id))

    async def ask_to_add(self, actor: Actor, gateway: DeviceKey, subs: Sequence[DeviceKey]) -> None:
        """Ask a gateway to add these devices; whether it does, it decides.

        Raises:
            Conflict: it is no gateway, or not online; a device is not one that can be a sub-device.
        """
        message_id = generate.message_id()

        def write(tx: Tx) -> DeviceRef:
            ref = self._online_gateway(tx, actor, gateway)
            keys = [device.key for device in require_sub_devices(tx, actor, subs)]
            self._record(tx, actor, ref, RequestKind.ADD, message_id, devices=[str(key) for key in keys])
            return ref

        ref = await self._db.write(write)
        payload = write_add_notice(message_id, dict.fromkeys(subs))
        await self._send(ref, Channel.TOPO_ADD_NOTIFY, payload)

    async def permit(self, actor: Actor, gateway: DeviceKey, product_key: str, seconds: int) -> None:
        """Ask a gateway to let devices of a product join for some time.

        Raises:
            Invalid: not 1 to `MAX_PERMIT_S` seconds.
            NotFound, Forbidden: the product is not one that the actor operates.
            Conflict: it is no gateway, or not online; the product's devices are no sub-devices.
        """
        if not 1 <= seconds <= MAX_PERMIT_S:
            raise Invalid("gateway.permit_seconds", field="seconds", most=MAX_PERMIT_S)
        message_id = generate.message_id()

        def write(tx: Tx) -> DeviceRef:
            ref = self._online_gateway(tx, actor, gateway)
            require_product(tx, actor, Role.OPERATOR, product_key)
            require_sub_product(tx, product_key)
            details = {"product_key": product_key, "seconds": seconds}
            self._record(tx, actor, ref, RequestKind.PERMIT, message_id, lasting_s=seconds, **details)
            return ref

        ref = await self._db.write(write)
        await self._send(ref, Channel.GATEWAY_PERMIT, write_permit(message_id, product_key, seconds))

    @staticmethod
    def _online_gateway(tx: Tx, actor: Actor, key: DeviceKey) -> DeviceRef:
        gateway = require_gateway(tx, actor, Role.OPERATOR, key)
        if not online(tx, [gateway.id]):
            raise Conflict("gateway.offline", device=str(key))
        return gateway

    def _record(
        self,
        tx: Tx,
        actor: Actor,
        gateway: DeviceRef,
        kind: RequestKind,
        message_id: str,
        *,
        lasting_s: int | None = None,
        **details: object,
    ) -> None:
        now = self._clock.now()
        ends_at = None if lasting_s is None else now + lasting_s * 1_000
        store.ask(tx, kind, [(gateway.id, message_id)], now, ends_at=ends_at)
        target = f"device:{gateway.key}"
        record_audit(tx, actor, now, f"gateway.{_ACTIONS[kind]}", target, product_id=gateway.product_id, **details)

    async def _send(self, gateway: DeviceRef, channel: Channel, payload: bytes) -> None:
        downlink = Downlink(gateway.id, topic_for(channel, *gateway.key), payload)
        if not (await self._bus.deliver([downlink]))[0]:
            raise Conflict("gateway.offline", device=str(gateway.key))


_ACTIONS = {RequestKind.ADD: "ask_to_add", RequestKind.PERMIT: "permit"}
