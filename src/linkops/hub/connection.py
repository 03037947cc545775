"""One device's connection: socket → codec → session → inbox, and after the commit back again."""

import asyncio
from typing import cast

import structlog
from msgspec.structs import replace

from linkops.alink.messages import write_identity
from linkops.alink.topics import Channel, topic_for
from linkops.bus import Downlink
from linkops.devices.presence.model import Accepted, LoginResult, Logout, Refusal, StoredDownlink
from linkops.errors import Unavailable
from linkops.hub.allowance import Allowance
from linkops.hub.calls import Answer
from linkops.hub.context import Context
from linkops.hub.inbox import Inbox
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
        device: who it is, once it is logged in.
    """

    __slots__ = (
        "_allowance",
        "_choked",
        "_connect",
        "_context",
        "_guest",
        "_held",
        "_inbox",
        "_online",
        "_recorder",
        "_session",
        "_subscriber",
        "_transport",
        "_why",
        "address",
        "device",
        "number",
        "opened_s",
    )

    def __init__(self, context: Context, online: Online) -> None:
        self._context = context
        self._online = online
        self.opened_s = context.loop.time()
        self._session = ServerSession(self.opened_s, context.settings.max_packet_bytes)
        self._transport: asyncio.Transport | None = None
        self._connect: Connect | None = None
        self._subscriber: Subscriber | None = None
        self._recorder: Recorder | None = None
        self._inbox: Inbox | None = None
        self._held: dict[int, Downlink] | None = None
        self._allowance = Allowance(context.loop, context.quota, self._go_on)
        self._guest: Guest | None = None
        self._choked = False
        self._why = "connection lost"
        self.number = next(context.numbers)
        self.address = ""
        self.device: Accepted | None = None

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
        self._online.closed(self)
        if self._guest is not None:
            self._guest.leave()
        if self.device is not None:
            self._log_out(self.device)

    def pause_writing(self) -> None:
        """Read no more from a device that does not read what it is sent."""
        self._choked = True
        self.pace()

    def resume_writing(self) -> None:
        """Go on."""
        self._choked = False
        self._go_on()

    @property
    def deadline_s(self) -> float | None:
        """When the connection ends unless something comes; None once it has ended."""
        if self._transport is None:
            return None
        if self._connect is None:
            return self.opened_s + self._context.settings.connect_timeout_s
        if self.device is None:
            # The device has done its part; in a storm of logins the answer takes a while.
            return self.opened_s + JUDGED_WITHIN_S
        return self._session.deadline_s

    @property
    def idle(self) -> bool:
        """Whether nothing that it sent still waits for a commit."""
        return self._inbox is None or self._inbox.idle

    @property
    def heard_at_s(self) -> float:
        """When something last came, on the loop's clock."""
        return self._session.heard_at_s

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
        served = self.device is not None or (self._guest is not None and self._guest.served)
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
            self._delivered(event)
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
        self._close()

    def _name(self) -> str:
        return "" if self.device is None else str(self.device.key)

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
                self._log_out(result)
            elif self._context.stopping:
                self._log_out(result)
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
        self.device = device
        self._inbox = Inbox(self._context, device, self)
        lasts = bool(self._session_expiry_s)
        self._subscriber = Subscriber(self._context, device, self._session, self, lasts=lasts)
        self._recorder = self._context.message_log.of(device.device_id)
        self._context.counts.accepted += 1
        self._online.logged_in(self, device)
        events = self._session.accept(
            session_present=device.session_present and (self._connect is None or hears_of_resumption(self._connect)),
            session_expiry_s=self._session_expiry_s or None,
        )
        if self._connect is not None and names_nobody(self._connect):
            self._send(Downlink(0, topic_for(Channel.IDENTITY), write_identity(*device.key), 0), None)
        self.flush()
        for greeter in self._context.greeters:
            greeter.put(device.device_id, _ignore)
        if device.session_present:
            self._online.send_stored(self, device.device_id)
        for event in events:
            self._on(event)
        self.flush()
        self.pace()

    def _log_out(self, device: Accepted) -> None:
        logout = Logout(device, self.number, self._session_expiry_s, self._why)
        try:
            self._context.presence.logout(logout, _ignore)
        except Unavailable:
            # Nothing is lost: what is still marked online is put offline at the next start.
            _log.warning("logout not stored", device=str(device.key))
        if self._held and self._session_expiry_s:
            self._online.keep(list(self._held.values()))

    @property
    def _session_expiry_s(self) -> int:
        if self._connect is None:
            return 0
        return session_expiry_s(self._connect, self._context.settings.session_expiry_s)

    # What inbox and subscriber say

    def acknowledge(self, message: Publish, answer: Answer | None) -> None:
        """Acknowledge a message that is stored, then answer it."""
        self._context.counts.uplinks += 1
        if self._recorder is not None:
            self._recorder.add(message.topic, message.payload, message.qos, "accepted", uplink=True)
        if message.qos:
            self._session.acknowledge(message.packet_id)
        if answer is not None:
            self._answer(answer, message.qos)
        self.flush()

    def _answer(self, answer: Answer, qos: int) -> None:
        if answer.is_block:
            self._allowance.charge_block(len(answer.payload))
            self._context.counts.block_bytes += len(answer.payload)
        if self._subscriber is not None and self._subscriber.wants(answer.topic):
            self._send(Downlink(0, answer.topic, answer.payload, qos), None)

    def deny(self, message: Publish) -> None:
        """Drop a message on a topic that is not the device's own; only MQTT 5 can say so."""
        self._context.counts.denied["publish"] += 1
        _log.info("publish denied", device=self._name(), topic=message.topic)
        if self._recorder is not None:
            self._recorder.add(message.topic, message.payload, message.qos, "denied", uplink=True)
        if message.qos:
            self._session.acknowledge(message.packet_id, Reason.NOT_AUTHORIZED)
        self.flush()

    def not_stored(self, error: Exception) -> None:
        """Close without an acknowledgement, so that the device sends it again."""
        if isinstance(error, Unavailable):
            _log.warning("uplink not stored", device=self._name(), code=error.code)
        else:
            _log.error("uplink failed", device=self._name(), exc_info=error)
        self.end(Reason.SERVER_UNAVAILABLE, "storage_unavailable")

    # Downlinks

    def hears(self, topic: str) -> bool:
        """Return whether the device wants messages on ``topic``."""
        return self._subscriber is not None and self._subscriber.wants(topic)

    def deliver(self, downlink: Downlink) -> bool:
        """Write a message to the device; False if it does not want it or has no room for it now."""
        if self._transport is None or self._choked or self._subscriber is None:
            return False
        if not self._subscriber.wants(downlink.topic):
            return False
        ticket = next(self._context.numbers)
        sent = self._send(downlink, ticket)
        if sent and downlink.keep and downlink.qos and self._session_expiry_s:
            if self._held is None:
                self._held = {}
            self._held[ticket] = downlink
        self.flush()
        return sent

    def deliver_stored(self, stored: StoredDownlink) -> bool:
        """Write a message that was kept for the device; its acknowledgement removes it from the store."""
        if self._subscriber is None or not self._subscriber.wants(stored.topic):
            self._context.presence.acknowledge(stored.id, _ignore)
            return True
        sent = self._session.publish(stored.topic, stored.payload, 1, (stored.id,))
        self.flush()
        return sent

    def record(self, recorder: Recorder | None) -> None:
        """Keep the messages from now on, or do not."""
        self._recorder = recorder

    def _send(self, downlink: Downlink, ticket: int | None) -> bool:
        sent = self._session.publish(downlink.topic, downlink.payload, downlink.qos, ticket)
        self._context.counts.downlinks += sent
        if self._recorder is not None:
            outcome = "delivered" if sent else "no room"
            self._recorder.add(downlink.topic, downlink.payload, downlink.qos, outcome, uplink=False)
        return sent

    def _delivered(self, event: Delivered) -> None:
        if isinstance(event.ticket, tuple):
            self._context.presence.acknowledge(event.ticket[0], _ignore)
        elif self._held is not None and isinstance(event.ticket, int):
            self._held.pop(event.ticket, None)


def _ignore(_result: object) -> None:
    """Nobody waits for the outcome."""
