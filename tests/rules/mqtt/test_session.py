"""The server's end of a connection: bytes in, events and bytes out."""

import pytest

from linkops.mqtt.checks import MAX_FILTERS
from linkops.mqtt.decode import MAX_PACKET_BYTES, client_decoder
from linkops.mqtt.encode import encode
from linkops.mqtt.packets import (
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
    Subscription,
    UnsubAck,
    Unsubscribe,
    Will,
)
from linkops.mqtt.properties import Properties
from linkops.mqtt.reasons import Reason
from linkops.mqtt.session import Closed, Delivered, Event, ServerSession

NOW_S = 1_000.0


class Client:
    """Speaks to a session and reads what it answers."""

    def __init__(self, version: int = 4, properties: Properties | None = None, **fields: object) -> None:
        self.version = version
        self.session = ServerSession(NOW_S)
        self._decoder = client_decoder(version)
        options = {"keep_alive_s": 60, **fields}
        self.connect = Connect("c", version, properties=properties or Properties(), **options)  # type: ignore[arg-type]

    def says(self, *packets: Packet, now_s: float = NOW_S) -> list[Event]:
        return self.says_bytes(b"".join(encode(packet, self.version) for packet in packets), now_s)

    def says_bytes(self, sent: bytes, now_s: float = NOW_S) -> list[Event]:
        return self.session.receive_data(sent, now_s)

    def hears(self) -> list[Packet]:
        return self._decoder.feed(self.session.data_to_send())


def connected(version: int = 4, properties: Properties | None = None, **fields: object) -> Client:
    client = Client(version, properties, **fields)
    assert client.says(client.connect) == [client.connect]
    client.session.accept()
    client.hears()
    return client


@pytest.mark.parametrize("version", [3, 4])
def test_the_connack_of_3_1_1_is_four_bytes(version: int) -> None:
    client = Client(version)
    client.says(client.connect)
    client.session.accept()
    assert client.session.data_to_send() == b"\x20\x02\x00\x00"


def test_the_connack_of_mqtt_5_says_what_the_server_can() -> None:
    client = Client(5)
    client.says(client.connect)
    client.session.accept(session_expiry_s=3_600)
    abilities = Properties(
        session_expiry_s=3_600,
        server_keep_alive_s=60,
        topic_alias_maximum=20,
        maximum_qos=1,
        retain_available=1,
        maximum_packet_bytes=262_144,
        wildcards_available=1,
        subscription_ids_available=0,
        shared_available=1,
    )
    assert client.hears() == [ConnAck(0, session_present=False, properties=abilities)]


@pytest.mark.parametrize("version", [4, 5])
def test_a_resumed_session_is_reported_in_the_flags(version: int) -> None:
    client = Client(version)
    client.says(client.connect)
    client.session.accept(session_present=True)
    (answer,) = client.hears()
    assert isinstance(answer, ConnAck)
    assert answer.session_present


@pytest.mark.parametrize(
    ("version", "reason", "code"),
    [
        (4, Reason.CLIENT_ID_NOT_VALID, 2),
        (4, Reason.SERVER_UNAVAILABLE, 3),
        (4, Reason.CONNECTION_RATE_EXCEEDED, 3),
        (4, Reason.BAD_USER_OR_PASSWORD, 4),
        (4, Reason.NOT_AUTHORIZED, 5),
        (4, Reason.IMPLEMENTATION_SPECIFIC, 5),
        (5, Reason.BAD_USER_OR_PASSWORD, 0x86),
    ],
)
def test_a_refusal_is_said_in_the_words_of_the_version(version: int, reason: Reason, code: int) -> None:
    client = Client(version)
    client.says(client.connect)
    client.session.refuse(reason)
    assert client.hears() == [ConnAck(code)]
    assert client.session.closed
    assert client.says(PingReq()) == []


def test_what_follows_the_connect_waits_until_it_is_accepted() -> None:
    client = Client()
    early = Publish("a", b"1", 1, 1)
    assert client.says(client.connect, early) == [client.connect]
    assert client.says(PingReq(), Publish("b", b"2")) == []
    assert client.hears() == []
    assert client.session.accept() == [early, Publish("b", b"2")]
    assert client.hears() == [ConnAck(), PingResp()]


def test_nothing_is_heard_of_what_follows_a_refused_connect() -> None:
    client = Client()
    client.says(client.connect, Publish("a", b"1"))
    client.session.refuse(Reason.NOT_AUTHORIZED)
    assert client.session.accept() == []
    assert client.hears() == [ConnAck(5)]


