"""SQL of reported versions, answered pulls, and devices that came online."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from linkops.db import Tx

_VERSIONS = """
SELECT device_id, module, version FROM module_version
WHERE device_id IN (SELECT r.id FROM {devices: id bigint} r)
"""
_UNFINISHED = """
SELECT t.id, t.claimed_at, j.started_at, t.retry_at FROM ota_task t JOIN ota_job j ON j.id = t.job_id
WHERE t.device_id IN (SELECT r.id FROM {devices: id bigint} r) AND t.ended_at IS NULL AND j.need_push = 1
    AND t.status <> 'CONFIRM'
"""
_QUEUE_PUSHES = """
UPDATE ota_task SET push_due_at = r.due_at FROM {pushes: id bigint, due_at bigint} r
WHERE ota_task.id = r.id AND ota_task.ended_at IS NULL
"""


class Unfinished(NamedTuple):
    """A task that its device is told about when it comes online."""

    task_id: int
    claimed_at: int | None
    job_started_at: int
    retry_at: int | None


def versions(tx: Tx, device_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return what these devices run, by device and module."""
    known: dict[int, dict[str, str]] = {}
    for device_id, module, version in tx.all(_VERSIONS, devices=_ids(device_ids)):
        known.setdefault(device_id, {})[module] = version
    return known


def unfinished(tx: Tx, device_ids: Iterable[int]) -> list[Unfinished]:
    """Return the unfinished tasks of these devices that are delivered by push."""
    return [Unfinished(*row) for row in tx.all(_UNFINISHED, devices=_ids(device_ids))]


def queue_pushes(tx: Tx, pushes: Sequence[tuple[int, int]]) -> None:
    """Let each (task) be pushed from (then) on."""
    tx.run(_QUEUE_PUSHES, pushes=pushes)


def _ids(device_ids: Iterable[int]) -> list[tuple[int]]:
    return [(device_id,) for device_id in device_ids]
