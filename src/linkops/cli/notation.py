"""How stages, limits, windows and times are written on the command line: short words, read and written.

What is read are the parts of a strategy as REST has them. Each `read_…` undoes its `write_…`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any, NoReturn

from linkops.cli.failures import CommandFailed

Part = dict[str, Any]

STAGE_HELP = "10:95 is 10 % of the devices, and on once 95 % of them succeeded; 10 is 10 %, and on by job resume."
ABORT_HELP = "20%/100 stops at 20 % failures once 100 devices are done, 50 at 50 failures, timeout:5 at 5 time-outs."
WINDOW_HELP = '"mon-fri 22:00-04:00 Europe/Berlin": devices are told of updates only then.'
TIME_HELP = "as 2026-12-24T20:00 (your zone), 2026-12-24T20:00Z, or +2h30m from now."

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY_DAY = "daily"
_KINDS = ("any", "reported", "timeout", "wrong-version")
_NUMBER = r"(\d+(?:\.\d+)?)"
_STAGE = re.compile(rf"{_NUMBER}%?(?::{_NUMBER}%?)?", re.ASCII)
_ABORT = re.compile(rf"(?:(any|reported|timeout|wrong[-_]version):)?(?:{_NUMBER}%|(\d+))(?:/(\d+))?", re.ASCII)
_WINDOW = re.compile(r"(\S+) +(\d?\d:\d\d) ?- ?(\d?\d:\d\d) +(\S+)", re.ASCII)
_AHEAD = re.compile(r"\+(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?", re.ASCII)
_MOST_CHARS = 200
_MOST_DIGITS = 9


def read_stage(text: str) -> Part:
    """Return a stage.

    >>> read_stage("10:95")
    {'percent': 10.0, 'success_percent': 95.0}

    Raises:
        CommandFailed: when it is written otherwise.
    """
    match = _STAGE.fullmatch(text.strip())
    if match is None:
        _refuse("stage", text, f"As in: {STAGE_HELP}")
    return {"percent": float(match[1]), "success_percent": None if match[2] is None else float(match[2])}


def write_stage(stage: Mapping[str, Any]) -> str:
    """Return a stage as it is written on the command line."""
    needed = stage["success_percent"]
    return _number(stage["percent"]) + ("" if needed is None else f":{_number(needed)}")


def read_abort(text: str) -> Part:
    """Return a limit of failures.

    >>> read_abort("timeout:5")
    {'kind': 'timeout', 'percent': None, 'failures': 5, 'after': 1}

    Raises:
        CommandFailed: when it is written otherwise.
    """
    match = _ABORT.fullmatch(text.strip())
    if match is None or any(digits and len(digits) > _MOST_DIGITS for digits in match.group(3, 4)):
        _refuse("limit", text, f"As in: {ABORT_HELP} Kinds: {', '.join(_KINDS)}.")
    kind, percent, failures, after = match.groups()
    return {
        "kind": (kind or "any").replace("-", "_"),
        "percent": None if percent is None else float(percent),
        "failures": None if failures is None else int(failures),
        "after": int(after or 1),
    }


def write_abort(limit: Mapping[str, Any]) -> str:
    """Return a limit of failures as it is written on the command line."""
    kind = "" if limit["kind"] == "any" else f"{limit['kind'].replace('_', '-')}:"
    bound = str(limit["failures"]) if limit["percent"] is None else f"{_number(limit['percent'])}%"
    return kind + bound + ("" if limit["after"] == 1 else f"/{limit['after']}")


def read_window(text: str) -> Part:
    """Return a time of the week.

    >>> read_window("sat,sun 1:00-5:00 UTC")
    {'days': [6, 7], 'start': '01:00', 'end': '05:00', 'zone': 'UTC'}

    Raises:
        CommandFailed: when it is written otherwise.
    """
    match = _WINDOW.fullmatch(text.strip()[:_MOST_CHARS])
    if match is None:
        _refuse("window", text, f"Write it as {WINDOW_HELP}")
    start, end = match[2].zfill(5), match[3].zfill(5)
    return {"days": _read_days(match[1], text), "start": start, "end": end, "zone": match[4]}


def write_window(window: Mapping[str, Any]) -> str:
    """Return a time of the week as it is written on the command line."""
    return f"{_write_days(window['days'])} {window['start']}-{window['end']} {window['zone']}"


def _read_days(words: str, whole: str) -> list[int]:
    if words.lower() == _EVERY_DAY:
        return [*range(1, 8)]
    days: set[int] = set()
    for word in words.lower().split(","):
        first, dash, last = word.partition("-")
        if first not in _DAYS or (dash and last not in _DAYS):
            _refuse("window", whole, f"Write it as {WINDOW_HELP} Days are {', '.join(_DAYS)} or daily.")
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        days |= {(begin + ahead) % 7 + 1 for ahead in range((end - begin) % 7 + 1)}
    return sorted(days)


def _write_days(days: Iterable[int]) -> str:
    listed = sorted(set(days))
    if len(listed) == 7:
        return _EVERY_DAY
    runs: list[list[int]] = []
    for day in listed:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(_write_run(run) for run in runs)


def _write_run(run: list[int]) -> str:
    first, last = _DAYS[run[0] - 1], _DAYS[run[-1] - 1]
    return first if len(run) == 1 else f"{first}-{last}"


def read_time(text: str, now: datetime, after: datetime | None = None) -> int:
    """Return a time in Unix ms.

    Args:
        text: ISO 8601, in the zone of ``now`` unless it names one; or "+2h", a time ahead.
        now: with a zone.
        after: from which "+2h" counts; None: from now.

    Raises:
        CommandFailed: when it is written otherwise.
    """
    ahead = _AHEAD.fullmatch(text.strip())
    try:
        if ahead is not None and any(ahead.groups()):
            days, hours, minutes = (int(part or 0) for part in ahead.groups())
            at = (after or now) + timedelta(days=days, hours=hours, minutes=minutes)
        else:
            at = _in_zone(datetime.fromisoformat(text.strip()), now.tzinfo)
        return int(at.timestamp() * 1_000)
    except (ValueError, OverflowError):
        _refuse("time", text, f"Write it {TIME_HELP}")


def write_time(at: int, zone: tzinfo) -> str:
    """Return a time in Unix ms, to the second, as it is written on the command line."""
    return datetime.fromtimestamp(at // 1_000, zone).isoformat()


def _in_zone(at: datetime, zone: tzinfo | None) -> datetime:
    return at.replace(tzinfo=zone) if at.tzinfo is None else at


def read_tags(texts: Iterable[str]) -> dict[str, str]:
    """Return tags that are written as ``KEY=VALUE``.

    Raises:
        CommandFailed: when one is not, or comes twice.
    """
    tags: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key or key in tags:
            _refuse("tag", text, "Write it as KEY=VALUE, as in ring=early; each key once.")
        tags[key] = value
    return tags


def read_region(text: str) -> Part:
    """Return a region that is written as ``PROVINCE`` or ``PROVINCE/CITY``.

    Raises:
        CommandFailed: when there is no province.
    """
    province, _, city = text.partition("/")
    if not province.strip():
        _refuse("region", text, "Write it as PROVINCE or PROVINCE/CITY, as in Bavaria/Munich.")
    return {"province": province.strip(), "city": city.strip()}


def read_all(read: Callable[[str], Part], texts: Iterable[str]) -> list[Part]:
    """Return several of a kind, in the order in which they are written."""
    return [read(text) for text in texts]


def _number(value: float) -> str:
    """Return a number without needless digits, and never with an exponent."""
    return f"{value:.10f}".rstrip("0").rstrip(".")


def _refuse(kind: str, text: str, how: str) -> NoReturn:
    raise CommandFailed(f"{text[:_MOST_CHARS]!r} is no {kind}. {how}")


def read_tag_wanted(text: str | None) -> dict[str, str | None]:
    """Return the tag to look for, written ``key`` (any value) or ``key=value``, as the API names it.

    >>> read_tag_wanted("ring=beta")
    {'tag_key': 'ring', 'tag_value': 'beta'}
    """
    key, equals, value = (text or "").partition("=")
    return {"tag_key": key or None, "tag_value": value if equals else None}
