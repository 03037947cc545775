"""One connection, of a device or a gateway: socket → codec → session → inbox, and after the commit back again."""

import asyncio
from collections.abc import Iterable
from typing import cast

import structlog

from linkops.hub.allowance import Allowance
from linkops.hub.arrival import Arrival
from linkops.hub.carried import Carried
from linkops.hub.context import Context
from linkops.hub.gateway_inbox import GatewayInbox
from linkops.hub.inbox import Inbox
from linkops.hub.logged_in import LoggedIn
from linkops.hub.online import Online
from linkops.mqtt.packets import Connect, Publish, Subscribe, Unsubscribe
from linkops.mqtt.reasons import Reason
from linkops.mqtt.session import Closed, Delivered, Event, ServerSession

_log = structlog.get_logger(__name__)

WRITE_BUFFER_BYTES = 65_536
JUDGED_WITHIN_S = 60.0
GONE_WITHIN_S = 5.0
"""How long a device that reads nothing may hold up the end of its connection."""


class Connection(asyncio.Protocol):
    """The protocol object of one socket.

    Attributes:
        number: of this connection, never used twice while the server runs.
        address: where it comes from.
        opened_s: since when it is open, on the loop's clock.
        session: what speaks MQTT with the other end.
        allowance: how much of its quota is used.
        carried: who is logged in over it; None before its own device is.
        takes: whether what is written goes out: the socket is open, and the device reads what it is sent.
        why: it ends, or ended.
    """

    __slots__ = (
        "_arrival",
        "_context",
        "_inbox",
        "_online",
        "_transport",
        "address",
        "allowance",
        "carried",
        "number",
        "opened_s",
        "session",
        "takes",
        "why",
    )

    def __init__(self, context: Context, online: Online) -> None:
        self._context = context
        self._online = online
        self._transport: asyncio.Transport | None = None
        self._arrival: Arrival | None = None
        self._inbox: Inbox | None = None
        self.number = next(context.numbers)
        self.address = ""
        self.opened_s = context.loop.time()
        self.session = ServerSession(self.opened_s, context.settings.max_packet_bytes)
        self.allowance = Allowance(context.loop, context.quota, self._go_on)
        self.carried: Carried | None = None
        self.takes = False
        self.why = "connection lost"

    # The socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start: the device has a few seconds for its CONNECT."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(WRITE_BUFFER_BYTES)
        peer = transport.get_extra_info("peername")
        self.address = peer[0] if peer else ""
        self.takes = True
        self._online.opened(self)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        now_s = self._context.loop.time()
        events = self.session.receive_data(data, now_s)
        for event in events:
            self._on(event)
        self.flush()
        if self.allowance.charge(now_s, len(events), len(data)):
            self.pace()

    def eof_received(self) -> bool:
        """Nothing more comes: close, as there is nobody to answer."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's interface
        """End; whatever was committed stays, whatever was not acknowledged the device sends again."""
        self._transport = None
        self.takes = False
        self.allowance.close()
        if self._inbox is not None:
            self._inbox.drop()
        self._online.closed(self)
        if self._arrival is not None:
            self._arrival.leave()
        if self.carried is not None:
            self.carried.close(self.why)

    def pause_writing(self) -> None:
        """Read no more from a device that does not read what it is sent."""
        self.takes = False
        self.pace()

    def resume_writing(self) -> None:
        """Go on."""
        self.takes = not self.gone
        self._go_on()

    def flush(self) -> None:
        """Send what the session has to say."""
        out = self.session.data_to_send()
        if out and self._transport is not None:
            self._transport.write(out)

    def end(self, reason: Reason, why: str) -> None:
        """Close from our side, saying why where the version of MQTT can."""
        if self._transport is None:
            return
        self.why = why
        self._context.counts.closed[why] += 1
        self.session.disconnect(reason)
        self.close()

    def close(self) -> None:
        """Send what there is to say, then close; by force where the device does not take it."""
        self.flush()
        transport = self._transport
        if transport is not None:
            transport.close()
            if transport.get_write_buffer_size():
                self._context.loop.call_later(GONE_WITHIN_S, transport.abort)

    # How it stands

    @property
    def gone(self) -> bool:
        """Whether its socket is closed, or was never open."""
        return self._transport is None

    @property
    def open(self) -> bool:
        """Whether it still carries anything."""
        return self._transport is not None and not self.session.closed

    @property
    def idle(self) -> bool:
        """Whether nothing that it sent still waits for a commit."""
        return self._inbox is None or self._inbox.idle

    @property
    def has_room(self) -> bool:
        """Whether the device reads what it is sent, and has not used up its quota."""
        return self.takes and not self.allowance.used_up

    @property
    def deadline_s(self) -> float | None:
        """When the connection ends unless something comes; None once it has ended."""
        if self._transport is None:
            return None
        if self._arrival is None:
            return self.opened_s + self._context.settings.connect_timeout_s
        if self.carried is None:
            # The device has done its part; in a storm of logins the answer takes a while.
            return self.opened_s + JUDGED_WITHIN_S
        return self.session.deadline_s

    def pace(self) -> None:
        """Read on, or stop reading, whichever fits now."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        over_quota = self.allowance.rest()
        full = self._inbox is not None and self._inbox.full
        # What comes behind a CONNECT may wait in the socket until it is accepted.
        served = self.carried is not None or (self._arrival is not None and self._arrival.registered)
        wanted = served and self.takes and not (full or over_quota)
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

    def take(self, events: Iterable[Event]) -> None:
        """Do what the device said behind its CONNECT, and go on reading."""
        for event in events:
            self._on(event)
        self.flush()
        self.pace()

    def carry(self, own: LoggedIn) -> Carried:
        """Carry a device from now on: the connection's own."""
        self.carried = carried = Carried(self._context, self._online, self, own)
        if carried.sub_devices is None:
            self._inbox = Inbox(self._context, carried)
        else:
            self._inbox = GatewayInbox(self._context, carried, own, carried.sub_devices)
        self._online.logged_in(carried, own.device.device_id)
        return carried

    def _on(self, event: Event) -> None:
        carried = self.carried
        if isinstance(event, Publish) and self._inbox is not None:
            self._inbox.put(event)
        elif isinstance(event, Delivered) and carried is not None:
            carried.downlinks.delivered(event)
        elif isinstance(event, Subscribe | Unsubscribe) and carried is not None:
            carried.subscriber.handle(event)
        elif isinstance(event, Connect):
            self._arrival = Arrival(self._context, self, event)
            self.pace()
            self._arrival.begin(self._transport)
        elif isinstance(event, Closed):
            self._ended(event)

    def _ended(self, event: Closed) -> None:
        own = None if self.carried is None else self.carried.own
        self.why = "disconnected by device" if event.reason == Reason.SUCCESS else event.why
        if event.reason != Reason.SUCCESS:
            self._context.counts.closed["protocol_error"] += 1
            device = "" if own is None else str(own.device.key)
            _log.info("protocol error", address=self.address, device=device, reason=event.reason, why=event.why)
        if own is not None and event.session_expiry_s is not None:
            own.expiry_s = min(event.session_expiry_s, own.expiry_s)
        self.close()
