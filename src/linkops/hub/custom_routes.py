"""What is done with messages whose topic says more than their channel: custom topics, and answers of devices."""

from collections.abc import Mapping

from linkops.alink.topics import Address, Channel
from linkops.devices.incoming import Incoming, Received
from linkops.devices.presence.model import Accepted
from linkops.hub.calls import AddressedRoute, Call
from linkops.hub.questions import Questions


def custom_routes(incoming: Incoming, questions: Questions) -> Mapping[Channel, AddressedRoute]:
    """Return the routes of these channels."""

    def message(device: Accepted, address: Address, payload: bytes, now: int) -> Call | None:
        if not incoming.wanted:
            return None
        received = Received(device.device_id, device.product_id, device.key, address.rest, payload, now)
        return Call(incoming.record, received, "message")

    def answer(device: Accepted, address: Address, payload: bytes, _now: int) -> None:
        questions.answered(device.device_id, address.rest, payload)

    return {Channel.CUSTOM: message, Channel.RRPC: answer, Channel.CUSTOM_RRPC: answer}
