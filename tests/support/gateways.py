"""Gateways on a real socket that log sub-devices in, signed from the protocol's words and not by our code."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec

from linkops.db import Database, Tx
from linkops.devices.model import NewDevice, NodeType, Product
from linkops.events.actor import SYSTEM
from linkops.mqtt.packets import Publish
from tests.support.hub import HubDoor
from tests.support.mqtt import MqttClient

Said = dict[str, Any]


class Answered(NamedTuple):
    """A reply: which id it carries, its code, and whom it names."""

    id: Any
    code: int
    data: Any


def login_of(
    device: NewDevice,
    *,
    client_id: str | None = None,
    timestamp: object = "3566640",
    method: str = "hmacSha256",
    clean: object = "true",
    secret: str | None = None,
) -> Said:
    """Return what a gateway says of a sub-device that is to be online."""
    client_id = f"{device.key.product_key}.{device.key.device_name}" if client_id is None else client_id
    text = f"clientId{client_id}deviceName{device.key.device_name}productKey{device.key.product_key}"
    digest = method.lower().removeprefix("hmac") or "md5"
    signed = text if timestamp is None else f"{text}timestamp{timestamp}"
    sign = hmac.new((secret or device.secret).encode(), signed.encode(), getattr(hashlib, digest)).hexdigest()
    said = {**names_of(device), "clientId": client_id, "timestamp": timestamp, "signMethod": method, "sign": sign}
    return {name: value for name, value in {**said, "cleanSession": clean}.items() if value is not None}


def names_of(device: NewDevice) -> Said:
    """Return how messages name a device."""
    return {"productKey": device.key.product_key, "deviceName": device.key.device_name}


async def bind(db: Database, gateway: NewDevice, subs: Sequence[NewDevice]) -> None:
    """Let sub-devices hang on a gateway, as the topology has it."""

    def write(tx: Tx) -> None:
        tx.run(
            "INSERT INTO topology (sub_id, gateway_id, added_at)"
            " SELECT r.id, :gateway, 0 FROM {subs: id bigint} r WHERE 1 = 1"
            " ON CONFLICT (sub_id) DO UPDATE SET gateway_id = excluded.gateway_id",
            gateway=gateway.id,
            subs=[(sub.id,) for sub in subs],
        )

    await db.write(write)


class GatewayClient:
    """A gateway that is logged in."""

    def __init__(self, device: NewDevice, client: MqttClient) -> None:
        self.device = device
        self.client = client
        self._kept: list[Publish] = []

    def topic(self, name: str) -> str:
        """Return a topic of its sessions."""
        return f"/ext/session/{self.device.key.product_key}/{self.device.key.device_name}/combine/{name}"

    async def ask(self, name: str, params: Any, message_id: object = "7", method: object = "") -> Answered:
        """Return the answer to a request about sessions."""
        payload = msgspec.json.encode({"id": message_id, "version": "1.0", "params": params, "method": method})
        return await self.ask_bytes(name, payload)

    async def ask_bytes(self, name: str, payload: bytes) -> Answered:
        """Return the answer to these bytes."""
        await self.client.send(Publish(self.topic(name), payload))
        return await self.answer(name)

    async def answer(self, name: str) -> Answered:
        """Return the next answer on this topic; it must be compact JSON."""
        heard = await self.hear(self.topic(name) + "_reply")
        read = msgspec.json.decode(heard.payload)
        assert msgspec.json.encode(read) == heard.payload
        return Answered(read["id"], read["code"], read["data"])

    async def hear(self, topic: str) -> Publish:
        """Return the next message on a topic; others that come before it are kept."""
        for number, kept in enumerate(self._kept):
            if kept.topic == topic:
                return self._kept.pop(number)
        while True:
            packet = await self.client.next()
            assert isinstance(packet, Publish), packet
            if packet.topic == topic:
                return packet
            self._kept.append(packet)

    async def error(self) -> tuple[int, Said]:
        """Return code and data of the next message on its `/ext/error`."""
        heard = await self.hear(f"/ext/error/{self.device.key.product_key}/{self.device.key.device_name}")
        error = msgspec.json.decode(heard.payload)
        assert list(error) == ["id", "code", "data", "message"]
        return error["code"], error["data"]

    async def log_in(self, *subs: NewDevice, **said: Any) -> None:
        """Log sub-devices in, one by one or in a batch."""
        if len(subs) == 1:
            assert (await self.ask("login", login_of(subs[0], **said))).code == 200
            return
        for start in range(0, len(subs), 50):
            listed = [login_of(sub, **said) for sub in subs[start : start + 50]]
            assert (await self.ask("batch_login", {"deviceList": listed})).code == 200

    async def log_out(self, *subs: NewDevice) -> None:
        """Log sub-devices out."""
        for start in range(0, len(subs), 50):
            listed = [names_of(sub) for sub in subs[start : start + 50]]
            assert (await self.ask("batch_logout", listed)).code == 200


class Plant:
    """A hub, a gateway product and a product of sub-devices."""

    def __init__(self, door: HubDoor, gateways: Product, meters: Product) -> None:
        self.door = door
        self.gateways = gateways
        self.meters = meters

    async def gateway(self, subs: int = 0) -> tuple[NewDevice, list[NewDevice]]:
        """Create a gateway with so many sub-devices."""
        gateway = await self.door.device(self.gateways)
        made = await self.door.devices.create_many(SYSTEM, self.meters.product_key, subs) if subs else []
        await bind(self.door.db, gateway, made)
        return gateway, made

    @asynccontextmanager
    async def online(self, gateway: NewDevice, version: int = 4, **connect: Any) -> AsyncIterator[GatewayClient]:
        """Yield a gateway that is logged in."""
        async with await self.door.online(gateway, version, **connect) as client:
            yield GatewayClient(gateway, client)

    async def who_is_online(self) -> set[int]:
        """Return the ids of devices that the database takes for online."""
        return set(await self.door.db.read(_online))

    async def events(self, device: NewDevice) -> list[str]:
        """Return what applications heard of a device."""
        return await self.door.db.read(_events, device.id)


async def plant_of(door: HubDoor) -> Plant:
    """Return a plant with no devices in it."""
    gateways = await door.products.create(SYSTEM, "Gateways", node_type=NodeType.GATEWAY)
    return Plant(door, gateways, await door.products.create(SYSTEM, "Meters", node_type=NodeType.SUBDEVICE))


def _online(tx: Tx) -> list[int]:
    return [row[0] for row in tx.all("SELECT id FROM device WHERE online = 1")]


def _events(tx: Tx, device_id: int) -> list[str]:
    rows = tx.all("SELECT kind, body FROM event WHERE device_id = :id ORDER BY id", id=device_id)
    return [f"{kind} {msgspec.json.decode(body).get('reason', '')}".strip() for kind, body in rows]
