"""Who is told that a topology changed, and what: planned inside the unit, sent after its commit.

A gateway that is away misses its notice; it asks for its topology when it comes
(docs/gateways.md#what-a-gateway-hears).
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from linkops.alink.iot_ids import write_iot_id
from linkops.alink.topics import Channel, topic_for
from linkops.alink.topology import TopologyStatus, write_control, write_topology_change
from linkops.bus import Downlink, LocalBus
from linkops.db import Tx
from linkops.devices import generate
from linkops.devices.model import DeviceKey
from linkops.devices.topology.joining import store as joining
from linkops.devices.topology.model import Bond, RequestKind
from linkops.events.kinds import GATEWAY_TOPOLOGY
from linkops.events.store import Event, record_events

_CONTROLS = {
    TopologyStatus.DISABLED: (Channel.DEVICE_DISABLE, "thing.disable"),
    TopologyStatus.DELETED: (Channel.DEVICE_DELETE, "thing.delete"),
}
_ACTIONS = {
    TopologyStatus.CREATED: "create",
    TopologyStatus.DELETED: "delete",
    TopologyStatus.ENABLED: "enable",
    TopologyStatus.DISABLED: "disable",
}


class Aftermath(NamedTuple):
    """What follows a commit, in this order.

    Attributes:
        downlinks: to gateways and sub-devices.
        ended: devices whose sessions end then.
        why: for people.
    """

    downlinks: Sequence[Downlink] = ()
    ended: Sequence[int] = ()
    why: str = ""

    async def follow(self, bus: LocalBus) -> None:
        """Do it; whoever is not connected is left out."""
        if self.downlinks:
            await bus.deliver(self.downlinks)
        if self.ended:
            await bus.kick(self.ended, self.why)


def tell_gateways(tx: Tx, bonds: Iterable[Bond], status: TopologyStatus, now: int) -> list[Downlink]:
    """Record what happened to sub-devices, and return what their gateways are told after the commit."""
    told: list[tuple[Bond, str, list[DeviceKey]]] = []
    for _, group in groupby(bonds, lambda bond: bond.gateway_id):
        own = list(group)
        record_events(tx, [topology_event(own, status, now)])
        if own[0].gateway_online:
            told.append((own[0], generate.message_id(), [bond.sub for bond in own]))
    if told:
        joining.ask(tx, RequestKind.CHANGE, [(bond.gateway_id, message_id) for bond, message_id, _ in told], now)
    return [_change(bond, message_id, status, subs) for bond, message_id, subs in told]


def topology_event(bonds: Sequence[Bond], status: TopologyStatus, now: int) -> Event:
    """Return the event that something happened to sub-devices of one gateway."""
    first = bonds[0]
    devices = [{"iotId": write_iot_id(each.sub_id), **_spelled(each.sub)} for each in bonds]
    body = {**first.gateway._asdict(), "action": _ACTIONS[status], "devices": devices}
    return Event(now, GATEWAY_TOPOLOGY, first.gateway_product_id, first.gateway_id, body)


def _spelled(key: DeviceKey) -> dict[str, str]:
    return {"productKey": key.product_key, "deviceName": key.device_name}


def _change(bond: Bond, message_id: str, status: TopologyStatus, subs: Sequence[DeviceKey]) -> Downlink:
    payload = write_topology_change(message_id, status, subs)
    return Downlink(bond.gateway_id, topic_for(Channel.TOPO_CHANGE, *bond.gateway), payload)


def tell_sub_devices(bonds: Iterable[Bond], status: TopologyStatus) -> list[Downlink]:
    """Return what sub-devices that are logged in are told before their sessions end: disabled, or deleted."""
    channel, method = _CONTROLS[status]
    return [
        Downlink(bond.sub_id, topic_for(channel, *bond.sub), write_control(generate.message_id(), method))
        for bond in bonds
    ]
