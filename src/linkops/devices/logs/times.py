"""What time a device means; it is shown beside the time when the entry came, and nothing depends on it.

>>> read_time("2026/11/24 6:52:10")
1795503130000
>>> read_time("2026-11-24T14:52:10.250+0800")
1795503130250
"""

import re
from calendar import monthrange, timegm

_WRITTEN = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ]+(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,:](\d{1,9}))?\s*(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_NUMBER = re.compile(r"\d{9,13}", re.ASCII)
_FIRST_MS = 10**11
"""Smaller numbers are seconds."""


def read_time(text: str) -> int | None:
    """Return Unix milliseconds; None for what we cannot read. Without a zone it is UTC, as the field's name says."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        number = int(text)
        return number if number >= _FIRST_MS else number * 1_000
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.group(1, 2, 3, 4, 5, 6))
    if not (year and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    if hour > 23 or minute > 59 or second > 60:
        return None
    return _milliseconds((year, month, day, hour, minute, second), match[7] or "", match[8] or "Z")


def _milliseconds(parts: tuple[int, int, int, int, int, int], fraction: str, zone: str) -> int:
    return (timegm(parts) - _ahead_s(zone)) * 1_000 + int(fraction[:3].ljust(3, "0") or 0)


def _ahead_s(zone: str) -> int:
    if zone == "Z":
        return 0
    digits = zone[1:].replace(":", "")
    ahead = int(digits[:2]) * 3_600 + int(digits[2:]) * 60
    return -ahead if zone[0] == "-" else ahead
