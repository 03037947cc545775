"""What came over a connection, handled in the order in which it came.

Messages of one channel may wait for the same commit together; one of another channel waits until they are done. So
acknowledgements go out in order too (MQTT-4.6.0-2). When too much waits, the socket is not read.

A block of a file is made only when there is room for it: a device that asks for many and reads none, or asks faster
than its quota, has its requests wait here, not their large replies. Of the blocks that a device uploads, one at a time
is on its way to the disk.
"""

from collections import deque
from functools import partial
from typing import Any, Protocol

import structlog

from linkops.alink.jsontext import Malformed
from linkops.alink.topics import Address, Channel
from linkops.errors import Unavailable
from linkops.hub import admission
from linkops.hub.calls import Answer, Call
from linkops.hub.context import Context
from linkops.hub.logged_in import LoggedIn
from linkops.mqtt.packets import Publish

_log = structlog.get_logger(__name__)

MOST_WAITING = 32
"""Messages behind the one that is being worked on before the socket is not read any more."""
MOST_OUTSTANDING = 64
"""Messages of one device that wait for the same commit."""


class Sender(Protocol):
    """The connection that the messages came from."""

    @property
    def has_room(self) -> bool:
        """Whether the device reads what it is sent, and has not used up its quota."""
        ...

    def logged_in(self, product_key: str, device_name: str) -> LoggedIn | None:
        """Return a device that is logged in over it: its own, or a sub-device."""
        ...

    def acknowledge(self, message: Publish, sender: LoggedIn, answer: Answer | None) -> None:
        """Acknowledge a message that is stored, and answer it."""
        ...

    def deny(self, message: Publish, address: Address | None) -> None:
        """Drop a message that nobody on this connection may publish; None: nobody at all may."""
        ...

    def not_stored(self, error: Exception) -> None:
        """End: a message could not be stored."""
        ...

    def pace(self) -> None:
        """Read on, or stop reading, whichever fits now."""
        ...


class Inbox:
    """The messages of one connection on their way to the services and back."""

    __slots__ = ("_busy_channel", "_context", "_outstanding", "_sender", "_waiting")

    def __init__(self, context: Context, sender: Sender) -> None:
        self._context = context
        self._sender = sender
        self._waiting: deque[Publish] | None = None
        self._busy_channel: Channel | None = None
        self._outstanding = 0

    @property
    def idle(self) -> bool:
        """Whether nothing waits that will be done soon; for a device that takes nothing there is no waiting."""
        return not self._outstanding and (not self._waiting or not self._sender.has_room)

    @property
    def full(self) -> bool:
        """Whether so much waits that reading more makes no sense."""
        return self._waiting is not None and len(self._waiting) >= MOST_WAITING

    def put(self, message: Publish) -> None:
        """Handle a message, now or when it is its turn."""
        if self._waiting or not self._handle(message):
            if self._waiting is None:
                self._waiting = deque()
            self._waiting.append(message)
            self._sender.pace()

    def drop(self) -> None:
        """Forget what waits for its turn: the device sends it again."""
        self._waiting = None

    def _handle(self, message: Publish) -> bool:
        """Handle a message; False if it has to wait for those before it."""
        address = admission.published(message.topic)
        sender = self._publisher(address)
        if not self._may_begin(None if address is None or sender is None else address.channel):
            return False
        if address is None or sender is None:
            self._sender.deny(message, address)
            return True
        sender.heard_at_s = self._context.loop.time()
        wanted = self._routed(address, sender, message)
        if isinstance(wanted, Call):
            self._call(wanted, sender, message, address.channel)
            return True
        if self._outstanding:
            return False
        self._sender.acknowledge(message, sender, wanted)
        return True

    def _may_begin(self, channel: Channel | None) -> bool:
        if channel is Channel.FILE_DOWNLOAD:
            return not self._outstanding and self._sender.has_room
        if channel is Channel.FILE_UPLOAD_SEND:
            return not self._outstanding
        return not self._outstanding or (
            channel is self._busy_channel and channel is not None and self._outstanding < MOST_OUTSTANDING
        )

    def _publisher(self, address: Address | None) -> LoggedIn | None:
        """Return the device whose message this is; None if none on this connection may publish there."""
        device = None if address is None else self._sender.logged_in(address.product_key, address.device_name)
        if address is None or device is None:
            return None
        return device if self._context.permissions.may_publish(device.device.product_id, address) else None

    def _routed(self, address: Address, sender: LoggedIn, message: Publish) -> Call | Answer | None:
        route = self._context.routes.get(address.channel)
        addressed = self._context.addressed_routes.get(address.channel)
        try:
            if addressed is not None:
                return addressed(sender.device, address, message.payload, self._context.clock.now())
            return route and route(sender.device, message.payload, self._context.clock.now())
        except Malformed as error:
            self._context.counts.denied["malformed"] += 1
            _log.debug("malformed message", device=str(sender.device.key), topic=message.topic, why=str(error))
            return None

    def _call(self, call: Call, sender: LoggedIn, message: Publish, channel: Channel) -> None:
        try:
            call.worker.put(call.item, partial(self._done, call, sender, message))
        except Unavailable as error:
            self._sender.not_stored(error)
            return
        self._outstanding += 1
        self._busy_channel = channel

    def _done(self, call: Call, sender: LoggedIn, message: Publish, result: Any) -> None:
        self._outstanding -= 1
        if isinstance(result, Exception):
            self._sender.not_stored(result)
            return
        self._sender.acknowledge(message, sender, self._answer(call, result))
        if self._waiting and not self._outstanding:
            self.go_on()

    def _answer(self, call: Call, result: Any) -> Answer | None:
        if isinstance(result, bool):
            self._context.counts.reports[call.counted, result] += 1
        return None if call.reply is None else call.reply(result)

    def go_on(self) -> None:
        """Handle what waits, as far as it may begin now."""
        while self._waiting:
            # Taken out first: writing an answer may call this again, when the device takes it at once.
            message = self._waiting.popleft()
            if not self._handle(message):
                self._waiting.appendleft(message)
                break
        self._sender.pace()
