"""What a simulated device says and understands of updates (docs/protocol/device-protocol.md#ota)."""

from typing import Any

import msgspec

from linkops.alink.firmware import DEFAULT_MODULE


class OfferedFile(msgspec.Struct, frozen=True, rename="camel"):
    """One of several files; ``digestsign`` is the publisher's signature, '' if there is none."""

    file_size: int = 0
    file_name: str = ""
    file_url: str = ""
    file_md5: str = ""
    file_sign: str = ""
    digestsign: str = ""


class Offer(msgspec.Struct, frozen=True, rename="camel"):
    """A firmware as a push or the answer to a pull describes it; the empty answer has no ``version``.

    With the ``d_protocol`` "mqtt" there is no ``url``: the file is read by blocks.
    """

    version: str = ""
    size: int = 0
    url: str = ""
    d_protocol: str = ""
    stream_id: int = 0
    stream_file_id: int = 1
    md5: str = ""
    sign: str = ""
    sign_method: str = ""
    digestsign: str = ""
    module: str = DEFAULT_MODULE
    files: tuple[OfferedFile, ...] = ()

    def parts(self) -> tuple[OfferedFile, ...]:
        """Return the files, also where there is one only."""
        return self.files or (OfferedFile(self.size, "", self.url, self.md5, self.sign, self.digestsign),)


class _Envelope(msgspec.Struct):
    code: int | str = 0
    data: Offer = Offer()


class _Version(msgspec.Struct, omit_defaults=True):
    version: str
    module: str = DEFAULT_MODULE


class _Progress(msgspec.Struct, omit_defaults=True):
    step: str
    desc: str
    module: str = DEFAULT_MODULE


class _Pull(msgspec.Struct, omit_defaults=True):
    module: str = DEFAULT_MODULE


class _Message(msgspec.Struct):
    id: str
    version: str
    params: Any
    method: str | msgspec.UnsetType = msgspec.UNSET


_encode = msgspec.json.Encoder().encode
_envelope = msgspec.json.Decoder(_Envelope)


def read_offer(payload: bytes) -> Offer | None:
    """Return the firmware that a push or an answer to a pull offers; None when it offers none."""
    try:
        envelope = _envelope.decode(payload)
    except msgspec.DecodeError:
        return None
    return envelope.data if str(envelope.code) in {"1000", "200"} and envelope.data.version else None


def write_version(message_id: int, version: str, module: str) -> bytes:
    """Return a version report; the default module is not named."""
    return _encode(_Message(str(message_id), "1.0", _Version(version, module)))


def write_progress(message_id: int, step: int, desc: str, module: str) -> bytes:
    """Return a progress report; ``step`` is percent, or -1 to -4 for a failure."""
    return _encode(_Message(str(message_id), "1.0", _Progress(str(step), desc, module)))


def write_pull(message_id: int, module: str) -> bytes:
    """Return the question whether there is something to install."""
    return _encode(_Message(str(message_id), "1.0", _Pull(module), "thing.ota.firmware.get"))
