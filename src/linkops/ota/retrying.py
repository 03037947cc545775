"""Whether a failed device is offered the update once more, and when."""

from linkops.ota.model import FailureKind
from linkops.ota.strategy import Retry

_RETRIED = frozenset(
    {FailureKind.UPDATE, FailureKind.DOWNLOAD, FailureKind.VERIFY, FailureKind.FLASH, FailureKind.WRONG_VERSION}
)
_JITTER = 0.1
_STEPS = 1_000


def retry_at(retry: Retry | None, kind: FailureKind, retries: int, task_id: int, at: int) -> int | None:
    """Return when (ms) a task that failed at ``at`` after ``retries`` retries is due again; None: it has failed.

    Never earlier than the interval, and up to a tenth of it later, so that devices that failed together do not come
    back together.
    """
    if retry is None or retries >= retry.count:
        return None
    if kind not in _RETRIED and not (kind is FailureKind.TIMEOUT and retry.timeouts):
        return None
    interval_ms = retry.interval_s * 1_000 * retry.backoff**retries
    return at + int(interval_ms * (1 + _JITTER * _spread(task_id, retries)))


def _spread(task_id: int, retries: int) -> float:
    """Return a number from 0 to 1 that is the same whenever it is asked for."""
    return (task_id * 2_654_435_761 + retries * 40_503) % _STEPS / _STEPS
