"""What time it is (docs/protocol/device-protocol.md#ntp): not in the envelope, and every number is a text."""

import msgspec

from linkops.alink.jsontext import Malformed, decode, encode

MAX_TIME_CHARS = 32
"""A device sends its own clock, whatever that counts; it only has to find it again."""


class _Question(msgspec.Struct, rename="camel", gc=False):
    device_send_time: str | int


class _Answer(msgspec.Struct, rename="camel", gc=False):
    device_send_time: str
    server_recv_time: str
    server_send_time: str


_question = msgspec.json.Decoder(_Question)


def read_ntp_request(payload: bytes) -> str:
    """Return when a device asked, by its own clock and as it wrote it.

    Raises:
        Malformed: it does not say, or at a length that nobody would echo.
    """
    sent = str(decode(payload, _question).device_send_time)
    if len(sent) > MAX_TIME_CHARS:
        raise Malformed("deviceSendTime is too long")
    return sent


def write_ntp_response(device_send_time: str, received_at: int, sent_at: int) -> bytes:
    """Return the answer; the server's times are Unix milliseconds."""
    return encode(_Answer(device_send_time, str(received_at), str(sent_at)))
