"""The server's end of one MQTT connection, without input or output.

Bytes that arrived go into `ServerSession.receive_data`, which returns what happened; bytes to send come out of
`ServerSession.data_to_send` after every call. Nothing raises because of what a client sends: a client that breaks the
protocol gets the answer that MQTT has for it, and the last event is `Closed`.
"""

from collections.abc import Hashable, Iterable, Sequence
from enum import Enum, auto
from typing import TypeAlias

import msgspec

from linkops.mqtt.checks import check_connect, check_filters
from linkops.mqtt.decode import MAX_PACKET_BYTES, server_decoder
from linkops.mqtt.encode import encode, encode_puback
from linkops.mqtt.outbox import Outbox
from linkops.mqtt.packets import (
    MQTT_5,
    ConnAck,
    Connect,
    Disconnect,
    Packet,
    PingReq,
    PingResp,
    PubAck,
    Publish,
    SubAck,
    Subscribe,
    UnsubAck,
    Unsubscribe,
)
from linkops.mqtt.properties import NO_PROPERTIES, Properties
from linkops.mqtt.reasons import PacketError, ProtocolViolation, Reason, return_code

MAX_TOPIC_ALIAS = 20
MAX_ALIASED_TOPIC = 1_024
"""Length of a topic that is kept for an alias, in characters."""


class Delivered(msgspec.Struct, frozen=True, gc=False):
    """The client acknowledged the message that was published with this ticket."""

    ticket: Hashable


class Closed(msgspec.Struct, frozen=True, gc=False):
    """Send what there is to send, then close the connection.

    Attributes:
        reason: SUCCESS where the client said DISCONNECT; otherwise what it did wrong.
        why: the same in words; empty for SUCCESS.
        session_expiry_s: how long the client wants its session kept, if its DISCONNECT changed that.
    """

    reason: int
    why: str = ""
    session_expiry_s: int | None = None


Event: TypeAlias = Connect | Publish | Subscribe | Unsubscribe | Delivered | Closed


# What a CONNACK of MQTT 5 tells of this server (docs/protocol/device-protocol.md#connect).
_ABILITIES = Properties(
    topic_alias_maximum=MAX_TOPIC_ALIAS,
    maximum_qos=1,
    retain_available=1,
    wildcards_available=1,
    subscription_ids_available=0,
    shared_available=1,
)


class _State(Enum):
    NEW = auto()
    CONNECTING = auto()
    OPEN = auto()
    CLOSED = auto()


