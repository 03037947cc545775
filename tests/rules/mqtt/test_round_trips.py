"""What one end writes the other end reads, however the bytes are cut."""

import random

from hypothesis import given
from hypothesis import strategies as st

from linkops.mqtt.decode import Decoder, client_decoder, server_decoder
from linkops.mqtt.encode import encode, encode_puback
from linkops.mqtt.packets import Packet, PubAck
from tests.rules.mqtt.strategies import connects, from_client, from_server, packet_ids, versions


def feed_in_pieces(decoder: Decoder, sent: bytes, cuts: random.Random) -> list[Packet]:
    packets: list[Packet] = []
    at = 0
    while at < len(sent):
        size = cuts.choice([1, 2, 3, 10, 1_000])
        packets += decoder.feed(sent[at : at + size])
        at += size
    return packets


@given(st.data(), versions, st.randoms(use_true_random=False))
def test_what_a_client_writes_the_server_reads(data: st.DataObject, version: int, cuts: random.Random) -> None:
    packets = [data.draw(connects(version)), *data.draw(st.lists(from_client(version), max_size=5))]
    sent = b"".join(encode(packet, version) for packet in packets)
    assert feed_in_pieces(server_decoder(), sent, cuts) == packets
    assert server_decoder().feed(sent) == packets


@given(st.data(), versions, st.randoms(use_true_random=False))
def test_what_a_server_writes_the_client_reads(data: st.DataObject, version: int, cuts: random.Random) -> None:
    packets = data.draw(st.lists(from_server(version), max_size=5))
    sent = b"".join(encode(packet, version) for packet in packets)
    assert feed_in_pieces(client_decoder(version), sent, cuts) == packets
    assert client_decoder(version).feed(sent) == packets


@given(packet_ids, versions)
def test_the_short_way_to_a_puback_is_the_same(packet_id: int, version: int) -> None:
    assert encode_puback(packet_id) == encode(PubAck(packet_id), version)
