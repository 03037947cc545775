"""How fast devices are offered an update: the generic cell rate algorithm, spaced evenly.

The state is one number per job, the time in microseconds at which the next offer is due. In any 60 s there are at
most ``rate + 1`` pushes, and in each full minute in which devices wait at least 95 % of the rate (- 1), provided that
somebody asks more often than every `TOLERANCE_MS`. Pulls never wait, but keep later pushes back.
"""

from collections import deque
from collections.abc import Iterable, Sequence

MINUTE_MS = 60_000
TOLERANCE_MS = 600
_TOLERANCE_US = TOLERANCE_MS * 1_000
_MINUTE_US = MINUTE_MS * 1_000


def interval_us(rate_per_minute: int) -> int:
    """Return the space between two offers: 2 % wider than the rate, which pays for the tolerance."""
    return -(-_MINUTE_US * 100 // (98 * rate_per_minute))


def allowance(rate_per_minute: int, due_us: int, now: int) -> int:
    """Return how many offers may be made at ``now`` (milliseconds)."""
    interval = interval_us(rate_per_minute)
    early = now * 1_000 + _TOLERANCE_US - _due(interval, due_us, now)
    return 0 if early < 0 else early // interval + 1


def charge(rate_per_minute: int, due_us: int, now: int, offers: int) -> int:
    """Return when the next offer is due after ``offers`` were made at ``now`` (milliseconds).

    Never more than about a minute ahead: after a rush of pulls (or a clock set back) pushes go on once the rush
    is out of every window that they are in.
    """
    interval = interval_us(rate_per_minute)
    due = _due(interval, due_us, now) + offers * interval
    return min(due, _latest(interval, now))


def _due(interval: int, due_us: int, now: int) -> int:
    return min(max(due_us, now * 1_000), _latest(interval, now))


def _latest(interval: int, now: int) -> int:
    return now * 1_000 + _MINUTE_US + _TOLERANCE_US + interval


def slot_end(started_at: int, at: int) -> int:
    """Return when the rate slot of ``at`` is over: slots are minutes counted from the start of the job."""
    return started_at + ((at - started_at) // MINUTE_MS + 1) * MINUTE_MS


def offers_a_minute(offers: Sequence[tuple[int, int]], seconds: Iterable[int]) -> list[int]:
    """Return how many offers were made in the 60 s up to each of some growing seconds.

    Args:
        offers: made in which second, and how many; by second.
        seconds: at which to look.
    """
    waiting, inside, total = deque(offers), deque[tuple[int, int]](), 0
    found = []
    for now in seconds:
        while waiting and waiting[0][0] <= now:
            inside.append(waiting.popleft())
            total += inside[-1][1]
        while inside and inside[0][0] <= now - 60:
            total -= inside.popleft()[1]
        found.append(total)
    return found
