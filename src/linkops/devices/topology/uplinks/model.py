"""What the hub hands over: messages of gateways, read and not yet judged."""

from collections.abc import Sequence
from typing import NamedTuple

from linkops.alink.messages import MessageId, Named
from linkops.alink.topology import Addition
from linkops.devices.model import DeviceKey
from linkops.devices.topology.model import RequestKind


class Adding(NamedTuple):
    """A gateway wants these sub-devices."""

    gateway_id: int
    gateway: DeviceKey
    additions: Sequence[Addition]


class Removing(NamedTuple):
    """A gateway gives these sub-devices up."""

    gateway_id: int
    named: Sequence[Named]


class Finding(NamedTuple):
    """A gateway saw these devices."""

    gateway_id: int
    product_id: int
    gateway: DeviceKey
    named: Sequence[Named]


class Answering(NamedTuple):
    """A gateway answers a request of ours."""

    gateway_id: int
    kind: RequestKind
    message_id: MessageId
    code: int
