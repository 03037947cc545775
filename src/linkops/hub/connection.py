"""One connection, of a device or a gateway: socket → codec → session → inbox, and after the commit back again."""

import asyncio
from collections.abc import Sequence
from typing import cast

import structlog
from msgspec.structs import replace

from linkops.alink.messages import write_identity
from linkops.alink.topics import Address, Channel, topic_for
from linkops.bus import Downlink
from linkops.devices.model import NodeType
from linkops.devices.presence.model import Accepted, LoginResult, Logout, Refusal, StoredDownlink
from linkops.errors import Unavailable
from linkops.hub.allowance import Allowance
from linkops.hub.calls import Answer
from linkops.hub.context import Context
from linkops.hub.downlinks import Downlinks
from linkops.hub.gateway_inbox import GatewayInbox
from linkops.hub.inbox import Inbox
from linkops.hub.logged_in import LoggedIn
from linkops.hub.login import (
    REASONS,
    REGISTRATIONS,
    NotAdmitted,
    attempt_of,
    check_transport,
    hears_of_resumption,
    names_nobody,
    session_expiry_s,
)
from linkops.hub.message_log import Recorder
from linkops.hub.online import Online
from linkops.hub.peers import certificate_of
from linkops.hub.reception import Guest
from linkops.hub.sub_devices import SubDevices
from linkops.hub.subscribing import Subscriber
from linkops.mqtt.packets import Connect, Publish, Subscribe, Unsubscribe
from linkops.mqtt.reasons import Reason
from linkops.mqtt.session import Closed, Delivered, Event, ServerSession

_log = structlog.get_logger(__name__)

WRITE_BUFFER_BYTES = 65_536
JUDGED_WITHIN_S = 60.0
GUESTS_LEAVE_WITHIN_S = 5.0
"""A device that has registered says goodbye itself, or is sent away after so long."""
GONE_WITHIN_S = 5.0
"""How long a device that reads nothing may hold up the end of its connection."""


