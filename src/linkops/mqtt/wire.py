"""The data types of MQTT (section 1.5) as bytes."""

from linkops.mqtt.reasons import MalformedPacket

MAX_LENGTH = 268_435_455
"""Largest value of a variable byte integer (four bytes of seven bits)."""


class Reader:
    """Takes fields one after the other from ``content[at:stop]``.

    Every method raises `MalformedPacket` when the field does not end before ``stop``.
    """

    __slots__ = ("at", "content", "stop")

    def __init__(self, content: bytes, at: int, stop: int) -> None:
        self.content = content
        self.at = at
        self.stop = stop

    @property
    def empty(self) -> bool:
        """Whether nothing is left."""
        return self.at >= self.stop

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes."""
        end = self.at + count
        if end > self.stop:
            raise MalformedPacket("a field runs over the end of its packet")
        taken = self.content[self.at : end]
        self.at = end
        return taken

    def rest(self) -> bytes:
        """Return all that is left."""
        return self.take(self.stop - self.at)

    def u8(self) -> int:
        """Return a byte."""
        return self.take(1)[0]

    def u16(self) -> int:
        """Return a two byte integer (section 1.5.2)."""
        return int.from_bytes(self.take(2))

    def u32(self) -> int:
        """Return a four byte integer (section 1.5.3)."""
        return int.from_bytes(self.take(4))

    def varint(self) -> int:
        """Return a variable byte integer (section 1.5.5)."""
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift == 28:
                raise MalformedPacket("a variable byte integer of more than four bytes")

    def binary(self) -> bytes:
        """Return binary data (section 1.5.6)."""
        return self.take(self.u16())

    def text(self) -> str:
        """Return a UTF-8 string (section 1.5.4)."""
        return utf8(self.binary())

    def packet_id(self) -> int:
        """Return a packet identifier, which is never zero (MQTT-2.2.1-3)."""
        packet_id = self.u16()
        if packet_id == 0:
            raise MalformedPacket("packet identifier zero")
        return packet_id


def utf8(raw: bytes) -> str:
    """Return ``raw`` as text.

    Raises:
        MalformedPacket: not UTF-8, a surrogate (MQTT-1.5.4-1), or the null character (MQTT-1.5.4-2).
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise MalformedPacket("text that is not UTF-8") from error
    if "\0" in text:
        raise MalformedPacket("text with a null character")
    return text


def u16(value: int) -> bytes:
    """Return a two byte integer."""
    return value.to_bytes(2)


def u32(value: int) -> bytes:
    """Return a four byte integer."""
    return value.to_bytes(4)


def varint(value: int) -> bytes:
    """Return a variable byte integer.

    Raises:
        ValueError: ``value`` is above `MAX_LENGTH`.
    """
    if value < 0x80:
        return value.to_bytes(1)
    if value > MAX_LENGTH:
        raise ValueError("longer than an MQTT packet can be")
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def binary(raw: bytes) -> bytes:
    """Return binary data with its length.

    Raises:
        ValueError: ``raw`` is longer than 65,535 bytes.
    """
    if len(raw) > 0xFFFF:
        raise ValueError("longer than an MQTT field can be")
    return len(raw).to_bytes(2) + raw


def text(value: str) -> bytes:
    """Return a UTF-8 string with its length (see `binary`)."""
    return binary(value.encode())