def test_an_unknown_protocol_level_is_told_so_in_3_1_1() -> None:
    client = Client()
    (closed,) = client.says_bytes(bytes.fromhex("10 0d 0004 4d515454 06 02 003c 0001 63"))
    assert isinstance(closed, Closed)
    assert closed.reason == Reason.UNSUPPORTED_VERSION
    assert client.hears() == [ConnAck(1)]


def test_a_stranger_who_does_not_speak_mqtt_gets_no_answer() -> None:
    client = Client()
    (closed,) = client.says_bytes(b"GET / HTTP/1.1\r\n\r\n")
    assert isinstance(closed, Closed)
    assert client.session.data_to_send() == b""


def test_a_lasting_session_needs_a_client_id() -> None:
    """MQTT-3.1.3-8."""
    client = Client()
    client.says(Connect("", clean_start=False))
    assert client.hears() == [ConnAck(2)]


def test_extended_authentication_is_refused() -> None:
    client = Client(5, Properties(authentication_method="SCRAM"))
    (closed,) = client.says(client.connect)
    assert isinstance(closed, Closed)
    assert client.hears() == [ConnAck(Reason.BAD_AUTHENTICATION_METHOD)]


@pytest.mark.parametrize(
    ("will", "reason"),
    [
        (Will("t", b""), Reason.IMPLEMENTATION_SPECIFIC),
        (Will("t", b"", qos=2), Reason.QOS_NOT_SUPPORTED),
        (Will("t", b"", retain=True), Reason.RETAIN_NOT_SUPPORTED),
    ],
)
def test_a_will_is_refused_in_mqtt_5_and_dropped_before(will: Will, reason: Reason) -> None:
    client = Client(5, will=will)
    assert isinstance(client.says(client.connect)[-1], Closed)
    assert client.hears() == [ConnAck(reason)]
    connected(4, will=will)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (Publish("t", b"", qos=2, packet_id=1), Reason.QOS_NOT_SUPPORTED),
        (Publish("t", b"", retain=True), Reason.RETAIN_NOT_SUPPORTED),
        (Publish("t", b"", properties=Properties(topic_alias=21)), Reason.TOPIC_ALIAS_INVALID),
        (Publish("", b"", properties=Properties(topic_alias=1)), Reason.PROTOCOL_ERROR),
        (Publish("t" * 1_025, b"", properties=Properties(topic_alias=1)), Reason.TOPIC_NAME_INVALID),
        (Subscribe(1, (Subscription("a"),), Properties(subscription_id=1)), Reason(0xA1)),
        (Subscribe(1, (Subscription("a"),) * (MAX_FILTERS + 1)), Reason.QUOTA_EXCEEDED),
        (Unsubscribe(1, ("a",) * (MAX_FILTERS + 1)), Reason.QUOTA_EXCEEDED),
        (Disconnect(properties=Properties(session_expiry_s=5)), Reason.PROTOCOL_ERROR),
    ],
)
def test_what_an_mqtt_5_client_may_not_do_ends_the_connection_with_a_reason(message: Packet, reason: Reason) -> None:
    client = connected(5)
    (closed,) = client.says(message, PingReq())
    assert isinstance(closed, Closed)
    assert closed.reason == reason
    assert client.hears() == [Disconnect(reason)]
    assert client.session.closed


def test_a_packet_over_the_limit_ends_an_mqtt_5_connection_with_a_reason() -> None:
    client = connected(5)
    client.says(Publish("t", bytes(MAX_PACKET_BYTES)))
    assert client.hears() == [Disconnect(Reason.PACKET_TOO_LARGE)]


def test_before_mqtt_5_a_faulty_client_is_dropped_without_a_word() -> None:
    client = connected(4)
    (closed,) = client.says(Publish("t", b"", qos=2, packet_id=1))
    assert isinstance(closed, Closed)
    assert client.hears() == []


def test_before_mqtt_5_retain_is_cleared() -> None:
    assert connected(4).says(Publish("t", b"x", retain=True)) == [Publish("t", b"x")]


def test_a_topic_alias_stands_for_the_topic_it_was_last_set_to() -> None:
    client = connected(5)
    alias = Properties(topic_alias=20)
    client.says(Publish("a", b"1", properties=alias), Publish("b", b"2", properties=alias))
    (message,) = client.says(Publish("", b"3", properties=alias))
    assert isinstance(message, Publish)
    assert (message.topic, message.payload) == ("b", b"3")


