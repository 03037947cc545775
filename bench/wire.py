"""The bytes that a load connection sends, made before the clock starts."""

import hmac

from linkops.alink.topics import Channel, topic_for

PUBACK = 0x40
PUBLISH = 0x30
KEEP_ALIVE_S = 1_200
PACKET_ID = b"\x00\x01"  # one message at a time: the same number serves again


class Credential:
    """One device: its names and the bytes of its CONNECT."""

    __slots__ = ("connect", "device_name", "product_key")

    def __init__(self, product_key: str, device_name: str, device_secret: str) -> None:
        self.product_key = product_key
        self.device_name = device_name
        self.connect = connect_packet(product_key, device_name, device_secret)


def connect_packet(product_key: str, device_name: str, device_secret: str) -> bytes:
    """Return the CONNECT of an MQTT 3.1.1 device with a clean session (docs/protocol/device-protocol.md#connect)."""
    client_id = f"{product_key}.{device_name}"
    signed = f"clientId{client_id}deviceName{device_name}productKey{product_key}"
    password = hmac.digest(device_secret.encode(), signed.encode(), "sha256").hex()
    extended = f"{client_id}|securemode=3,signmethod=hmacsha256,_ss=1,lan=C,_v=sdk-c-4.1.0|"
    fields = [extended, f"{device_name}&{product_key}", password]
    header = _text("MQTT") + b"\x04\xc2" + KEEP_ALIVE_S.to_bytes(2, "big")
    return _packet(0x10, header + b"".join(_text(field) for field in fields))


def progress_topic(credential: Credential) -> bytes:
    """Return the topic, as it stands in a packet, of a device's progress reports."""
    return _text(topic_for(Channel.PROGRESS, credential.product_key, credential.device_name))


def custom_topic(credential: Credential) -> bytes:
    """Return the topic, as it stands in a packet, of a device's messages to applications."""
    return _text(topic_for(Channel.CUSTOM, credential.product_key, credential.device_name, "update"))


def version_topic(credential: Credential) -> bytes:
    """Return the topic, as it stands in a packet, of a device's version reports."""
    return _text(topic_for(Channel.VERSION_REPORT, credential.product_key, credential.device_name))


def progress_payload(step: int) -> bytes:
    """Return what the C SDK 4 reports at ``step`` percent."""
    return b'{"id":%d,"params":{"step":"%d","desc":""}}' % (step, step)


def version_payload(version: str) -> bytes:
    """Return a version report of the default module."""
    return b'{"id":1,"params":{"version":"%s"}}' % version.encode()


def publish_head(topic: bytes, payload_length: int) -> bytes:
    """Return what stands before a payload of that length in a QoS 1 PUBLISH."""
    return b"\x32" + _length(len(topic) + len(PACKET_ID) + payload_length) + topic + PACKET_ID


def publish_head_qos0(topic: bytes, payload_length: int) -> bytes:
    """Return the same of QoS 0."""
    return b"\x30" + _length(len(topic) + payload_length) + topic


def packet_end(received: bytes | bytearray, start: int) -> tuple[int, int] | None:
    """Return where the body of the packet at ``start`` begins and ends, or None while it is incomplete."""
    length = shift = 0
    for at in range(start + 1, len(received)):
        length |= (received[at] & 0x7F) << shift
        if received[at] < 0x80:
            end = at + 1 + length
            return (at + 1, end) if end <= len(received) else None
        shift += 7
    return None


def _packet(first: int, body: bytes) -> bytes:
    return bytes([first]) + _length(len(body)) + body


def _text(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def _length(length: int) -> bytes:
    encoded = bytearray()
    while True:
        length, low = divmod(length, 128)
        encoded.append(low | 0x80 if length else low)
        if not length:
            return bytes(encoded)
