"""From counters to what charts show."""

from collections import Counter
from collections.abc import Iterable

from linkops.ota.distributions.model import Ended, FailureShare, RolloutOutcome, SourceOutcome
from linkops.ota.distributions.shares import fraction, rate
from linkops.ota.distributions.store import RolloutTasks, SourceTasks, Tasks
from linkops.ota.model import TaskStatus


def ended(tasks: Iterable[Tasks]) -> Ended:
    """Return how all tasks together ended."""
    counts: Counter[TaskStatus] = Counter()
    for status, _, count in tasks:
        counts[status] += count
    succeeded, failed, canceled = (
        counts[status] for status in (TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELED)
    )
    return Ended(
        total=counts.total(),
        succeeded=succeeded,
        failed=failed,
        canceled=canceled,
        unfinished=counts.total() - succeeded - failed - canceled,
        success_rate=rate(succeeded, failed),
        failure_rate=rate(failed, succeeded),
    )


def failures(tasks: Iterable[Tasks]) -> list[FailureShare]:
    """Return why tasks failed, the most frequent reason first, equals by name."""
    failed = [(kind, count) for status, kind, count in tasks if status is TaskStatus.FAILED]
    total = sum(count for _, count in failed)
    return [
        FailureShare(kind, count, fraction(count, total))
        for kind, count in sorted(failed, key=lambda each: (-each[1], each[0]))
    ]


def of_source(tasks: SourceTasks, total: int) -> SourceOutcome:
    """Return how the updates from one version ended, of ``total`` from all."""
    return SourceOutcome(
        source_version=tasks.source_version,
        share=fraction(tasks.total, total),
        total=tasks.total,
        succeeded=tasks.succeeded,
        failed=tasks.failed,
        canceled=tasks.canceled,
        unfinished=tasks.total - tasks.succeeded - tasks.failed - tasks.canceled,
        success_rate=rate(tasks.succeeded, tasks.failed),
        failure_rate=rate(tasks.failed, tasks.succeeded),
    )


def of_rollout(tasks: RolloutTasks) -> RolloutOutcome:
    """Return how a rollout went."""
    return RolloutOutcome(
        job_id=tasks.job_id,
        package_name=tasks.package_name,
        version=tasks.version,
        created_at=tasks.created_at,
        total=tasks.total,
        succeeded=tasks.succeeded,
        failed=tasks.failed,
        canceled=tasks.canceled,
        unfinished=tasks.total - tasks.succeeded - tasks.failed - tasks.canceled,
        success_rate=rate(tasks.succeeded, tasks.failed),
        failure_rate=rate(tasks.failed, tasks.succeeded),
    )
