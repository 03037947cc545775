"""SQL of offers: what a job hands out, when its rate allows the next one, and how many there were lately."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

import msgspec

from linkops.db import Row, Tx
from linkops.ota.model import Hold, PackageKind, SignMethod, TaskStatus
from linkops.ota.rollout import TaskState
from linkops.ota.strategy import DownloadProtocol, Strategy, read_strategy
from linkops.ota.windows import Span
from linkops.ota.wire import Offer, OfferedFile

# Jobs are locked after their tasks, everywhere.
_OFFERING = """
SELECT j.id, j.module, j.version, p.kind, p.sign_method, p.custom_info, p.patch_format, p.whole_sha256,
    f.id, f.file_name, f.size_bytes, f.md5, f.sha256, CASE WHEN s.enabled = 1 THEN f.digestsign ELSE '' END,
    j.rate_per_minute, j.next_offer_us, j.started_at, j.cancel_statuses, j.strategy, j.hold_reason, j.push_from_at,
    j.push_until_at, j.offered, j.offer_left, j.tags
FROM (SELECT * FROM ota_job WHERE id IN (SELECT r.id FROM {jobs: id bigint} r) ORDER BY id{for_update}) j
JOIN ota_package p ON p.id = j.package_id
JOIN ota_file f ON f.package_id = p.id
LEFT JOIN ota_secure_update s ON s.product_id = p.product_id
ORDER BY j.id, f.position
"""
_SET_NEXT = "UPDATE ota_job SET next_offer_us = :next_us WHERE id = :job_id"
_COUNT_FIRST = """
UPDATE ota_job SET offered = offered + :offers,
    offer_left = CASE WHEN offer_left > :offers THEN offer_left - :offers WHEN offer_left IS NOT NULL THEN 0 END
WHERE id = :job_id
"""
_COUNT = """
INSERT INTO ota_job_offers (job_id, second, offers) VALUES (:job_id, :second, :offers)
ON CONFLICT (job_id, second) DO UPDATE SET offers = ota_job_offers.offers + excluded.offers
"""
_FORGET = "DELETE FROM ota_job_offers WHERE job_id = :job_id AND second < :before"
_CLAIM = """
UPDATE ota_task SET attempt = ota_task.attempt + 1, step = -1, claimed_at = r.at, push_due_at = r.due_at,
    retry_at = NULL, updated_at = r.at
FROM {offers: id bigint, attempt integer, at bigint, due_at bigint} r
WHERE ota_task.id = r.id AND ota_task.attempt = r.attempt AND ota_task.ended_at IS NULL
"""

KEEP_S = 900
"""As far back as people can see how fast a job was."""
_decode_tags = msgspec.json.Decoder(dict[str, str])
_decode_statuses = msgspec.json.Decoder(frozenset[TaskStatus])


class Offering(msgspec.Struct, frozen=True):
    """A job, as far as offering its package goes.

    Attributes:
        next_offer_us: see `linkops.ota.pace`.
        canceling: tasks in these statuses are being canceled and are not offered any more.
        offered: tasks that were offered at least once.
        offer_left: tasks that may be offered for the first time; None: any.
    """

    offer: Offer
    rate_per_minute: int | None
    next_offer_us: int
    started_at: int
    canceling: frozenset[TaskStatus]
    strategy: Strategy
    hold: Hold
    window: Span
    offered: int
    offer_left: int | None

    def pushes_at(self, now: int) -> bool:
        """Return whether nothing holds the job, and its window is open."""
        opens_at, closes_at = self.window
        return self.hold is Hold.NONE and opens_at <= now and (closes_at is None or now < closes_at)

    def answers_at(self, now: int, task: TaskState) -> bool:
        """Return whether a device that asks is offered this task: what it was told of before, it always is."""
        if task.status in self.canceling or task.status is TaskStatus.CONFIRM:
            return False
        if task.status is not TaskStatus.QUEUED:
            return True
        return self.pushes_at(now) and (task.attempt > 0 or self.offer_left is None or self.offer_left > 0)


def offerings(tx: Tx, job_ids: Iterable[int]) -> dict[int, Offering]:
    """Return these jobs by id, locked until the unit ends."""
    rows = tx.all(_OFFERING, jobs=[(job_id,) for job_id in job_ids])
    return {job_id: _offering(list(files)) for job_id, files in groupby(rows, key=itemgetter(0))}


def claim(tx: Tx, claims: Sequence[tuple[int, int, int, int | None]]) -> None:
    """Count an offer to each task, given as (id, attempt before, time, when to push it again or None)."""
    tx.run(_CLAIM, offers=claims)


def set_next(tx: Tx, job_id: int, next_us: int) -> None:
    """Store when the rate of a job allows the next offer."""
    tx.run(_SET_NEXT, job_id=job_id, next_us=next_us)


def count_first(tx: Tx, job_id: int, offers: int) -> None:
    """Remember that so many devices were offered the update for the first time; the stage has room for fewer then."""
    tx.run(_COUNT_FIRST, job_id=job_id, offers=offers)


def count(tx: Tx, job_id: int, now: int, offers: int) -> None:
    """Remember that a job made offers at ``now``, for `KEEP_S`."""
    second = now // 1_000
    tx.run(_COUNT, job_id=job_id, second=second, offers=offers)
    tx.run(_FORGET, job_id=job_id, before=second - KEEP_S)


def statuses(text: str) -> frozenset[TaskStatus]:
    """Return the statuses in a column ``cancel_statuses``."""
    return _decode_statuses.decode(text)


def _offering(rows: Sequence[Row]) -> Offering:
    """Return what the rows of one job say, one a file."""
    job = rows[0][14:]
    strategy, window = read_strategy(job[4]), Span(job[6], job[7])
    canceling, hold, offered, left = statuses(job[3]), Hold(job[5]), job[8], job[9]
    offer = _offer(rows, strategy, _decode_tags.decode(job[10]))
    return Offering(offer, job[0], job[1], job[2], canceling, strategy, hold, window, offered, left)


def _offer(rows: Sequence[Row], strategy: Strategy, tags: dict[str, str]) -> Offer:
    job_id, module, version, kind, sign_method, custom_info, patch_format, result_sha256 = rows[0][:8]
    return Offer(
        job_id=job_id,
        module=module,
        version=version,
        diff=kind == PackageKind.DIFF,
        sign_method=SignMethod(sign_method),
        custom_info=custom_info,
        patch_format=patch_format,
        result_sha256=result_sha256,
        files=tuple(OfferedFile(*row[8:14]) for row in rows),
        tags=tags,
        over_mqtt=strategy.download is DownloadProtocol.MQTT,
    )
