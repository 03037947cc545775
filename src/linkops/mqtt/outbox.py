"""The server's publishes on their way to one client: identifiers, flow control, bounds (MQTT 5, section 4.9)."""

from collections import deque
from collections.abc import Hashable

from linkops.mqtt.encode import encode_publish
from linkops.mqtt.packets import Publish

MAX_IN_FLIGHT = 100
"""Messages of QoS 1 sent and not yet acknowledged; fewer where the client's Receive Maximum is lower."""
MAX_WAITING = 100
MAX_WAITING_BYTES = 1_048_576
"""Messages of QoS 1, and bytes of payload, that wait behind those in flight."""


class Outbox:
    """Numbers and sends publishes, and holds back those of QoS 1 that the client has no room for.

    Sent packets are appended to ``out``.

    Attributes:
        share: as much as for so many clients may wait.
    """

    __slots__ = (
        "_in_flight",
        "_last_id",
        "_max_in_flight",
        "_max_packet_bytes",
        "_out",
        "_version",
        "_waiting",
        "_waiting_bytes",
        "share",
    )

    def __init__(
        self, out: list[bytes], version: int, receive_maximum: int | None, max_packet_bytes: int | None
    ) -> None:
        self._out = out
        self._version = version
        self._max_in_flight = MAX_IN_FLIGHT if receive_maximum is None else min(MAX_IN_FLIGHT, receive_maximum)
        self._max_packet_bytes = max_packet_bytes
        self._last_id = 0
        self._in_flight: dict[int, Hashable] = {}
        self._waiting: deque[tuple[str, bytes, Hashable]] = deque()
        self._waiting_bytes = 0
        self.share = 1

    def put(self, topic: str, payload: bytes, qos: int, ticket: Hashable) -> bool:
        """Send a message, or let it wait for its turn.

        Returns:
            False where the client takes no packet of that size (MQTT-3.1.2-24), or too much waits already.
        """
        packet_id = self._next_id() if qos else 0
        packet = encode_publish(Publish(topic, payload, qos, packet_id), self._version)
        if self._max_packet_bytes is not None and len(packet) > self._max_packet_bytes:
            return False
        if qos and len(self._in_flight) >= self._max_in_flight:
            return self._wait(topic, payload, ticket)
        if qos:
            self._in_flight[packet_id] = ticket
            self._last_id = packet_id
        self._out.append(packet)
        return True

    def acknowledged(self, packet_id: int) -> Hashable:
        """Take note of a PUBACK, and send what waited for it.

        Returns:
            The ticket of the message; None where no such message is in flight.
        """
        ticket = self._in_flight.pop(packet_id, None)
        while self._waiting and len(self._in_flight) < self._max_in_flight:
            topic, payload, waiting_ticket = self._waiting.popleft()
            self._waiting_bytes -= len(payload)
            self.put(topic, payload, 1, waiting_ticket)
        return ticket

    def tickets(self) -> list[Hashable]:
        """Return the tickets of messages in flight, then of those that wait; messages without one are left out."""
        tickets = [*self._in_flight.values(), *(ticket for _, _, ticket in self._waiting)]
        return [ticket for ticket in tickets if ticket is not None]

    def _wait(self, topic: str, payload: bytes, ticket: Hashable) -> bool:
        size = self._waiting_bytes + len(payload)
        if len(self._waiting) >= MAX_WAITING * self.share or size > MAX_WAITING_BYTES * self.share:
            return False
        self._waiting.append((topic, payload, ticket))
        self._waiting_bytes = size
        return True

    def _next_id(self) -> int:
        """Return an identifier that is not in use (MQTT-2.2.1-4); with at most 100 in flight there is one near by."""
        packet_id = self._last_id % 0xFFFF + 1
        while packet_id in self._in_flight:
            packet_id = packet_id % 0xFFFF + 1
        return packet_id