def test_messages_are_acknowledged_when_the_owner_says_so() -> None:
    client = connected(4)
    assert client.says(Publish("a", b"", 1, 5), Publish("b", b"", 1, 6)) == [
        Publish("a", b"", 1, 5),
        Publish("b", b"", 1, 6),
    ]
    assert client.hears() == []
    client.session.acknowledge(5)
    client.session.acknowledge(6)
    assert client.hears() == [PubAck(5), PubAck(6)]


@pytest.mark.parametrize(("version", "heard"), [(4, PubAck(5)), (5, PubAck(5, Reason.NOT_AUTHORIZED))])
def test_a_denied_message_is_acknowledged_with_the_reason_where_there_is_one(version: int, heard: PubAck) -> None:
    client = connected(version)
    client.session.acknowledge(5, Reason.NOT_AUTHORIZED)
    assert client.hears() == [heard]


@pytest.mark.parametrize(("version", "denied"), [(4, 0x80), (5, 0x87)])
def test_filters_are_granted_and_denied_one_by_one(version: int, denied: int) -> None:
    client = connected(version)
    request = Subscribe(9, (Subscription("a", 1), Subscription("b", 0)))
    assert client.says(request) == [request]
    client.session.answer_subscribe(9, [Reason.GRANTED_QOS_1, Reason.NOT_AUTHORIZED])
    assert client.hears() == [SubAck(9, bytes((1, denied)))]


@pytest.mark.parametrize(("version", "codes"), [(4, b""), (5, b"\x00\x11")])
def test_unsubscribing(version: int, codes: bytes) -> None:
    client = connected(version)
    request = Unsubscribe(9, ("a", "b"))
    assert client.says(request) == [request]
    client.session.answer_unsubscribe(9, [Reason.SUCCESS, Reason.NO_SUBSCRIPTION_EXISTED])
    assert client.hears() == [UnsubAck(9, codes)]


def test_a_ping_is_answered() -> None:
    client = connected()
    assert client.says(PingReq()) == []
    assert client.hears() == [PingResp()]


def test_a_silent_client_is_lost_after_one_and_a_half_keep_alives() -> None:
    """MQTT-3.1.2-24."""
    client = connected(keep_alive_s=60)
    assert client.session.deadline_s == NOW_S + 90
    client.says(PingReq(), now_s=NOW_S + 50)
    assert client.session.deadline_s == NOW_S + 140


def test_no_keep_alive_means_no_deadline() -> None:
    assert connected(keep_alive_s=0).session.deadline_s is None


def test_goodbye() -> None:
    client = connected(5, Properties(session_expiry_s=60))
    assert client.says(Disconnect(properties=Properties(session_expiry_s=0)), PingReq()) == [
        Closed(Reason.SUCCESS, session_expiry_s=0)
    ]
    assert client.session.closed
    assert client.hears() == []


@pytest.mark.parametrize(("version", "heard"), [(4, []), (5, [Disconnect(Reason.SERVER_SHUTTING_DOWN)])])
def test_the_server_says_goodbye_where_it_can(version: int, heard: list[Packet]) -> None:
    client = connected(version)
    client.session.disconnect(Reason.SERVER_SHUTTING_DOWN)
    assert client.hears() == heard
    assert not client.session.publish("a", b"")
    client.session.acknowledge(1)
    assert client.hears() == []


def test_a_message_of_qos_1_comes_back_as_delivered() -> None:
    client = connected()
    assert client.session.publish("a", b"1", 1, "ticket")
    (message,) = client.hears()
    assert message == Publish("a", b"1", 1, 1)
    assert client.session.unacknowledged() == ["ticket"]
    assert client.says(PubAck(1)) == [Delivered("ticket")]
    assert client.says(PubAck(1)) == []
    assert client.session.unacknowledged() == []


def test_a_client_gets_no_packet_larger_than_it_wants() -> None:
    """MQTT-3.1.2-24 of MQTT 5."""
    client = connected(5, Properties(maximum_packet_bytes=20))
    assert client.session.publish("t", bytes(14))
    assert not client.session.publish("t", bytes(15))
    assert not client.session.publish("t", bytes(13), 1)
    assert client.hears() == [Publish("t", bytes(14))]
