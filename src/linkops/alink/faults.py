"""Why a device's request is refused: numbers that SDKs know, each with what people read beside it."""

from enum import IntEnum
from typing import Self


class Fault(IntEnum):
    """Numbers go out as ``code``.

    Attributes:
        text: goes out as the message.
    """

    text: str

    def __new__(cls, code: int, text: str) -> Self:
        """Make the member whose value is ``code``."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.text = text
        return member
