"""Any packet that either end may send, as hypothesis strategies."""

from typing import Any

from hypothesis import strategies as st

from linkops.mqtt import packets as p
from linkops.mqtt.properties import NO_PROPERTIES, Properties

VERSIONS = (p.MQTT_3_1, p.MQTT_3_1_1, p.MQTT_5)

versions = st.sampled_from(VERSIONS)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
topic_names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0#+"), min_size=1, max_size=40)
blobs = st.binary(max_size=300)
packet_ids = st.integers(1, 0xFFFF)
u16 = st.integers(0, 0xFFFF)
u32 = st.integers(0, 0xFFFF_FFFF)
flags = st.integers(0, 1)

_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "payload_format": flags,
    "message_expiry_s": u32,
    "content_type": texts,
    "response_topic": topic_names,
    "correlation": blobs,
    "subscription_id": st.integers(1, 268_435_455),
    "session_expiry_s": u32,
    "assigned_client_id": texts,
    "server_keep_alive_s": u16,
    "authentication_method": texts,
    "request_problem_information": flags,
    "will_delay_s": u32,
    "request_response_information": flags,
    "response_information": texts,
    "server_reference": texts,
    "reason_string": texts,
    "receive_maximum": packet_ids,
    "topic_alias_maximum": u16,
    "topic_alias": packet_ids,
    "maximum_qos": flags,
    "retain_available": flags,
    "user_properties": st.lists(st.tuples(texts, texts), max_size=20).map(tuple),
    "maximum_packet_bytes": st.integers(1, 0xFFFF_FFFF),
    "wildcards_available": flags,
    "subscription_ids_available": flags,
    "shared_available": flags,
}


def _some(version: int, *names: str) -> st.SearchStrategy[Properties]:
    if version != p.MQTT_5:
        return st.just(NO_PROPERTIES)
    chosen = {name: _VALUES[name] for name in (*names, "user_properties")}
    return st.fixed_dictionaries({}, optional=chosen).map(lambda given: Properties(**given))


_MESSAGE = ("payload_format", "message_expiry_s", "content_type", "response_topic", "correlation")


def connects(version: int) -> st.SearchStrategy[p.Connect]:
    wishes = (
        "session_expiry_s",
        "receive_maximum",
        "maximum_packet_bytes",
        "topic_alias_maximum",
        "authentication_method",
    )
    will = st.builds(
        p.Will, topic_names, blobs, st.integers(0, 2), st.booleans(), _some(version, *_MESSAGE, "will_delay_s")
    )
    credentials = st.tuples(texts, st.none() | blobs) | st.just((None, None))
    return st.builds(
        lambda client_id, clean, keep_alive, who, will, properties: p.Connect(
            client_id, version, clean, keep_alive, who[0], who[1], will, properties
        ),
        texts,
        st.booleans(),
        u16,
        credentials,
        st.none() | will,
        _some(version, *wishes, "request_problem_information", "request_response_information"),
    )


@st.composite
def publishes(draw: st.DrawFn, version: int, most_qos: int = 2) -> p.Publish:
    qos = draw(st.integers(0, most_qos))
    packet_id, dup = (draw(packet_ids), draw(st.booleans())) if qos else (0, False)
    properties = draw(_some(version, *_MESSAGE, "topic_alias"))
    topic = draw(topic_names | st.just("")) if properties.topic_alias else draw(topic_names)
    return p.Publish(topic, draw(blobs), qos, packet_id, draw(st.booleans()), dup, properties)


def pubacks(version: int) -> st.SearchStrategy[p.PubAck]:
    if version != p.MQTT_5:
        return st.builds(p.PubAck, packet_ids)
    return st.builds(p.PubAck, packet_ids, st.integers(0, 255), _some(version, "reason_string"))


def subscribes(version: int) -> st.SearchStrategy[p.Subscribe]:
    filters = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)
    plain = st.builds(p.Subscription, filters, st.integers(0, 2))
    full = st.builds(p.Subscription, filters, st.integers(0, 2), st.booleans(), st.booleans(), st.integers(0, 2))
    full = full.filter(lambda one: not (one.no_local and one.topic_filter.startswith("$share/")))
    each = full if version == p.MQTT_5 else plain
    return st.builds(
        p.Subscribe, packet_ids, st.lists(each, min_size=1, max_size=5).map(tuple), _some(version, "subscription_id")
    )


def disconnects(version: int) -> st.SearchStrategy[p.Disconnect]:
    if version != p.MQTT_5:
        return st.just(p.Disconnect())
    names = ("session_expiry_s", "reason_string", "server_reference")
    return st.builds(p.Disconnect, st.integers(0, 255), _some(version, *names))


def from_client(version: int) -> st.SearchStrategy[p.Packet]:
    """Whatever a client sends after its CONNECT."""
    filters = st.lists(topic_names, min_size=1, max_size=5).map(tuple)
    return st.one_of(
        publishes(version),
        pubacks(version),
        subscribes(version),
        st.builds(p.Unsubscribe, packet_ids, filters, _some(version)),
        st.just(p.PingReq()),
        disconnects(version),
    )


def from_server(version: int) -> st.SearchStrategy[p.Packet]:
    """Whatever a server sends."""
    abilities = ("assigned_client_id", "server_keep_alive_s", "maximum_qos", "shared_available", "response_information")
    codes = st.binary(min_size=1, max_size=5)
    choices: list[st.SearchStrategy[p.Packet]] = [
        st.builds(p.ConnAck, st.integers(0, 255), st.booleans(), _some(version, *abilities)),
        publishes(version),
        pubacks(version),
        st.builds(p.SubAck, packet_ids, codes, _some(version, "reason_string")),
        st.builds(p.UnsubAck, packet_ids, codes if version == p.MQTT_5 else st.just(b""), _some(version)),
        st.just(p.PingResp()),
    ]
    if version == p.MQTT_5:
        choices.append(disconnects(version))
    return st.one_of(choices)
