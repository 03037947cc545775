"""``iotId``: how applications of the vendor's platform name a device besides its product key and name.

It is opaque, never changes, belongs to one device for ever, and costs no column: a number and a check of it.

>>> write_iot_id(7)
'669bf78db33f2028d8d4000000000007'
>>> read_iot_id('669bf78db33f2028d8d4000000000007')
7
"""

import hashlib
import re

_CHECK_DIGITS = 20
_NUMBER_DIGITS = 12
_IOT_ID = re.compile(rf"[0-9a-f]{{{_CHECK_DIGITS + _NUMBER_DIGITS}}}")


def write_iot_id(device_id: int) -> str:
    """Return the ``iotId`` of a device: 32 hexadecimal digits."""
    return f"{_check(device_id)}{device_id:0{_NUMBER_DIGITS}x}"


def read_iot_id(iot_id: str) -> int | None:
    """Return the device's id, None when nothing of ours is called so; the device may be gone."""
    if not _IOT_ID.fullmatch(iot_id):
        return None
    device_id = int(iot_id[_CHECK_DIGITS:], 16)
    return device_id if iot_id.startswith(_check(device_id)) else None


def _check(device_id: int) -> str:
    return hashlib.sha256(f"iot {device_id}".encode()).hexdigest()[:_CHECK_DIGITS]
