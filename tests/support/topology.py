"""Gateways and sub-devices, what a gateway says about them, and a hub that remembers what it was asked to do."""

import hmac
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from linkops.alink.messages import Named
from linkops.alink.topology import Addition
from linkops.bus import Downlink
from linkops.devices.model import DeviceKey, NewDevice, NodeType
from linkops.devices.topology.judging import Refused
from linkops.devices.topology.uplinks.model import Adding, Finding, Removing
from tests.support.devices import DeviceServices, waited
from tests.support.hubs import NoHub


class Heard(NamedTuple):
    """A message that somebody was sent: who, on which topic, and its ``params``."""

    device_id: int
    topic: str
    params: Any


class RecordingHub(NoHub):
    """Delivers to ``connected`` devices, and remembers what it did in ``done``, in order."""

    def __init__(self) -> None:
        self.connected: set[int] = set()
        self.done: list[Heard | tuple[list[int], str]] = []
        self.message_ids: list[str] = []

    def deliver(self, downlinks: Sequence[Downlink]) -> list[bool]:
        return [self._deliver(downlink) for downlink in downlinks]

    def _deliver(self, downlink: Downlink) -> bool:
        if downlink.device_id not in self.connected:
            return False
        assert not downlink.keep
        message = msgspec.json.decode(downlink.payload)
        self.message_ids.append(message["id"])
        self.done.append(Heard(downlink.device_id, downlink.topic, message["params"]))
        return True

    def kick(self, device_ids: Sequence[int], reason: str) -> None:
        ended = sorted(self.connected.intersection(device_ids))
        self.connected.difference_update(device_ids)
        if ended:
            self.done.append((ended, reason))

    def taken(self) -> list[Heard | tuple[list[int], str]]:
        """Return what was done since the last call."""
        done, self.done = self.done, []
        return done


class Yard:
    """Two gateways, some sub-devices and a lamp that connects itself."""

    def __init__(self, services: DeviceServices) -> None:
        self.services = services

    async def build(self, subs: int = 4) -> "Yard":
        """Register everything."""
        services = self.services
        self.gateway_product = await services.product("Gateways", NodeType.GATEWAY)
        self.sub_product = await services.product("Sensors", NodeType.SUBDEVICE)
        self.lamp_product = await services.product("Lamps")
        self.east = await services.device(self.gateway_product, "east")
        self.west = await services.device(self.gateway_product, "west")
        self.subs = [await services.device(self.sub_product, f"sensor-{number}") for number in range(subs)]
        self.lamp = await services.device(self.lamp_product, "lamp-1")
        return self

    async def online(self, *gateways: NewDevice) -> None:
        """Log gateways in."""
        await self.services.log_in_all([self.services.attempt(gateway) for gateway in gateways])

    async def add(self, gateway: NewDevice, *additions: Addition) -> Refused | None:
        """Return why a gateway's message was refused."""
        (refused,) = await waited(self.services.gateways.add.put, [Adding(gateway.id, gateway.key, additions)])
        return refused

    async def remove(self, gateway: NewDevice, *subs: NewDevice) -> Refused | None:
        """Return why a gateway's message was refused."""
        named = [Named(*sub.key) for sub in subs]
        (refused,) = await waited(self.services.gateways.remove.put, [Removing(gateway.id, named)])
        return refused

    async def find(self, gateway: NewDevice, *found: tuple[str, str]) -> Refused | None:
        """Return why a gateway's report was refused."""
        item = Finding(gateway.id, self.gateway_product.id, gateway.key, [Named(*each) for each in found])
        (refused,) = await waited(self.services.gateways.found.put, [item])
        return refused

    async def topology(self, gateway: NewDevice) -> list[DeviceKey]:
        """Return what a gateway gets that asks for its topology."""
        (devices,) = await waited(self.services.gateways.topologies.put, [gateway.id])
        return devices


def addition(sub: NewDevice, *, secret: str | None = None, digest: str = "sha256") -> Addition:
    """Return what a gateway says about a sub-device, signed with its own secret unless another is given."""
    entry = proof(sub, secret=secret, digest=digest)
    return Addition(Named(*sub.key), entry["clientId"], entry["timestamp"], entry["signmethod"], entry["sign"])


def proof(
    sub: NewDevice,
    *,
    secret: str | None = None,
    digest: str = "sha256",
    client_id: str | None = None,
    timestamp: str = "2524608000000",
) -> dict[str, str]:
    """Return an entry of ``thing/topo/add`` as the C and Python SDKs spell it."""
    product_key, device_name = sub.key
    signed_id = f"{product_key}.{device_name}" if client_id is None else client_id
    text = f"clientId{signed_id}deviceName{device_name}productKey{product_key}timestamp{timestamp}"
    sign = hmac.digest((secret or sub.secret).encode(), text.encode(), digest).hex()
    names = {"productKey": product_key, "deviceName": device_name}
    return {**names, "clientId": signed_id, "timestamp": timestamp, "signmethod": f"hmac{digest}", "sign": sign}


def named(*devices: NewDevice) -> list[dict[str, str]]:
    """Return devices as messages name them."""
    return [{"productKey": device.key.product_key, "deviceName": device.key.device_name} for device in devices]


def change_topic(gateway: NewDevice) -> str:
    """Return where a gateway hears that its topology changed."""
    return f"/sys/{gateway.key.product_key}/{gateway.key.device_name}/thing/topo/change"


def changed(gateway: NewDevice, status: int, *subs: NewDevice) -> Heard:
    """Return what a gateway hears when something happened to sub-devices."""
    return Heard(gateway.id, change_topic(gateway), {"status": status, "subList": named(*subs)})


def told(sub: NewDevice, what: str) -> Heard:
    """Return what a sub-device that is logged in hears: ``disable`` or ``delete``."""
    return Heard(sub.id, f"/sys/{sub.key.product_key}/{sub.key.device_name}/thing/{what}", {})
