"""Publishes to one client against a naive model: what is in flight, what waits, and what comes back."""

from collections import deque

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from linkops.mqtt.decode import client_decoder
from linkops.mqtt.encode import encode
from linkops.mqtt.outbox import MAX_IN_FLIGHT, MAX_WAITING, MAX_WAITING_BYTES
from linkops.mqtt.packets import MQTT_5, Connect, PubAck, Publish
from linkops.mqtt.properties import Properties
from linkops.mqtt.session import Delivered, ServerSession

LARGE = MAX_WAITING_BYTES // 3


class PublishingServer(RuleBasedStateMachine):
    """The model: one list of messages sent and not acknowledged, one of messages that wait."""

    @initialize(receive_maximum=st.sampled_from([None, 1, 3, 100, 65_535]))
    def connect(self, receive_maximum: int | None) -> None:
        self.most = min(receive_maximum or MAX_IN_FLIGHT, MAX_IN_FLIGHT)
        self.client = client_decoder(MQTT_5, 2 * LARGE)
        self.session = ServerSession(0.0)
        connect = Connect("c", MQTT_5, properties=Properties(receive_maximum=receive_maximum))
        self.session.receive_data(encode(connect, MQTT_5), 0.0)
        self.session.accept()
        self.client.feed(self.session.data_to_send())
        self.tickets = 0
        self.sent: dict[int, int] = {}  # packet id to ticket, as the client holds them
        self.expected: deque[int] = deque()  # tickets that must be sent next, in order
        self.waiting: deque[tuple[int, int]] = deque()  # ticket and size

    def _put(self, size: int) -> None:
        self.tickets += 1
        accepted = self.session.publish("t", self.tickets.to_bytes(4) + bytes(size - 4), 1, self.tickets)
        if len(self.sent) + len(self.expected) < self.most:
            assert accepted
            self.expected.append(self.tickets)
        elif len(self.waiting) < MAX_WAITING and size + sum(one for _, one in self.waiting) <= MAX_WAITING_BYTES:
            assert accepted
            self.waiting.append((self.tickets, size))
        else:
            assert not accepted

    @rule(count=st.sampled_from([1, 2, 50, 120]))
    def publish_some(self, count: int) -> None:
        for _ in range(count):
            self._put(4)

    @rule()
    def publish_something_large(self) -> None:
        self._put(LARGE)

    @rule()
    def publish_qos_0(self) -> None:
        assert self.session.publish("now", b"")

    @rule()
    def client_reads(self) -> None:
        for packet in self.client.feed(self.session.data_to_send()):
            assert isinstance(packet, Publish)
            if packet.qos:
                assert packet.packet_id not in self.sent  # MQTT-2.2.1-4
                assert int.from_bytes(packet.payload[:4]) == self.expected.popleft()
                self.sent[packet.packet_id] = int.from_bytes(packet.payload[:4])
        assert not self.expected

    @rule(data=st.data(), most=st.sampled_from([1, 100]))
    def client_acknowledges(self, data: st.DataObject, most: int) -> None:
        for _ in range(min(most, len(self.sent))):
            packet_id = data.draw(st.sampled_from(sorted(self.sent))) if most == 1 else min(self.sent)
            ticket = self.sent.pop(packet_id)
            assert self.session.receive_data(encode(PubAck(packet_id), MQTT_5), 0.0) == [Delivered(ticket)]
            if self.waiting:
                self.expected.append(self.waiting.popleft()[0])

    @rule(packet_id=st.integers(1, 0xFFFF))
    def client_acknowledges_anything(self, packet_id: int) -> None:
        if packet_id not in self.sent and not self.expected:
            assert self.session.receive_data(encode(PubAck(packet_id), MQTT_5), 0.0) == []

    @invariant()
    def nothing_is_lost_and_bounds_are_kept(self) -> None:
        if not hasattr(self, "session"):
            return
        in_flight = [*self.sent.values(), *self.expected]
        assert len(in_flight) <= self.most
        tickets = [ticket for ticket in self.session.unacknowledged() if isinstance(ticket, int)]
        assert sorted(tickets[: len(in_flight)]) == sorted(in_flight)
        assert tickets[len(in_flight) :] == [ticket for ticket, _ in self.waiting]


PublishingServer.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
test_publishing = PublishingServer.TestCase
