"""Points in time as people read them: how long ago, and on hovering exactly, in their own zone."""

from datetime import UTC, datetime

from babel.dates import format_datetime, format_timedelta

from linkops.console.state import console
from linkops.console.view import view

_LOCALES = {"en": "en", "zh": "zh_Hans"}


def ago(at: int | None) -> str:
    """Return how long ago, or in how long, ``at`` (Unix milliseconds) is; "" for never."""
    if at is None:
        return ""
    seconds = (at - console().clock.now()) / 1_000
    return str(format_timedelta(_delta(seconds), add_direction=True, locale=_locale(), threshold=0.95))


def exact(at: int | None) -> str:
    """Return ``at`` to the second, in the viewer's zone; "" for never."""
    if at is None:
        return ""
    when = datetime.fromtimestamp(at / 1_000, UTC)
    return str(format_datetime(when, "yyyy-MM-dd HH:mm:ss zzz", tzinfo=view().zone, locale=_locale()))


def clock_time(at: int) -> str:
    """Return the time of day of ``at`` to the millisecond, in the viewer's zone: for what comes in quick succession."""
    when = datetime.fromtimestamp(at / 1_000, UTC).astimezone(view().zone)
    return f"{when:%H:%M:%S}.{at % 1_000:03}"


def lasting(seconds: float) -> str:
    """Return a duration, as in "3 minutes"."""
    return str(format_timedelta(_delta(seconds), locale=_locale(), threshold=0.95))


def _locale() -> str:
    return _LOCALES[view().language]


def _delta(seconds: float) -> int:
    # Babel takes seconds as whole numbers; less than one is one.
    return int(seconds) or (1 if seconds >= 0 else -1)