class ServerSession:
    """Speaks MQTT 3.1, 3.1.1 or 5.0, whichever the client does.

    The owner answers a `Connect` with `accept` or `refuse`, a `Publish` of QoS 1 with `acknowledge` (in the order of
    the messages, MQTT-4.6.0-2), a `Subscribe` and an `Unsubscribe` with `answer_subscribe` and `answer_unsubscribe`.
    What a client sends behind its CONNECT waits until that is accepted.

    Attributes:
        heard_at_s: when bytes last arrived, on the caller's clock.
    """

    __slots__ = (
        "_aliases",
        "_connect",
        "_decoder",
        "_early",
        "_max_packet_bytes",
        "_out",
        "_outbox",
        "_share",
        "_state",
        "heard_at_s",
    )

    def __init__(self, now_s: float, max_packet_bytes: int = MAX_PACKET_BYTES) -> None:
        self._decoder = server_decoder(max_packet_bytes)
        self._max_packet_bytes = max_packet_bytes
        self._state = _State.NEW
        self._connect: Connect | None = None
        self._early: list[Packet] | None = None
        self._out: list[bytes] = []
        self._outbox: Outbox | None = None
        self._share = 1
        self._aliases: dict[int, str] | None = None
        self.heard_at_s = now_s

    @property
    def version(self) -> int:
        """The protocol level; 4 before the CONNECT."""
        return self._decoder.version

    @property
    def closed(self) -> bool:
        """Whether the connection is over, apart from what is still to be sent."""
        return self._state is _State.CLOSED

    @property
    def deadline_s(self) -> float | None:
        """When the client counts as lost: 1.5 times its keep-alive after the last packet (MQTT-3.1.2-24)."""
        if self._connect is None or not self._connect.keep_alive_s:
            return None
        return self.heard_at_s + 1.5 * self._connect.keep_alive_s

    def data_to_send(self) -> bytes:
        """Return the bytes to send now, once; empty where there are none."""
        out = self._out
        if not out:
            return b""
        joined = out[0] if len(out) == 1 else b"".join(out)
        out.clear()
        return joined

    def receive_data(self, data: bytes, now_s: float) -> list[Event]:
        """Return what ``data`` brought about; nothing more after `Closed`."""
        if self._state is _State.CLOSED:
            return []
        self.heard_at_s = now_s
        try:
            packets = self._decoder.feed(data)
        except PacketError as error:
            return [self._fail(error)]
        if self._state is _State.OPEN:
            return self._handle(packets)
        if self._state is _State.CONNECTING:
            self._early = (self._early or []) + packets
            return []
        return self._introduced(packets) if packets else []

    def accept(
        self,
        *,
        session_present: bool = False,
        session_expiry_s: int | None = None,
        assigned_client_id: str | None = None,
    ) -> list[Event]:
        """Accept the CONNECT.

        Args:
            session_present: what the CONNACK says.
            session_expiry_s: how long the session is kept; None says nothing of it.
            assigned_client_id: for a client without an identifier of its own.

        Returns:
            What the client sent behind its CONNECT brought about.
        """
        if self._state is not _State.CONNECTING or self._connect is None:
            return []
        self._state = _State.OPEN
        properties = NO_PROPERTIES
        if self.version == MQTT_5:
            properties = msgspec.structs.replace(
                _ABILITIES,
                session_expiry_s=session_expiry_s,
                assigned_client_id=assigned_client_id,
                server_keep_alive_s=self._connect.keep_alive_s,
                maximum_packet_bytes=self._max_packet_bytes,
            )
        self._send(ConnAck(Reason.SUCCESS, session_present, properties))
        early, self._early = self._early, None
        return self._handle(early) if early else []

    def refuse(self, reason: Reason) -> None:
        """Refuse the CONNECT; the connection is over."""
        if self._state is _State.CONNECTING:
            self._send(ConnAck(reason if self.version == MQTT_5 else return_code(reason)))
        self._state = _State.CLOSED

    def disconnect(self, reason: Reason) -> None:
        """Say DISCONNECT where the version has it; the connection is over."""
        if self._state is _State.OPEN and self.version == MQTT_5:
            self._send(Disconnect(reason))
        self._state = _State.CLOSED

    def acknowledge(self, packet_id: int, reason: Reason = Reason.SUCCESS) -> None:
        """Acknowledge a PUBLISH of QoS 1; a reason that refuses it is heard by MQTT 5 clients only (MQTT-3.3.5-2)."""
        if self._state is not _State.OPEN:
            return
        if reason and self.version == MQTT_5:
            self._send(PubAck(packet_id, reason))
        else:
            self._out.append(encode_puback(packet_id))

    def answer_subscribe(self, packet_id: int, reasons: Sequence[Reason]) -> None:
        """Grant or deny each filter of a SUBSCRIBE, in their order; a refusal is 0x80 before MQTT 5 (section 3.9.3)."""
        codes = reasons if self.version == MQTT_5 else [min(reason, Reason.UNSPECIFIED) for reason in reasons]
        self._answer(SubAck(packet_id, bytes(codes)))

    def answer_unsubscribe(self, packet_id: int, reasons: Sequence[Reason]) -> None:
        """Say what became of each filter of an UNSUBSCRIBE, in their order."""
        self._answer(UnsubAck(packet_id, bytes(reasons)))

    def publish(self, topic: str, payload: bytes, qos: int = 0, ticket: Hashable = None) -> bool:
        """Send a message to the client; ``ticket`` comes back in `Delivered` when it acknowledged one of QoS 1.

        Returns:
            False where the connection is not open, the client takes no packet of that size, or too much waits already.
        """
        if self._state is not _State.OPEN or self._connect is None:
            return False
        if self._outbox is None:
            wishes = self._connect.properties
            self._outbox = Outbox(self._out, self.version, wishes.receive_maximum, wishes.maximum_packet_bytes)
            self._outbox.share = self._share
        return self._outbox.put(topic, payload, qos, ticket)

    def carry(self, share: int) -> None:
        """Let as much wait for acknowledgements from now on as for ``share`` clients."""
        self._share = share
        if self._outbox is not None:
            self._outbox.share = share

    def unacknowledged(self) -> list[Hashable]:
        """Return the tickets of what the client has not acknowledged, oldest first."""
        return [] if self._outbox is None else self._outbox.tickets()

    def _send(self, packet: Packet) -> None:
        self._out.append(encode(packet, self.version))

    def _answer(self, packet: Packet) -> None:
        if self._state is _State.OPEN:
            self._send(packet)

    def _introduced(self, packets: list[Packet]) -> list[Event]:
        """Take note of the CONNECT, which the decoder has made sure comes first."""
        connect = packets[0]
        assert isinstance(connect, Connect)  # noqa: S101 - says so to the type checker
        self._state = _State.CONNECTING
        self._connect = connect
        self._early = packets[1:] or None
        try:
            check_connect(connect)
        except ProtocolViolation as error:
            self.refuse(error.reason)
            return [Closed(error.reason, error.why)]
        return [connect]

    def _handle(self, packets: Iterable[Packet]) -> list[Event]:
        events: list[Event] = []
        for packet in packets:
            try:
                event = self._event_of(packet)
            except PacketError as error:
                event = self._fail(error)
            if event is not None:
                events.append(event)
                if self._state is _State.CLOSED:
                    break
        return events

    def _event_of(self, packet: Packet) -> Event | None:
        if isinstance(packet, Publish):
            return self._publish(packet)
        if isinstance(packet, PubAck):
            return self._delivered(packet.packet_id)
        if isinstance(packet, PingReq):
            self._send(PingResp())
            return None
        if isinstance(packet, Subscribe | Unsubscribe):
            check_filters(packet)
            return packet
        if isinstance(packet, Disconnect):
            return self._disconnected(packet)
        raise ProtocolViolation("a packet that may not be sent here")

    def _publish(self, packet: Publish) -> Publish:
        if packet.qos == 2:
            raise ProtocolViolation("a PUBLISH of QoS 2", Reason.QOS_NOT_SUPPORTED)
        if packet.retain:
            if self.version == MQTT_5:
                raise ProtocolViolation("a PUBLISH to be retained", Reason.RETAIN_NOT_SUPPORTED)
            packet = msgspec.structs.replace(packet, retain=False)
        alias = packet.properties.topic_alias
        return packet if alias is None else self._resolved(packet, alias)

    def _resolved(self, packet: Publish, alias: int) -> Publish:
        """Return the message with its topic (MQTT 5, section 3.3.2.3.4)."""
        if alias > MAX_TOPIC_ALIAS:
            raise ProtocolViolation("a topic alias over the maximum (MQTT-3.3.2-9)", Reason.TOPIC_ALIAS_INVALID)
        if self._aliases is None:
            self._aliases = {}
        if packet.topic:
            if len(packet.topic) > MAX_ALIASED_TOPIC:
                raise ProtocolViolation("a topic too long for an alias", Reason.TOPIC_NAME_INVALID)
            self._aliases[alias] = packet.topic
            return packet
        topic = self._aliases.get(alias)
        if topic is None:
            raise ProtocolViolation("a topic alias that was never set")
        return msgspec.structs.replace(packet, topic=topic)

    def _delivered(self, packet_id: int) -> Delivered | None:
        ticket = self._outbox.acknowledged(packet_id) if self._outbox is not None else None
        return None if ticket is None else Delivered(ticket)

    def _disconnected(self, packet: Disconnect) -> Closed:
        expiry_s = packet.properties.session_expiry_s
        if expiry_s and self._connect is not None and not self._connect.properties.session_expiry_s:
            raise ProtocolViolation("a session that is to be kept after all (MQTT 5, section 3.14.2.2.2)")
        self._state = _State.CLOSED
        return Closed(Reason.SUCCESS, session_expiry_s=expiry_s)

    def _fail(self, error: PacketError) -> Closed:
        """End the connection because of the client, and tell it as its version has it (MQTT 5, section 4.13.1)."""
        if self._state is _State.NEW and error.reason is Reason.UNSUPPORTED_VERSION:
            # Whatever level the client speaks, it can read the answer of 3.1.1 (MQTT-3.1.2-2).
            self._send(ConnAck(return_code(error.reason)))
        elif self._state is _State.CONNECTING and self.version == MQTT_5:
            self._send(ConnAck(error.reason))
        self.disconnect(error.reason)
        return Closed(error.reason, error.why)
