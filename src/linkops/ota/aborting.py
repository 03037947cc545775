"""When failures stop a job by themselves."""

from collections.abc import Mapping, Sequence

from linkops.ota.model import FailureKind, TaskStatus
from linkops.ota.strategy import Abort, AbortKind

_REPORTED = frozenset({FailureKind.UPDATE, FailureKind.DOWNLOAD, FailureKind.VERIFY, FailureKind.FLASH})
_KINDS = {
    AbortKind.ANY: _REPORTED | {FailureKind.TIMEOUT, FailureKind.WRONG_VERSION},
    AbortKind.REPORTED: _REPORTED,
    AbortKind.TIMEOUT: frozenset({FailureKind.TIMEOUT}),
    AbortKind.WRONG_VERSION: frozenset({FailureKind.WRONG_VERSION}),
}
"""Conflicts count nowhere: such a device was never offered anything."""

Counts = Mapping[tuple[TaskStatus, FailureKind], int]


def abort_reason(limits: Sequence[Abort], counts: Counts) -> str | None:
    """Return why a job with these counts of tasks stops now; None: it goes on."""
    for limit in limits:
        reason = _reason(limit, counts)
        if reason is not None:
            return reason
    return None


def _reason(limit: Abort, counts: Counts) -> str | None:
    failed = _failures(_KINDS[limit.kind], counts)
    done = _failures(_KINDS[AbortKind.ANY], counts) + counts.get((TaskStatus.SUCCEEDED, FailureKind.NONE), 0)
    if done < limit.after or not failed:
        return None
    kind = "" if limit.kind is AbortKind.ANY else f" ({limit.kind})"
    if limit.failures is not None and failed >= limit.failures:
        return f"aborted: {failed} of {done} devices failed{kind}, the limit is {limit.failures}"
    if limit.percent is not None and failed * 100 >= limit.percent * done:
        return f"aborted: {failed} of {done} devices failed{kind}, the limit is {limit.percent:g} %"
    return None


def _failures(kinds: frozenset[FailureKind], counts: Counts) -> int:
    return sum(counts.get((TaskStatus.FAILED, kind), 0) for kind in kinds)
