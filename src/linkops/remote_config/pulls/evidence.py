"""Answers to pushes, downloads, and devices that came online: units over lists. What comes twice changes nothing."""

from collections.abc import Sequence

from linkops.db import Tx
from linkops.events.interest import Interest
from linkops.remote_config.pulls.reports import Answer, Fetched
from linkops.remote_config.pushes import progress
from linkops.remote_config.pushes.progress import ResultState
from linkops.remote_config.pushes.results import store as results
from linkops.remote_config.pushes.results.saving import save
from linkops.remote_config.pushes.results.store import Change, Key
from linkops.remote_config.states.store import Evidence, Given, record_known


def record_answers(tx: Tx, answers: Sequence[Answer], interest: Interest) -> list[bool]:
    """Apply the answers in order and return which of them changed a result."""
    states = {_key(state): state for state in results.named(tx, [(a.push_id, a.device_id) for a in answers])}
    changes: dict[Key, Change] = {}
    changed = []
    for answer in answers:
        key = answer.push_id, answer.device_id
        before = changes[key].after if key in changes else states.get(key)
        after = None if before is None else progress.answered(before, answer.code, answer.message, answer.at)
        changed.append(after is not None and after is not before)
        if after is not None and after is not before:
            changes[key] = Change(states[key], after, answer.at)
    save(tx, list(changes.values()), interest)
    return changed


def record_fetched(tx: Tx, fetched: Sequence[Fetched], interest: Interest) -> list[None]:
    """Remember what devices have now, for the pushes that sent them there too."""
    record_known(tx, [Given(f.device_id, f.content_id, f.at) for f in fetched], Evidence.DOWNLOADED)
    have = {(f.device_id, f.content_id): f.at for f in fetched}
    device_ids = {f.device_id for f in fetched}
    found = [*results.open_of_devices(tx, device_ids), *results.waiting_of_devices(tx, device_ids)]
    states = {_key(state): state for state in found if (state.device_id, state.content_id) in have}
    changes = []
    for state in states.values():
        at = have[state.device_id, state.content_id]
        after = progress.fetched(state, at)
        if after is not state:
            changes.append(Change(state, after, at))
    save(tx, changes, interest)
    return [None] * len(fetched)


def offer_again(tx: Tx, device_ids: Sequence[int], interest: Interest, now: int) -> list[None]:
    """Let the newest push that waits for each of these devices reach it, once it had time to set itself up."""
    newest = {state.device_id: state for state in results.open_of_devices(tx, device_ids)}
    changes = [Change(state, progress.back(state, now), now) for state in newest.values()]
    save(tx, [change for change in changes if change.after is not change.before], interest)
    return [None] * len(device_ids)


def _key(state: ResultState) -> Key:
    return state.push_id, state.device_id
