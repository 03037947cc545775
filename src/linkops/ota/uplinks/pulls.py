"""Pulls: answered at once whatever the rate, but counted in it; and devices that came online, which are pushed to."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from linkops.alink.firmware import Firmware
from linkops.db import Tx
from linkops.links import LinkWriter
from linkops.ota import pace, rollout, wire
from linkops.ota.offers import store as offers
from linkops.ota.offers.charging import charge, within_stage
from linkops.ota.offers.store import Offering
from linkops.ota.rollout import TaskState
from linkops.ota.states.saving import save
from linkops.ota.states.store import Change, live_of_devices
from linkops.ota.uplinks import store
from linkops.ota.uplinks.reports import Pull

Key: TypeAlias = tuple[int, str]
"""Of a device and a module."""


def answer_pulls(tx: Tx, pulls: Sequence[Pull], links: LinkWriter) -> list[Firmware | None]:
    """Return what each device gets, None where nothing is pending; its task is NOTIFIED from then on."""
    live = live_of_devices(tx, {pull.device_id for pull in pulls})
    jobs = offers.offerings(tx, {task.job_id for task in live})
    asked = {(pull.device_id, pull.module): pull.at for pull in pulls}
    told = _told(live, jobs, asked)
    _offer(tx, [(task, asked[key]) for key, task in told.items()], jobs)
    return [_answer(pull, told.get((pull.device_id, pull.module)), jobs, links) for pull in pulls]


def _told(live: Sequence[TaskState], jobs: Mapping[int, Offering], asked: Mapping[Key, int]) -> dict[Key, TaskState]:
    """Return the tasks that devices are told of, as far as the stages of their jobs have room for all of them."""
    by_job: dict[int, list[TaskState]] = {}
    for task in live:
        at = asked.get((task.device_id, task.module))
        if at is not None and jobs[task.job_id].answers_at(at, task):
            by_job.setdefault(task.job_id, []).append(task)
    chosen = [task for job_id, tasks in by_job.items() for task in within_stage(tasks, jobs[job_id].offer_left)]
    return {(task.device_id, task.module): task for task in chosen}


def _offer(tx: Tx, asked: Sequence[tuple[TaskState, int]], jobs: Mapping[int, Offering]) -> None:
    changes = [Change(task, rollout.offered(task, at), at) for task, at in asked]
    save(tx, [change for change in changes if change.after is not change.before])
    offers.claim(tx, [(task.id, task.attempt, at, None) for task, at in asked])
    for job_id, count in Counter(task.job_id for task, _ in asked).items():
        own = [(task, at) for task, at in asked if task.job_id == job_id]
        charge(tx, jobs[job_id], max(at for _, at in own), count, sum(task.attempt == 0 for task, _ in own))


def _answer(pull: Pull, task: TaskState | None, jobs: Mapping[int, Offering], links: LinkWriter) -> Firmware | None:
    if task is None:
        return None
    offer = jobs[task.job_id].offer
    return wire.firmware(offer, task.id, lambda file_id: links.url(pull.device_id, file_id, pull.at))


def queue_reconnected(tx: Tx, device_ids: Sequence[int], now: int) -> list[None]:
    """Let unfinished tasks be pushed again, once the device could report its version and not twice in a rate slot."""
    tasks = store.unfinished(tx, set(device_ids))
    if tasks:
        store.queue_pushes(tx, [(task.task_id, _due_at(task, now)) for task in tasks])
    return [None] * len(device_ids)


def _due_at(task: store.Unfinished, now: int) -> int:
    due_at = max(now + rollout.ONLINE_GRACE_MS, task.retry_at or 0)
    if task.claimed_at is None:
        return due_at
    return max(due_at, pace.slot_end(task.job_started_at, task.claimed_at))
