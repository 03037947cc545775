"""The messages of an update: version report, progress, push and pull (docs/protocol/device-protocol.md#ota).

Reading is on the hottest path of the server, so it is typed down to the fields that matter.
"""

import re
from typing import Any

import msgspec

from linkops.alink.jsontext import Malformed, decode, encode
from linkops.alink.messages import MessageId, check_id, write_reply

DEFAULT_MODULE = "default"
MAX_VERSION_CHARS = 64
MAX_DESC_CHARS = 128

UPGRADE_FAILED, DOWNLOAD_FAILED, VERIFY_FAILED, FLASH_FAILED = -1, -2, -3, -4

_MODULE = re.compile(r"[A-Za-z0-9._-]{1,64}")


class VersionReport(msgspec.Struct, frozen=True, gc=False):
    """``module`` of a device runs ``version``; this, and not a progress of 100, is what ends an update."""

    module: str
    version: str


class Progress(msgspec.Struct, frozen=True, gc=False):
    """``step`` is 0 to 100 percent, or one of the four failures; ``desc`` at most `MAX_DESC_CHARS`, for people."""

    module: str
    step: int
    desc: str


class _VersionParams(msgspec.Struct, gc=False):
    version: str
    module: str | None = None


class _VersionMessage(msgspec.Struct, gc=False):
    params: _VersionParams


class _ProgressParams(msgspec.Struct):
    step: int | float | str
    desc: Any = ""
    module: str | None = None


class _ProgressMessage(msgspec.Struct):
    params: _ProgressParams


_version_message = msgspec.json.Decoder(_VersionMessage)
_progress_message = msgspec.json.Decoder(_ProgressMessage)


def read_version_report(payload: bytes) -> VersionReport:
    """Return what a device says it runs.

    Raises:
        Malformed: no version of 1 to 64 printable characters, or no such module name.
    """
    params = decode(payload, _version_message).params
    version = params.version.strip()
    if not 0 < len(version) <= MAX_VERSION_CHARS or not version.isprintable():
        raise Malformed("params.version is not 1 to 64 printable characters")
    return VersionReport(_module(params.module), version)


def read_progress(payload: bytes) -> Progress:
    """Return how far a device says it is.

    Raises:
        Malformed: no whole step between -4 and 100, or no such module name.
    """
    params = decode(payload, _progress_message).params
    desc = params.desc if isinstance(params.desc, str) else ""
    return Progress(_module(params.module), _step(params.step), desc[:MAX_DESC_CHARS].replace("\0", ""))


def _module(name: str | None) -> str:
    if not name:
        return DEFAULT_MODULE
    if _MODULE.fullmatch(name) is None:
        raise Malformed("params.module is not 1 to 64 letters, digits, '.', '_' or '-'")
    return name


def _step(given: float | str) -> int:
    try:
        step = int(given)
    except (ValueError, OverflowError):
        raise Malformed("params.step is not a whole number") from None
    if not FLASH_FAILED <= step <= 100 or (isinstance(given, float) and given != step):
        raise Malformed("params.step is not between -4 and 100")
    return step


class FirmwareFile(msgspec.Struct, frozen=True, rename="camel"):
    """One of several files of a package; digests in lower-case hex, the publisher's signature only if there is one."""

    file_size: int
    file_name: str
    file_url: str
    file_md5: str
    file_sign: str
    digestsign: str | msgspec.UnsetType = msgspec.UNSET


class Firmware(msgspec.Struct, kw_only=True, rename="camel"):
    """What a device needs to know to update itself, in the order of the samples; a field left UNSET is left out.

    One file: ``size``, ``url`` (or the three MQTT fields), ``md5``, ``sign`` and ``sign_method`` are set; several:
    ``files``. ``module`` stays unset for the default one, ``is_diff`` for a whole image. Digests are lower-case hex;
    ``sign_method`` is spelled ``SHA256`` or ``Md5``. ``ext_data`` comes last, since its text is the operator's.
    """

    size: int | msgspec.UnsetType = msgspec.UNSET
    version: str
    is_diff: int | msgspec.UnsetType = msgspec.UNSET
    url: str | msgspec.UnsetType = msgspec.UNSET
    d_protocol: str | msgspec.UnsetType = msgspec.UNSET
    stream_id: int | msgspec.UnsetType = msgspec.UNSET
    stream_file_id: int | msgspec.UnsetType = msgspec.UNSET
    md5: str | msgspec.UnsetType = msgspec.UNSET
    sign: str | msgspec.UnsetType = msgspec.UNSET
    sign_method: str | msgspec.UnsetType = msgspec.UNSET
    digestsign: str | msgspec.UnsetType = msgspec.UNSET
    module: str | msgspec.UnsetType = msgspec.UNSET
    files: list[FirmwareFile] | msgspec.UnsetType = msgspec.UNSET
    ext_data: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


def keys_behind(field: str) -> frozenset[str]:
    """Return the keys that a push has behind ``field``.

    The C SDK searches the text for a key, and takes a value that reads the same for it: a value in ``field`` must not.
    """
    keys = Firmware.__struct_encode_fields__
    return frozenset((*keys[keys.index(field) + 1 :], "id", "message", "method"))


class _Push(msgspec.Struct):
    code: str
    data: Firmware
    id: int
    message: str


def write_firmware_push(firmware: Firmware, message_id: int) -> bytes:
    """Return a push: the code is the text "1000", the id a number (ours: milliseconds)."""
    return encode(_Push("1000", firmware, message_id, "success"))


def write_firmware_reply(message_id: MessageId, firmware: Firmware | None) -> bytes:
    """Return the answer to a pull: the code is the number 200, the data ``{}`` when there is nothing to do."""
    return write_reply(message_id, firmware, method="thing.ota.firmware.get")


class _Pull(msgspec.Struct):
    id: MessageId = ""
    params: Any = None


_pull = msgspec.json.Decoder(_Pull)


def read_firmware_get(payload: bytes) -> tuple[MessageId, str]:
    """Return id and module of a pull.

    Raises:
        Malformed: the id is no id, or there is no such module name.
    """
    pull = decode(payload, _pull)
    check_id(pull.id)
    module = pull.params.get("module") if isinstance(pull.params, dict) else None
    if module is not None and not isinstance(module, str):
        raise Malformed("params.module is not a text")
    return pull.id, _module(module)
