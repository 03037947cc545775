"""What is done after a request to a webhook: tried again, given up, or the webhook is disabled. Pure rules.

One event is tried `MAX_TRIES` times over most of a day, then it becomes a dead letter and the next one has its turn.
With each failure the list in a request is halved, so that an event that a receiver cannot take takes no others with it.
"""

from enum import Enum

MAX_TRIES = 10
FAILING_DAYS = 3
_S, _MIN, _H = 1_000, 60_000, 3_600_000
DELAYS_MS = (5 * _S, 15 * _S, _MIN, 5 * _MIN, 15 * _MIN, _H, 2 * _H, 6 * _H, 12 * _H)
"""Between the tries of one event."""
_JITTER = 0.1
_DAY_MS = 24 * _H


class Verdict(Enum):
    """What follows from a try that failed."""

    AGAIN = "again"
    DEAD = "dead"
    DISABLE = "disable"


def verdict(failures: int, failing_since_at: int | None, now: int) -> Verdict:
    """Return what follows from the ``failures``-th failure in a row; nothing was taken since ``failing_since_at``."""
    if failing_since_at is not None and now - failing_since_at >= FAILING_DAYS * _DAY_MS:
        return Verdict.DISABLE
    return Verdict.DEAD if failures >= MAX_TRIES else Verdict.AGAIN


def delay_ms(failures: int, chance: float) -> int:
    """Return how long to wait after so many failures; ``chance`` (0 to 1) spreads webhooks that failed together.

    >>> [delay_ms(failures, 0) // 1000 for failures in (1, 2, 9, 10)]
    [5, 15, 43200, 43200]
    """
    delay = DELAYS_MS[min(failures, len(DELAYS_MS)) - 1]
    return int(delay * (1 + _JITTER * chance))


def events_at_once(most: int, failures: int) -> int:
    """Return how many events a request carries after so many failures.

    >>> [events_at_once(100, failures) for failures in range(9)]
    [100, 50, 25, 12, 6, 3, 1, 1, 1]
    """
    return max(1, most >> failures)
