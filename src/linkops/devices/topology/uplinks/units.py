"""The units of work behind a gateway's messages: each message is looked up, judged and stored in its turn."""

from collections.abc import Sequence
from typing import NamedTuple

from linkops.alink.iot_ids import write_iot_id
from linkops.alink.messages import Named
from linkops.alink.topology import TopologyFault
from linkops.clock import Clock
from linkops.db import Tx
from linkops.devices.model import DeviceKey
from linkops.devices.names import is_product_key
from linkops.devices.presence.throttle import Throttle
from linkops.devices.store import DeviceRef, find
from linkops.devices.topology import changing, store
from linkops.devices.topology.joining import store as joining
from linkops.devices.topology.judging import (
    Asking,
    Refused,
    possible_keys,
    refusal_of_found,
    refusal_to_add,
    refusal_to_remove,
)
from linkops.devices.topology.model import Candidate
from linkops.devices.topology.notices import Aftermath
from linkops.devices.topology.uplinks.model import Adding, Answering, Finding, Removing
from linkops.events.kinds import GATEWAY_FOUND
from linkops.events.store import Event, record_events
from linkops.secretbox import SecretBox
from linkops.settings import Settings


class Judged(NamedTuple):
    """What became of a message: None, or why it changed nothing; and what follows the commit."""

    refused: Refused | None
    aftermath: Aftermath = Aftermath()


_GONE = Judged(Refused(TopologyFault.NO_GATEWAY))


class AddUnit:
    """Adds sub-devices for gateways.

    Wrong signatures are counted per gateway and sub-device, so that nobody can try secrets; others are not held up.
    """

    def __init__(self, clock: Clock, box: SecretBox, settings: Settings) -> None:
        self._clock = clock
        self._box = box
        self._most = settings.max_sub_devices
        self._throttle: Throttle[tuple[int, Named]] = Throttle(
            settings.login_failures, settings.login_failure_window_s * 1_000
        )

    def __call__(self, tx: Tx, messages: list[Adding]) -> list[Judged]:
        """Return what became of each message, in order."""
        now = self._clock.now()
        return [self._add(tx, message, now) for message in messages]

    def _add(self, tx: Tx, message: Adding, now: int) -> Judged:
        named = [addition.named for addition in message.additions]
        for entry, each in enumerate(named):
            if self._throttle.refuses((message.gateway_id, each), now):
                return Judged(Refused(TopologyFault.TOO_OFTEN, entry))
        found = locked(tx, message.gateway_id, named)
        if found is None:
            return _GONE
        held = store.held(tx, message.gateway_id)
        asking = Asking(message.gateway_id, message.gateway, held, self._most)
        refused = refusal_to_add(asking, message.additions, found, self._box.open)
        if refused is not None:
            self._count(message.gateway_id, named, refused, now)
            return Judged(refused)
        subs = [(found[each].device_id, found[each].key) for each in named]
        _, aftermath = changing.bind(tx, message.gateway_id, subs, now, tell_gateway=False)
        return Judged(None, aftermath)

    def _count(self, gateway_id: int, named: list[Named], refused: Refused, now: int) -> None:
        if refused.fault is TopologyFault.WRONG_SIGNATURE and refused.entry is not None:
            self._throttle.count((gateway_id, named[refused.entry]), now)


def remove(tx: Tx, messages: list[Removing], now: int) -> list[Judged]:
    """Take sub-devices from gateways that give them up."""
    return [_remove(tx, message, now) for message in messages]


def _remove(tx: Tx, message: Removing, now: int) -> Judged:
    found = locked(tx, message.gateway_id, message.named)
    if found is None:
        return _GONE
    refused = refusal_to_remove(message.gateway_id, message.named, found)
    if refused is not None:
        return Judged(refused)
    sub_ids = [found[each].device_id for each in message.named]
    _, aftermath = changing.unbind(tx, message.gateway_id, sub_ids, now, tell_gateway=False)
    return Judged(None, aftermath)


def locked(tx: Tx, gateway_id: int, named: Sequence[Named]) -> dict[Named, Candidate] | None:
    """Return those devices that exist; they and the gateway change in no other server until the unit ends.

    None: the gateway was deleted while its message waited.
    """
    keys = possible_keys(named)
    found = [candidate.device_id for candidate in store.candidates(tx, keys)]
    if gateway_id not in store.lock(tx, [gateway_id, *found]):
        return None
    return {Named(*candidate.key): candidate for candidate in store.candidates(tx, keys)}


def keep_found(tx: Tx, messages: list[Finding], now: int) -> list[Judged]:
    """Keep what gateways found; what one has already is nothing new."""
    return [_keep_found(tx, message, now) for message in messages]


def _keep_found(tx: Tx, message: Finding, now: int) -> Judged:
    if not store.lock(tx, [message.gateway_id]):
        return _GONE
    products = joining.sub_products(tx, {key for key, _ in message.named if is_product_key(key)})
    refused = refusal_of_found(message.named, products)
    if refused is not None:
        return Judged(refused)
    registered = {ref.key: ref for ref in find(tx, [DeviceKey(*each) for each in message.named])}
    bonds = store.bonds(tx, [ref.id for ref in registered.values()])
    own = {bond.sub for bond in bonds if bond.gateway_id == message.gateway_id}
    found = [key for key in (DeviceKey(*each) for each in message.named) if key not in own]
    known = joining.known(tx, message.gateway_id)
    new = [key for key in found if key not in known]
    if found:
        joining.keep(tx, message.gateway_id, found, now)
    if new:
        _record_found(tx, message, [(key, registered.get(key)) for key in new], now)
    return Judged(None)


def _record_found(tx: Tx, message: Finding, new: list[tuple[DeviceKey, DeviceRef | None]], now: int) -> None:
    devices = [_spelled(key, ref) for key, ref in new]
    body = {**message.gateway._asdict(), "devices": devices}
    record_events(tx, [Event(now, GATEWAY_FOUND, message.product_id, message.gateway_id, body)])


def _spelled(key: DeviceKey, registered: DeviceRef | None) -> dict[str, str]:
    names = {"productKey": key.product_key, "deviceName": key.device_name}
    return names if registered is None else {"iotId": write_iot_id(registered.id), **names}


def record_answers(tx: Tx, answers: list[Answering], now: int) -> list[bool]:
    """Keep what gateways answer; False for what nobody waits for."""
    return [joining.answer(tx, *answer, now) for answer in answers]
