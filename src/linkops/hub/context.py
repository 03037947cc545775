"""What all connections of a hub share."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

from linkops.alink.topics import Channel
from linkops.clock import Clock
from linkops.devices.presence.service import Presence
from linkops.devices.topics.permissions import Permissions
from linkops.hub.calls import AddressedRoute, GatewayRoute, Route, Worker
from linkops.hub.counts import Counts
from linkops.hub.message_log import MessageLog
from linkops.hub.questions import Questions
from linkops.hub.quota import Quota
from linkops.hub.reception import Reception
from linkops.settings import Settings


@dataclass(slots=True)
class Context:
    """Services, settings and counts; one object a hub."""

    loop: asyncio.AbstractEventLoop
    clock: Clock
    settings: Settings
    presence: Presence
    greeters: tuple[Worker, ...]
    reception: Reception
    routes: Mapping[Channel, Route]
    gateway_routes: Mapping[Channel, GatewayRoute]
    quota: Quota
    message_log: MessageLog
    permissions: Permissions
    questions: Questions
    addressed_routes: Mapping[Channel, AddressedRoute]
    counts: Counts = field(default_factory=Counts)
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    stopping: bool = False
