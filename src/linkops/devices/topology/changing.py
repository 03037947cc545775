"""Binding and unbinding inside a unit of work, whoever asks: the rows, the events, and what follows the commit."""

from collections.abc import Collection, Iterable, Sequence

from linkops.alink.topology import TopologyStatus
from linkops.bus import Downlink
from linkops.db import Tx
from linkops.devices.model import DeviceKey
from linkops.devices.topology import store
from linkops.devices.topology.joining import store as joining
from linkops.devices.topology.model import Bond
from linkops.devices.topology.notices import Aftermath, tell_gateways, tell_sub_devices, topology_event
from linkops.events.store import record_events

MOVED, UNBOUND = "moved to another gateway", "removed from its gateway"


def bind(
    tx: Tx, gateway_id: int, subs: Sequence[tuple[int, DeviceKey]], now: int, *, tell_gateway: bool
) -> tuple[int, Aftermath]:
    """Make devices sub-devices of a gateway; return how many were not, and what follows.

    A gateway that had one before is told that it has not any more, and the session over it ends.

    Args:
        tx: where the devices are locked (`linkops.devices.topology.store.lock`).
        gateway_id: whose they become.
        subs: ids and names.
        now: Unix milliseconds.
        tell_gateway: whether the new gateway does not know yet.
    """
    before = [bond for bond in store.bonds(tx, [sub_id for sub_id, _ in subs]) if bond.gateway_id != gateway_id]
    new = store.bind(tx, gateway_id, [sub_id for sub_id, _ in subs], now)
    joining.forget(tx, gateway_id, [key for _, key in subs])
    if not new:
        return 0, Aftermath()
    downlinks = tell_gateways(tx, before, TopologyStatus.DELETED, now)
    downlinks += _created(tx, store.bonds(tx, new), now, tell_gateway=tell_gateway)
    return len(new), Aftermath(downlinks, [bond.sub_id for bond in before], MOVED)


def _created(tx: Tx, bonds: Sequence[Bond], now: int, *, tell_gateway: bool) -> list[Downlink]:
    if tell_gateway:
        return tell_gateways(tx, bonds, TopologyStatus.CREATED, now)
    record_events(tx, [topology_event(bonds, TopologyStatus.CREATED, now)])
    return []


def unbind(tx: Tx, gateway_id: int, sub_ids: Collection[int], now: int, *, tell_gateway: bool) -> tuple[int, Aftermath]:
    """Take sub-devices from a gateway; return how many it had, and what follows: their sessions over it end."""
    bonds = [bond for bond in store.bonds(tx, sub_ids) if bond.gateway_id == gateway_id]
    if not bonds:
        return 0, Aftermath()
    removed = store.unbind(tx, gateway_id, [bond.sub_id for bond in bonds])
    if tell_gateway:
        downlinks = tell_gateways(tx, bonds, TopologyStatus.DELETED, now)
    else:
        record_events(tx, [topology_event(bonds, TopologyStatus.DELETED, now)])
        downlinks = []
    return len(removed), Aftermath(downlinks, sorted(removed), UNBOUND)


def switched(tx: Tx, device_ids: Iterable[int], now: int, *, enabled: bool) -> list[Downlink]:
    """Return what sub-devices among devices that were just enabled or disabled, and their gateways, are told."""
    bonds = store.bonds(tx, device_ids)
    if enabled:
        # Disabled until now, none of them is logged in: only the gateway can be told.
        return tell_gateways(tx, bonds, TopologyStatus.ENABLED, now)
    to_subs = tell_sub_devices(bonds, TopologyStatus.DISABLED)
    return to_subs + tell_gateways(tx, bonds, TopologyStatus.DISABLED, now)


def to_be_deleted(tx: Tx, device_ids: Collection[int], now: int) -> list[Downlink]:
    """Return what sub-devices among devices that are about to be deleted, and gateways that stay, are told."""
    deleted = set(device_ids)
    bonds = [bond for bond in store.bonds(tx, device_ids) if bond.gateway_id not in deleted]
    to_subs = tell_sub_devices(bonds, TopologyStatus.DELETED)
    return to_subs + tell_gateways(tx, bonds, TopologyStatus.DELETED, now)
