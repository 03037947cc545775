"""Pulls: answered at once whatever the rate, but counted in it; and devices that came online, which are pushed to."""

from collections import Counter
from collections.abc import Sequence

from linkops.alink.firmware import Firmware
from linkops.db import Tx
from linkops.ota import pace, rollout, wire
from linkops.ota.offers import store as offers
from linkops.ota.offers.charging import charge
from linkops.ota.offers.store import Offering
from linkops.ota.rollout import TaskState
from linkops.ota.states.saving import save
from linkops.ota.states.store import Change, live_of_devices
from linkops.ota.uplinks import store
from linkops.ota.uplinks.reports import Pull
from linkops.ota.wire import LinkWriter


def answer_pulls(tx: Tx, pulls: Sequence[Pull], links: LinkWriter) -> list[Firmware | None]:
    """Return what each device gets, None where nothing is pending; its task is NOTIFIED from then on."""
    live = live_of_devices(tx, {pull.device_id for pull in pulls})
    jobs = offers.offerings(tx, {task.job_id for task in live})
    pending = {(task.device_id, task.module): task for task in live if task.status not in jobs[task.job_id].canceling}
    asked = {(pull.device_id, pull.module): pull.at for pull in pulls}
    _offer(tx, [(pending[key], at) for key, at in asked.items() if key in pending], jobs)
    return [_answer(pull, pending.get((pull.device_id, pull.module)), jobs, links) for pull in pulls]


def _offer(tx: Tx, asked: Sequence[tuple[TaskState, int]], jobs: dict[int, Offering]) -> None:
    changes = [Change(task, rollout.offered(task, at), at) for task, at in asked]
    save(tx, [change for change in changes if change.after is not change.before])
    offers.claim(tx, [(task.id, task.attempt, at, None) for task, at in asked])
    for job_id, count in Counter(task.job_id for task, _ in asked).items():
        charge(tx, jobs[job_id], max(at for task, at in asked if task.job_id == job_id), count)


def _answer(pull: Pull, task: TaskState | None, jobs: dict[int, Offering], links: LinkWriter) -> Firmware | None:
    if task is None:
        return None
    offer = jobs[task.job_id].offer
    return wire.firmware(offer, links.url(pull.device_id, offer.file_id, pull.at))


def queue_reconnected(tx: Tx, device_ids: Sequence[int], now: int) -> list[None]:
    """Let unfinished tasks be pushed again, once the device could report its version and not twice in a rate slot."""
    tasks = store.unfinished(tx, set(device_ids))
    if tasks:
        store.queue_pushes(tx, [(task.task_id, _due_at(task, now)) for task in tasks])
    return [None] * len(device_ids)


def _due_at(task: store.Unfinished, now: int) -> int:
    due_at = now + rollout.ONLINE_GRACE_MS
    if task.claimed_at is None:
        return due_at
    return max(due_at, pace.slot_end(task.job_started_at, task.claimed_at))
