"""What is done when gateways want secrets for their sub-devices."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from linkops.alink.iot_ids import write_iot_id
from linkops.alink.jsontext import Malformed
from linkops.alink.messages import Named, Request, read_request, write_reply
from linkops.alink.registration import (
    MAX_RANDOM_CHARS,
    Proxied,
    RegistrationFault,
    SubSecret,
    read_named,
    read_proxied,
    write_fault,
    write_proxied,
    write_sub_secrets,
)
from linkops.alink.topics import Channel, topic_for
from linkops.alink.topology import write_refusal
from linkops.devices.credentials import digest_of
from linkops.devices.model import DeviceKey, NodeType
from linkops.devices.names import is_device_name, is_product_key
from linkops.devices.presence.model import Accepted
from linkops.devices.registration.judging import signed_text
from linkops.devices.registration.model import Outcome, Proof, Registered, Registration, Way
from linkops.devices.registration.service import Registrations, SubRegistrations, fault_in
from linkops.devices.topology.judging import Refused
from linkops.devices.topology.uplinks.model import Removing
from linkops.devices.topology.uplinks.service import TopologyUplinks
from linkops.hub.calls import Answer, Call, Route

_UNREGISTER = "thing.sub.unregister"

Asked = Callable[[Accepted, Request, Callable[[bytes], Answer | None]], Call | Answer | None]


def registration_routes(registrations: Registrations, gateways: TopologyUplinks) -> Mapping[Channel, Route]:
    """Return the routes of these channels."""

    def register(device: Accepted, request: Request, say: Callable[[bytes], Answer | None]) -> Call:
        wanted = [_vouched(device, named) for named in read_named(request.params)]
        item = SubRegistrations(wanted, together=True)
        return Call(registrations, item, "sub_register", lambda outcomes: say(_registered(request, outcomes)))

    def product_register(
        device: Accepted, request: Request, say: Callable[[bytes], Answer | None]
    ) -> Call | Answer | None:
        read = {proxied.named: _proven(device, proxied) for proxied in read_proxied(request.params)}
        faults = {named: wanted for named, wanted in read.items() if isinstance(wanted, RegistrationFault)}
        wanted = [each for each in read.values() if isinstance(each, Registration)]
        if not wanted:
            return say(write_proxied(request.id, [], list(faults.items())))
        item = SubRegistrations(wanted, together=False)
        reply = lambda outcomes: say(_proxied(request, wanted, outcomes, faults))  # noqa: E731 - a closure
        return Call(registrations, item, "product_register", reply)

    def unregister(device: Accepted, request: Request, say: Callable[[bytes], Answer | None]) -> Call:
        item = Removing(device.device_id, [Named(*_key(named)) for named in read_named(request.params)])
        return Call(gateways.remove, item, "sub_unregister", lambda refused: say(_left(request, refused)))

    return {
        Channel.SUB_REGISTER: _asked(Channel.SUB_REGISTER, register),
        Channel.SUB_UNREGISTER: _asked(Channel.SUB_UNREGISTER, unregister),
        Channel.SUB_PRODUCT_REGISTER: _asked(Channel.SUB_PRODUCT_REGISTER, product_register),
    }


def _asked(channel: Channel, ask: Asked) -> Route:
    """Return the route of a request that only gateways may make; whatever is wrong with it is answered."""

    def route(device: Accepted, payload: bytes, _now: int) -> Call | Answer | None:
        request = Request()
        say: Callable[[bytes], Answer | None] = lambda reply: (  # noqa: E731 - a closure over what is read below
            Answer(topic_for(channel, *device.key, reply=True), reply) if request.wants_reply else None
        )
        try:
            request = read_request(payload)
            if device.node_type is not NodeType.GATEWAY:
                return say(write_fault(request.id, RegistrationFault.NO_GATEWAY))
            return ask(device, request, say)
        except Malformed:
            return say(write_fault(request.id, RegistrationFault.BAD_PARAMETERS))

    return route


def _vouched(gateway: Accepted, named: Named) -> Registration:
    return Registration(_key(named), Way.GATEWAY, "", None, gateway.device_id)


def _proven(gateway: Accepted, proxied: Proxied) -> Registration | RegistrationFault:
    digest = digest_of(proxied.sign_method)
    if digest is None:
        return RegistrationFault.SIGN_METHOD
    try:
        key = _key(proxied.named)
    except Malformed:
        return RegistrationFault.BAD_PARAMETERS
    if not 0 < len(proxied.random) <= MAX_RANDOM_CHARS:
        return RegistrationFault.BAD_PARAMETERS
    text = signed_text({"deviceName": key.device_name, "productKey": key.product_key, "random": proxied.random})
    return Registration(key, Way.GATEWAY, "", Proof(text, digest, proxied.sign.encode()), gateway.device_id)


def _key(named: Named) -> DeviceKey:
    """Return the key of a device.

    Raises:
        Malformed: nothing can have these names.
    """
    if not is_product_key(named.product_key) or not is_device_name(named.device_name):
        raise Malformed("params: these are no names of a device")
    return DeviceKey(*named)


def _registered(request: Request, outcomes: Sequence[Outcome]) -> bytes:
    fault = fault_in(outcomes)
    return write_sub_secrets(request.id, _secrets(outcomes)) if fault is None else write_fault(request.id, fault)


def _proxied(
    request: Request,
    wanted: Sequence[Registration],
    outcomes: Sequence[Outcome],
    faults: Mapping[Named, Any],
) -> bytes:
    failed = [
        (Named(*each.key), outcome)
        for each, outcome in zip(wanted, outcomes, strict=True)
        if isinstance(outcome, RegistrationFault)
    ]
    return write_proxied(request.id, _secrets(outcomes), [*faults.items(), *failed])


def _left(request: Request, refused: Refused | None) -> bytes:
    """Parting with sub-devices is what ``thing/topo/delete`` does, under another name."""
    if refused is not None:
        return write_refusal(request.id, refused.fault, _UNREGISTER, refused.entry)
    return write_reply(request.id, {}, method=_UNREGISTER)


def _secrets(outcomes: Sequence[Outcome]) -> list[SubSecret]:
    return [
        SubSecret(write_iot_id(each.device_id), *each.key, each.secret)
        for each in outcomes
        if isinstance(each, Registered)
    ]
