"""What came over a gateway's connection: its sub-devices do not wait for each other's commits.

Each device's messages keep their order, as in `Inbox`; those of different sub-devices are worked on at the same time.
Acknowledgements go out in the order in which the messages came all the same (MQTT-4.6.0-2). What the gateway says about
itself and its sub-devices, such as their logins, is worked on alone: what comes behind may depend on it.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from linkops.alink.topics import Address, Channel
from linkops.errors import Unavailable
from linkops.hub import admission
from linkops.hub.calls import Answer, Call
from linkops.hub.context import Context
from linkops.hub.inbox import MOST_OUTSTANDING, Inbox, Sender
from linkops.hub.logged_in import LoggedIn
from linkops.hub.sub_devices import SubDevices
from linkops.mqtt.packets import Publish

MOST_BLOCKS = 4
"""Blocks of files that are fetched or stored at the same time for one gateway; one a sub-device."""
_BLOCKS = frozenset({Channel.FILE_DOWNLOAD, Channel.FILE_UPLOAD_SEND})


class _Begun:
    """A message that is being worked on; ``finish`` acknowledges it, once that may be done."""

    __slots__ = ("finish", "message")

    def __init__(self, message: Publish) -> None:
        self.message = message
        self.finish: Callable[[], None] | None = None


class GatewayInbox(Inbox):
    """The messages of a gateway and its sub-devices on their way to the services and back."""

    __slots__ = ("_busy", "_in_order", "_own", "_subs")

    def __init__(self, context: Context, sender: Sender, own: LoggedIn, subs: SubDevices) -> None:
        super().__init__(context, sender)
        self._own = own
        self._subs = subs
        self._busy: dict[int, tuple[Channel, int]] = {}  # by number of the login: what of, and how much, is under way
        self._in_order: deque[_Begun] = deque()

    def _handle(self, message: Publish) -> bool:
        address = admission.published(message.topic)
        sender = self._publisher(address)
        if address is None or sender is None:
            if self._own_is_busy:
                return False
            self._finish(self._begin(message), partial(self._sender.deny, message, address))
            return True
        if not self._may_begin_for(sender, address.channel, message):
            return False
        sender.heard_at_s = self._context.loop.time()
        wanted = self._routed(address, sender, message)
        begun = self._begin(message)
        if isinstance(wanted, Call):
            self._work(wanted, sender, address.channel, begun)
        else:
            self._finish(begun, partial(self._sender.acknowledge, message, sender, wanted))
        return True

    @property
    def _own_is_busy(self) -> bool:
        return self._own.number in self._busy

    def _may_begin_for(self, sender: LoggedIn, channel: Channel, message: Publish) -> bool:
        if channel in _BLOCKS and not self._may_move_block(sender, channel, message):
            return False
        if not self._busy:
            return True
        own = sender is self._own
        alone = own or self._own_is_busy
        if alone and not (own and len(self._busy) == 1):
            return False
        busy_with, _ = self._busy.get(sender.number, (channel, 0))
        return busy_with is channel and self._outstanding < MOST_OUTSTANDING

    def _may_move_block(self, sender: LoggedIn, channel: Channel, message: Publish) -> bool:
        """Whether a block may be fetched, as there is room for it, or stored; few are at a time."""
        if sender.number in self._busy or sum(busy in _BLOCKS for busy, _ in self._busy.values()) >= MOST_BLOCKS:
            return False
        in_turn = not message.qos or not self._outstanding
        return channel is Channel.FILE_UPLOAD_SEND or (self._sender.has_room and in_turn)

    def _routed(self, address: Address, sender: LoggedIn, message: Publish) -> Call | Answer | None:
        route = self._context.gateway_routes.get(address.channel)
        if route is None or sender is not self._own:
            return super()._routed(address, sender, message)
        return route(self._subs, message.payload)

    def _begin(self, message: Publish) -> _Begun:
        begun = _Begun(message)
        if message.qos:
            self._in_order.append(begun)
        return begun

    def _work(self, call: Call, sender: LoggedIn, channel: Channel, begun: _Begun) -> None:
        try:
            call.worker.put(call.item, partial(self._worked, call, sender, begun))
        except Unavailable as error:
            self._sender.not_stored(error)
            return
        self._outstanding += 1
        _, count = self._busy.get(sender.number, (channel, 0))
        self._busy[sender.number] = (channel, count + 1)

    def _worked(self, call: Call, sender: LoggedIn, begun: _Begun, result: Any) -> None:
        self._outstanding -= 1
        channel, count = self._busy.pop(sender.number)
        if count > 1:
            self._busy[sender.number] = (channel, count - 1)
        if isinstance(result, Exception):
            self._sender.not_stored(result)
            return
        answer = self._answer(call, result)
        self._finish(begun, partial(self._sender.acknowledge, begun.message, sender, answer))
        if self._waiting:
            self.go_on()

    def _finish(self, begun: _Begun, finish: Callable[[], None]) -> None:
        """Acknowledge a message, and those behind it that waited for it; one of QoS 0 waits for nobody."""
        if not begun.message.qos:
            finish()
            return
        begun.finish = finish
        while self._in_order and (finish_next := self._in_order[0].finish) is not None:
            self._in_order.popleft()
            finish_next()
