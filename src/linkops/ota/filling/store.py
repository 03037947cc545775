"""SQL of filling a job: which devices come next, and their tasks."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from linkops.db import Tx
from linkops.ota.model import FailureKind, Targets, TaskStatus
from linkops.ota.rollout import CONFLICT_TEXT, CONFLICTED, SELECTED
from linkops.ota.states.store import CountKey

_UNFILLED = "SELECT id FROM ota_job WHERE ended_at IS NULL AND filled_at IS NULL ORDER BY id LIMIT :most"
_JOB = """
SELECT id, product_id, targets, module, version, source_versions, need_push, last_device_id, fill_cursor
FROM ota_job WHERE id = :job_id AND filled_at IS NULL{for_update}
"""
# Locked, so that of two jobs that are filled side by side one sees the other's tasks.
_NEXT_OF_ALL = """
SELECT id FROM device WHERE product_id = :product_id AND id > :after AND id <= :last
ORDER BY id LIMIT :most{for_update}
"""
_NEXT_SPECIFIC = """
SELECT id FROM device WHERE id IN (
    SELECT device_id FROM ota_job_target WHERE job_id = :job_id AND device_id > :after ORDER BY device_id LIMIT :most
) ORDER BY id{for_update}
"""
_LAST_TARGET = """
SELECT max(n.device_id) FROM (
    SELECT device_id FROM ota_job_target WHERE job_id = :job_id AND device_id > :after ORDER BY device_id LIMIT :most
) n
"""
# The search for another unfinished update is a subquery: as a join, PostgreSQL takes the growing table for an empty one
# and reads all its live tasks once for each device.
_ADD_TASKS = """
INSERT INTO ota_task (job_id, device_id, module, source_version, status, failure_kind, description, push_due_at,
    created_at, updated_at, ended_at)
SELECT :job_id, c.id, :module, c.version,
    CASE WHEN c.other IS NULL THEN :selected ELSE :conflicted END,
    CASE WHEN c.other IS NULL THEN '' ELSE :conflict END,
    CASE WHEN c.other IS NULL THEN '' ELSE :conflict_text END,
    CASE WHEN c.other IS NULL AND c.online = 1 AND :need_push = 1 THEN CAST(:now AS BIGINT) END,
    CAST(:now AS BIGINT), CAST(:now AS BIGINT), CASE WHEN c.other IS NOT NULL THEN CAST(:now AS BIGINT) END
FROM (
    SELECT d.id, d.online, coalesce(v.version, '') AS version, (
        SELECT max(l.id) FROM ota_task l WHERE l.device_id = d.id AND l.lane = '' AND l.ended_at IS NULL
    ) AS other
    FROM {devices: id bigint} r JOIN device d ON d.id = r.id
    LEFT JOIN module_version v ON v.device_id = d.id AND v.module = :module
) c
WHERE c.version <> :version
    AND (:any_source = 1 OR c.version IN (SELECT s.version FROM {source_versions: version text} s))
RETURNING status, source_version, failure_kind
"""
_ADVANCE = "UPDATE ota_job SET fill_cursor = :cursor WHERE id = :job_id"
_FINISH = "UPDATE ota_job SET filled_at = :now, updated_at = :now WHERE id = :job_id"
_FORGET_TARGETS = "DELETE FROM ota_job_target WHERE job_id = :job_id"

_versions = msgspec.json.Decoder(list[str])


class Filling(NamedTuple):
    """A job whose tasks are being made."""

    job_id: int
    product_id: int
    targets: str
    module: str
    version: str
    source_versions: str
    need_push: int
    last_device_id: int
    cursor: int


def unfilled(tx: Tx, most: int) -> list[int]:
    """Return up to ``most`` jobs that are not filled yet."""
    return [job_id for (job_id,) in tx.all(_UNFILLED, most=most)]


def filling(tx: Tx, job_id: int) -> Filling | None:
    """Return a job, locked, unless it is filled or was stopped."""
    row = tx.one(_JOB, job_id=job_id)
    return None if row is None else Filling(*row)


def next_devices(tx: Tx, job: Filling, most: int) -> tuple[list[int], int | None]:
    """Return the next candidates, locked, and how far they reach; None when there are no more."""
    if job.targets == Targets.SPECIFIC:
        last = tx.scalar(_LAST_TARGET, job_id=job.job_id, after=job.cursor, most=most)
        rows = tx.all(_NEXT_SPECIFIC, job_id=job.job_id, after=job.cursor, most=most)
        return [device_id for (device_id,) in rows], last
    rows = tx.all(_NEXT_OF_ALL, product_id=job.product_id, after=job.cursor, last=job.last_device_id, most=most)
    ids = [device_id for (device_id,) in rows]
    return ids, ids[-1] if ids else None


def add_tasks(tx: Tx, job: Filling, device_ids: Sequence[int], now: int) -> list[CountKey]:
    """Make tasks for those devices that need the update, and return what they are counted by."""
    versions = _versions.decode(job.source_versions)
    rows = tx.all(
        _ADD_TASKS,
        job_id=job.job_id,
        module=job.module,
        version=job.version,
        devices=[(device_id,) for device_id in device_ids],
        source_versions=[(version,) for version in versions],
        any_source=int(not versions),
        selected=SELECTED,
        conflicted=CONFLICTED,
        conflict=FailureKind.CONFLICT,
        conflict_text=CONFLICT_TEXT,
        need_push=job.need_push,
        now=now,
    )
    return [CountKey(job.job_id, TaskStatus(row[0]), row[1], FailureKind(row[2])) for row in rows]


def advance(tx: Tx, job_id: int, cursor: int) -> None:
    """Remember how far a job is filled."""
    tx.run(_ADVANCE, job_id=job_id, cursor=cursor)


def finish(tx: Tx, job_id: int, now: int) -> None:
    """Record that a job is filled."""
    tx.run(_FINISH, job_id=job_id, now=now)
    tx.run(_FORGET_TARGETS, job_id=job_id)
