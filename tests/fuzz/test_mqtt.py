"""Mutated frames by the hundred thousand: each is taken or refused with the documented error, and none leaves a trace.

``LINKOPS_FUZZ_FRAMES`` says how many (nightly: 1,000,000).
"""

import os
import random
import tracemalloc
from contextlib import suppress

from linkops.mqtt.decode import server_decoder
from linkops.mqtt.encode import encode
from linkops.mqtt.packets import (
    Connect,
    Disconnect,
    Packet,
    PingReq,
    PubAck,
    Publish,
    Subscribe,
    Subscription,
    Unsubscribe,
    Will,
)
from linkops.mqtt.properties import Properties
from linkops.mqtt.reasons import PacketError
from linkops.mqtt.session import Closed, ServerSession

FRAMES = int(os.environ.get("LINKOPS_FUZZ_FRAMES", "100000"))
INTERESTING = bytes((0x00, 0x01, 0x7F, 0x80, 0xFF, 0x10, 0x30, 0x82, 0x23, 0x2B, 0xED))

PLAIN: list[Packet] = [
    Publish("/ota/device/progress/pk/device-1", b'{"id":1,"params":{"step":"45"}}', 1, 7),
    Publish("/pk/device-1/user/update", b"x"),
    Subscribe(2, (Subscription("/sys/pk/device-1/thing/event/+/post_reply", 1), Subscription("$share/g/#", 0))),
    Unsubscribe(3, ("/sys/pk/device-1/#", "a")),
    PubAck(1),
    PingReq(),
    Disconnect(),
]
RICH: list[Packet] = [
    Publish("a", b"x", 1, 1, properties=Properties(topic_alias=1, response_topic="b", user_properties=(("k", "v"),))),
    Publish("", b"x", properties=Properties(topic_alias=1, message_expiry_s=5, correlation=b"c")),
    Subscribe(2, (Subscription("a", 1, True, True, 1),), Properties(user_properties=(("k", "v"),))),
    PubAck(1, 0x80, Properties(reason_string="no")),
    Disconnect(4, Properties(session_expiry_s=5, reason_string="bye")),
]
WILL = Will("t", b"gone", 1)
CONNECTS = [
    Connect("pk.device-1|securemode=3,signmethod=hmacsha256|", version, True, 60, "device-1&pk", b"f" * 64, will)
    for version in (3, 4, 5)
    for will in (None, WILL)
]


def mutated(frame: bytes, chance: random.Random) -> bytes:
    bytes_ = bytearray(frame)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(bytes_) or 1)
        match chance.randrange(6):
            case 0:
                bytes_[at : at + 1] = bytes((chance.randrange(256),))
            case 1:
                bytes_[at : at + 1] = bytes((chance.choice(INTERESTING),))
            case 2:
                bytes_.insert(at, chance.randrange(256))
            case 3:
                del bytes_[at : at + chance.randrange(1, 8)]
            case 4:
                bytes_[at:at] = bytes_[at : at + chance.randrange(1, 20)]
            case _:
                bytes_[at : at + 4] = chance.randbytes(4)
    return bytes(bytes_)


def opened(connect: Connect) -> ServerSession:
    session = ServerSession(0.0)
    session.receive_data(encode(connect, connect.version), 0.0)
    session.accept()
    session.publish("t", b"x", 1, "ticket")
    session.data_to_send()
    return session


def test_mutated_first_packets() -> None:
    chance = random.Random(1)
    frames = [encode(connect, connect.version) for connect in CONNECTS]
    for _ in range(FRAMES // 4):
        with suppress(PacketError):
            packets = server_decoder().feed(mutated(chance.choice(frames), chance))
            assert all(isinstance(packet, Connect) for packet in packets[:1])


def test_mutated_packets_of_open_connections() -> None:
    chance = random.Random(2)
    frames = {
        version: [encode(packet, version) for packet in (PLAIN if version < 5 else PLAIN + RICH)]
        for version in (3, 4, 5)
    }
    plain = [connect for connect in CONNECTS if connect.will is None]
    tracemalloc.start()
    session = opened(plain[0])
    after_warming_up = 0
    for number in range(FRAMES):
        if session.closed or number % 50 == 0:
            session = opened(chance.choice(plain))
        events = session.receive_data(mutated(chance.choice(frames[session.version]), chance), 0.0)
        for event in events:
            if isinstance(event, Closed) and event.reason:
                assert event.reason >= 0x80
                assert event.why
        assert len(session.data_to_send()) < 200
        if number == FRAMES // 10:
            after_warming_up, _ = tracemalloc.get_traced_memory()
    at_the_end, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert at_the_end - after_warming_up < 500_000
