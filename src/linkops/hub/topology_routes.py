"""What is done with messages of gateways about their sub-devices."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from linkops.alink.jsontext import Malformed
from linkops.alink.messages import Named, Request, read_reply, read_request, write_reply
from linkops.alink.topics import Channel, topic_for
from linkops.alink.topology import (
    TopologyFault,
    read_additions,
    read_named,
    write_named_reply,
    write_refusal,
)
from linkops.devices.model import NodeType
from linkops.devices.presence.model import Accepted
from linkops.devices.topology.judging import Refused
from linkops.devices.topology.model import RequestKind
from linkops.devices.topology.uplinks.model import Adding, Answering, Finding, Removing
from linkops.devices.topology.uplinks.service import TopologyUplinks
from linkops.hub.calls import Answer, Call, Route

Asked = Callable[[Accepted, Request], Call | Answer]


def topology_routes(gateways: TopologyUplinks) -> Mapping[Channel, Route]:
    """Return the routes of these channels."""
    most = gateways.most_entries

    def add(device: Accepted, request: Request) -> Call:
        additions = read_additions(request.params, most)
        named = [addition.named for addition in additions]
        item = Adding(device.device_id, device.key, additions)
        return Call(gateways.add, item, "topo_add", _reply(Channel.TOPO_ADD, device, request, named))

    def delete(device: Accepted, request: Request) -> Call:
        named = read_named(request.params, most)
        item = Removing(device.device_id, named)
        return Call(gateways.remove, item, "topo_delete", _reply(Channel.TOPO_DELETE, device, request, named))

    def get(device: Accepted, request: Request) -> Call:
        def reply(devices: Sequence[tuple[str, str]]) -> Answer | None:
            return _answer(Channel.TOPO_GET, device, request, None, devices)

        return Call(gateways.topologies, device.device_id, "topo_get", reply)

    def found(device: Accepted, request: Request) -> Call:
        named = read_named(request.params, most)
        item = Finding(device.device_id, device.product_id, device.key, named)
        return Call(gateways.found, item, "list_found", _reply(Channel.LIST_FOUND, device, request, None))

    def answered(kind: RequestKind) -> Route:
        def answer(device: Accepted, payload: bytes, _now: int) -> Call:
            reply = read_reply(payload)
            item = Answering(device.device_id, kind, reply.id, _code(reply.code))
            return Call(gateways.answer, item, f"gateway_{kind}_reply")

        return answer

    return {
        Channel.TOPO_ADD: _asked(Channel.TOPO_ADD, add),
        Channel.TOPO_DELETE: _asked(Channel.TOPO_DELETE, delete),
        Channel.TOPO_GET: _asked(Channel.TOPO_GET, get),
        Channel.LIST_FOUND: _asked(Channel.LIST_FOUND, found),
        Channel.TOPO_CHANGE: answered(RequestKind.CHANGE),
        Channel.TOPO_ADD_NOTIFY: answered(RequestKind.ADD),
        Channel.GATEWAY_PERMIT: answered(RequestKind.PERMIT),
    }


_METHODS = {
    Channel.TOPO_ADD: "thing.topo.add",
    Channel.TOPO_DELETE: "thing.topo.delete",
    Channel.TOPO_GET: "thing.topo.get",
    Channel.LIST_FOUND: "thing.list.found",
}


def _asked(channel: Channel, ask: Asked) -> Route:
    """Return the route of a request that only gateways may make; whatever is wrong with it is answered."""

    def route(device: Accepted, payload: bytes, _now: int) -> Call | Answer | None:
        request = Request()
        try:
            request = read_request(payload)
            if device.node_type is not NodeType.GATEWAY:
                return _answer(channel, device, request, Refused(TopologyFault.NO_GATEWAY), None)
            return ask(device, request)
        except Malformed:
            return _answer(channel, device, request, Refused(TopologyFault.BAD_PARAMETERS), None)

    return route


def _reply(
    channel: Channel, device: Accepted, request: Request, named: Sequence[Named] | None
) -> Callable[[Any], Answer | None]:
    """Return what answers once it is known whether the message was refused; ``named`` None: with no devices."""
    return lambda refused: _answer(channel, device, request, refused, named)


def _answer(
    channel: Channel,
    device: Accepted,
    request: Request,
    refused: Refused | None,
    named: Sequence[tuple[str, str]] | None,
) -> Answer | None:
    if not request.wants_reply:
        return None
    topic, method = topic_for(channel, *device.key, reply=True), _METHODS[channel]
    if refused is not None:
        return Answer(topic, write_refusal(request.id, refused.fault, method, refused.entry))
    if named is None:
        return Answer(topic, write_reply(request.id, None, method=method))
    return Answer(topic, write_named_reply(request.id, named, method))


def _code(code: int | str) -> int:
    try:
        return int(code)
    except ValueError:
        raise Malformed("code is no number") from None