class Connection(asyncio.Protocol):
    """The protocol object of one socket.

    Attributes:
        number: of this connection, never used twice while the server runs.
        sub_devices: who is logged in over it besides; None where its own device is no gateway.
    """

    __slots__ = (
        "_allowance",
        "_choked",
        "_connect",
        "_context",
        "_downlinks",
        "_guest",
        "_inbox",
        "_online",
        "_own",
        "_session",
        "_subscriber",
        "_transport",
        "_why",
        "address",
        "number",
        "opened_s",
        "sub_devices",
    )

    def __init__(self, context: Context, online: Online) -> None:
        self._context = context
        self._online = online
        self.opened_s = context.loop.time()
        self._session = ServerSession(self.opened_s, context.settings.max_packet_bytes)
        self._transport: asyncio.Transport | None = None
        self._connect: Connect | None = None
        self._subscriber: Subscriber | None = None
        self._own: LoggedIn | None = None
        self._inbox: Inbox | None = None
        self._downlinks = Downlinks(context, self._session)
        self._allowance = Allowance(context.loop, context.quota, self._go_on)
        self._guest: Guest | None = None
        self._choked = False
        self._why = "connection lost"
        self.number = next(context.numbers)
        self.address = ""
        self.sub_devices: SubDevices | None = None

    # The socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start: the device has a few seconds for its CONNECT."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(WRITE_BUFFER_BYTES)
        peer = transport.get_extra_info("peername")
        self.address = peer[0] if peer else ""
        self._online.opened(self)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        now_s = self._context.loop.time()
        events = self._session.receive_data(data, now_s)
        for event in events:
            self._on(event)
        self.flush()
        if self._allowance.charge(now_s, len(events), len(data)):
            self.pace()

    def eof_received(self) -> bool:
        """Nothing more comes: close, as there is nobody to answer."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's interface
        """End; whatever was committed stays, whatever was not acknowledged the device sends again."""
        self._transport = None
        self._allowance.close()
        if self._inbox is not None:
            self._inbox.drop()
        if self.sub_devices is not None:
            self.sub_devices.close()
        self._online.closed(self)
        if self._guest is not None:
            self._guest.leave()
        if self._own is not None:
            self._log_out(self._own.logout(self._why))

    def pause_writing(self) -> None:
        """Read no more from a device that does not read what it is sent."""
        self._choked = True
        self.pace()

    def resume_writing(self) -> None:
        """Go on."""
        self._choked = False
        self._go_on()

    @property
    def own(self) -> LoggedIn:
        """Its own device, once that is logged in."""
        assert self._own is not None  # noqa: S101 - nobody asks before
        return self._own

    @property
    def device(self) -> Accepted | None:
        """Who its own device is, once it is logged in."""
        return None if self._own is None else self._own.device

    def logged_in(self, product_key: str, device_name: str) -> LoggedIn | None:
        """Return a device that is logged in over it: its own, or a sub-device."""
        own = self._own
        if own is not None and own.device.key == (product_key, device_name):
            return own
        return None if self.sub_devices is None else self.sub_devices.find(product_key, device_name)

    def _by_id(self, device_id: int) -> LoggedIn | None:
        own = self._own
        if own is not None and own.device.device_id == device_id:
            return own
        return None if self.sub_devices is None else self.sub_devices.by_id(device_id)

    @property
    def open(self) -> bool:
        """Whether it still carries anything."""
        return self._transport is not None and not self._session.closed

    @property
    def deadline_s(self) -> float | None:
        """When the connection ends unless something comes; None once it has ended."""
        if self._transport is None:
            return None
        if self._connect is None:
            return self.opened_s + self._context.settings.connect_timeout_s
        if self._own is None:
            # The device has done its part; in a storm of logins the answer takes a while.
            return self.opened_s + JUDGED_WITHIN_S
        return self._session.deadline_s

    @property
    def idle(self) -> bool:
        """Whether nothing that it sent still waits for a commit."""
        return self._inbox is None or self._inbox.idle

    def heard_at_s(self, device_id: int) -> float:
        """Return when a device last said something, on the loop's clock; for its own, anything that came counts."""
        sub = None if self.sub_devices is None else self.sub_devices.by_id(device_id)
        return self._session.heard_at_s if sub is None else sub.heard_at_s

    def end(self, reason: Reason, why: str) -> None:
        """Close from our side, saying why where the version of MQTT can."""
        if self._transport is None:
            return
        self._why = why
        self._context.counts.closed[why] += 1
        self._session.disconnect(reason)
        self._close()

    def _close(self) -> None:
        """Send what there is to say, then close; by force where the device does not take it."""
        self.flush()
        transport = self._transport
        if transport is not None:
            transport.close()
            if transport.get_write_buffer_size():
                self._context.loop.call_later(GONE_WITHIN_S, transport.abort)

    def flush(self) -> None:
        """Send what the session has to say."""
        out = self._session.data_to_send()
        if out and self._transport is not None:
            self._transport.write(out)

    @property
    def has_room(self) -> bool:
        """Whether the device reads what it is sent, and has not used up its quota."""
        return not self._choked and not self._allowance.used_up

    def pace(self) -> None:
        """Read on, or stop reading, whichever fits now."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        over_quota = self._allowance.rest()
        full = self._inbox is not None and self._inbox.full
        # What comes behind a CONNECT may wait in the socket until it is accepted.
        served = self._own is not None or (self._guest is not None and self._guest.served)
        wanted = served and not (self._choked or full or over_quota)
        if wanted and not transport.is_reading():
            transport.resume_reading()
        elif not wanted and transport.is_reading():
            transport.pause_reading()

    def _go_on(self) -> None:
        """Do what had to wait until the device has room again."""
        if self._inbox is None:
            self.pace()
        else:
            self._inbox.go_on()

    # What the session says

    def _on(self, event: Event) -> None:
        if isinstance(event, Publish) and self._inbox is not None:
            self._inbox.put(event)
        elif isinstance(event, Delivered):
            self._downlinks.delivered(event)
        elif isinstance(event, Subscribe | Unsubscribe) and self._subscriber is not None:
            self._subscriber.handle(event)
        elif isinstance(event, Connect):
            self._log_in(event)
        elif isinstance(event, Closed):
            self._ended(event)

    def _ended(self, event: Closed) -> None:
        self._why = "disconnected by device" if event.reason == Reason.SUCCESS else event.why
        if event.reason != Reason.SUCCESS:
            self._context.counts.closed["protocol_error"] += 1
            _log.info("protocol error", address=self.address, device=self._name(), reason=event.reason, why=event.why)
        if self._connect is not None and event.session_expiry_s is not None:
            properties = self._connect.properties
            expiry_s = min(event.session_expiry_s, properties.session_expiry_s or 0)
            self._connect = replace(self._connect, properties=replace(properties, session_expiry_s=expiry_s))
            if self._own is not None:
                self._own.expiry_s = self._session_expiry_s
        self._close()

    def _name(self) -> str:
        return "" if self._own is None else str(self._own.device.key)

    # Login and logout

    def _log_in(self, connect: Connect) -> None:
        self._connect = connect
        self.pace()
        settings = self._context.settings
        try:
            certificate = certificate_of(self._transport)
            attempt = attempt_of(connect, self.address, self.number, settings.session_expiry_s, certificate)
            check_transport(attempt.login.method, secure=self._is_secure)
            if attempt.login.method in REGISTRATIONS:
                self._guest = self._context.reception.receive(attempt, self._received)
            else:
                self._context.presence.login(attempt, self._judged)
        except NotAdmitted as refused:
            self._refuse(refused.reason, refused.why)
        except Unavailable as refused:
            self._refuse(Reason.SERVER_UNAVAILABLE, refused.code)

    @property
    def _is_secure(self) -> bool:
        """Whether what is sent is encrypted all the way; what stands before a WebSocket we do not know."""
        return self._transport is not None and self._transport.get_extra_info("sslcontext") is not None

    def _received(self, outcome: Answer | NotAdmitted) -> None:
        """Hand over what a device that registered logs in with from now on, and let it go."""
        if isinstance(outcome, NotAdmitted):
            self._refuse(outcome.reason, outcome.why)
            return
        # Whatever else it sends here is heard by nobody: there is no inbox, and no subscriber.
        self._session.accept()
        self._session.publish(outcome.topic, outcome.payload)
        self.flush()
        self.pace()
        self._context.loop.call_later(GUESTS_LEAVE_WITHIN_S, self.end, Reason.SUCCESS, "registered")

    def _judged(self, result: LoginResult | Exception) -> None:
        if isinstance(result, Accepted):
            if self._transport is None:
                self._log_out(self._logout_of(result))
            elif self._context.stopping:
                self._log_out(self._logout_of(result))
                self._refuse(Reason.SERVER_SHUTTING_DOWN, "stopping")
            else:
                self._welcome(result)
        elif isinstance(result, Refusal):
            self._refuse(REASONS[result], result.value)
        else:
            _log.error("login not judged", address=self.address, error=repr(result))
            self._refuse(Reason.SERVER_UNAVAILABLE, "storage_unavailable")

    def _refuse(self, reason: Reason, why: str) -> None:
        self._context.counts.refused[why] += 1
        _log.debug("login refused", address=self.address, why=why)
        self._session.refuse(reason)
        self._close()

    def _welcome(self, device: Accepted) -> None:
        recorder = self._context.message_log.of(device.device_id)
        self._own = LoggedIn(device, self.number, self._session_expiry_s, recorder, self.opened_s)
        if device.node_type is NodeType.GATEWAY:
            self.sub_devices = SubDevices(self._context, self)
            self._inbox = GatewayInbox(self._context, self, self._own, self.sub_devices)
        else:
            self._inbox = Inbox(self._context, self)
        self._subscriber = Subscriber(self._context, self._session, self)
        self._context.counts.accepted += 1
        self._online.logged_in(self, device.device_id)
        events = self._session.accept(
            session_present=device.session_present and (self._connect is None or hears_of_resumption(self._connect)),
            session_expiry_s=self._session_expiry_s or None,
        )
        if self._connect is not None and names_nobody(self._connect):
            identity = Downlink(device.device_id, topic_for(Channel.IDENTITY), write_identity(*device.key), 0)
            self._downlinks.send(identity, self._own)
        self.flush()
        self._greet(device)
        for event in events:
            self._on(event)
        self.flush()
        self.pace()

    def _greet(self, device: Accepted) -> None:
        try:
            for greeter in self._context.greeters:
                greeter.put(device.device_id, _ignore)
        except Unavailable as error:
            # Somebody did not hear of it: when it comes again, they will.
            self.not_stored(error)
        if device.session_present:
            self._online.send_stored(self, device.device_id)

    def _logout_of(self, device: Accepted) -> Logout:
        return Logout(device, self.number, self._session_expiry_s, self._why)

    def _log_out(self, logout: Logout) -> None:
        try:
            self._context.presence.logout(logout, _ignore)
        except Unavailable:
            # Nothing is lost: what is still marked online is put offline at the next start.
            _log.warning("logout not stored", device=str(logout.device.key))
        if self._own is not None and logout.session_expiry_s:
            self._keep([self._own])

    def _keep(self, left: Sequence[LoggedIn]) -> None:
        kept = self._downlinks.take_unacknowledged(left)
        if kept:
            self._online.keep(kept)

    # What its sub-devices say

    def carries(self, arrived: LoggedIn) -> None:
        """Take note of a sub-device: what is meant for it comes here from now on."""
        self._online.logged_in(self, arrived.device.device_id)
        self._greet(arrived.device)

    def carries_no_more(self, left: Sequence[LoggedIn]) -> None:
        """Take note that sub-devices have left, and keep what they did not acknowledge."""
        self._online.left(self, [each.device.device_id for each in left])
        self._keep(left)

    def set_share(self, share: int) -> None:
        """Let the connection talk as much as so many devices."""
        self._allowance.share = share
        self._session.carry(share)

    @property
    def _session_expiry_s(self) -> int:
        if self._connect is None:
            return 0
        return session_expiry_s(self._connect, self._context.settings.session_expiry_s)

    # What inbox and subscriber say

    def acknowledge(self, message: Publish, sender: LoggedIn, answer: Answer | None) -> None:
        """Acknowledge a message that is stored, then answer it."""
        self._context.counts.uplinks += 1
        if sender.recorder is not None:
            sender.recorder.add(message.topic, message.payload, message.qos, "accepted", uplink=True)
        if message.qos:
            self._session.acknowledge(message.packet_id)
        if answer is not None:
            self._answer(answer, message.qos, sender)
        self.flush()

    def _answer(self, answer: Answer, qos: int, asker: LoggedIn) -> None:
        if answer.is_block:
            self._allowance.charge_block(len(answer.payload))
            self._context.counts.block_bytes += len(answer.payload)
        if self._downlinks.wants(answer.topic, asker):
            self._downlinks.send(Downlink(asker.device.device_id, answer.topic, answer.payload, qos), asker)

    def deny(self, message: Publish, address: Address | None) -> None:
        """Drop a message that nobody on this connection may publish; MQTT 5 can say so, and a gateway is told."""
        self._context.counts.denied["publish"] += 1
        _log.info("publish denied", device=self._name(), topic=message.topic)
        if self.own.recorder is not None:
            self.own.recorder.add(message.topic, message.payload, message.qos, "denied", uplink=True)
        if message.qos:
            self._session.acknowledge(message.packet_id, Reason.NOT_AUTHORIZED)
        if self.sub_devices is not None and address is not None and self.logged_in(*address[1:3]) is None:
            self.sub_devices.refuse(address.product_key, address.device_name)
        self.flush()

    def not_stored(self, error: Exception) -> None:
        """Close without an acknowledgement, so that the device sends it again."""
        if isinstance(error, Unavailable):
            _log.warning("uplink not stored", device=self._name(), code=error.code)
        else:
            _log.error("uplink failed", device=self._name(), exc_info=error)
        self.end(Reason.SERVER_UNAVAILABLE, "storage_unavailable")

    # Downlinks

    def hears(self, device_id: int, topic: str) -> bool:
        """Return whether a device wants messages on ``topic``."""
        device = self._by_id(device_id)
        return device is not None and self._downlinks.wants(topic, device)

    def deliver(self, downlink: Downlink) -> bool:
        """Write a message to a device; False if it does not want it or there is no room for it now."""
        device = self._by_id(downlink.device_id)
        if device is None or self._transport is None or self._choked:
            return False
        sent = self._downlinks.deliver(downlink, device)
        self.flush()
        return sent

    def deliver_stored(self, device_id: int, stored: StoredDownlink) -> bool:
        """Write a message that was kept for a device; False if it has gone, or there is no room."""
        device = self._by_id(device_id)
        sent = device is not None and self._downlinks.deliver_stored(stored, device)
        self.flush()
        return sent

    def record(self, device_id: int, recorder: Recorder | None) -> None:
        """Keep the messages of a device from now on, or do not."""
        device = self._by_id(device_id)
        if device is not None:
            device.recorder = recorder


def _ignore(_result: object) -> None:
    """Nobody waits for the outcome."""
