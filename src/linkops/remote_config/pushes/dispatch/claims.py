"""The two units around a push: claim it before it is published, and record afterwards whether it was delivered."""

from collections.abc import Sequence
from typing import NamedTuple

from linkops.db import Tx
from linkops.devices.model import DeviceKey
from linkops.events.interest import Interest
from linkops.remote_config.documents.effective import Effective, effective, switched_on
from linkops.remote_config.pushes import progress, stopping
from linkops.remote_config.pushes import store as pushes
from linkops.remote_config.pushes.dispatch import store
from linkops.remote_config.pushes.dispatch.store import Due, DuePush
from linkops.remote_config.pushes.model import Hold, StopReason
from linkops.remote_config.pushes.progress import ResultState
from linkops.remote_config.pushes.results import store as results
from linkops.remote_config.pushes.results.saving import save
from linkops.remote_config.pushes.results.store import Change
from linkops.remote_config.pushes.staging import store as staging

PUSHES_PER_UNIT = 500
_PUSHES_LOOKED_AT = 20


class Claim(NamedTuple):
    """A push to one device that may be published."""

    push_id: int
    device_id: int
    attempt: int
    key: DeviceKey
    content: Effective


class Claimed(NamedTuple):
    """What one unit claimed, and whether it changed anything else."""

    claims: list[Claim]
    changed: bool


def claim_due(tx: Tx, interest: Interest, now: int) -> Claimed:
    """Claim up to `PUSHES_PER_UNIT` pushes to devices, shared among all that may reach somebody."""
    due = store.due_pushes(tx, now, _PUSHES_LOOKED_AT)
    claims: list[Claim] = []
    changed = False
    for number, push in enumerate(due):
        share = max(1, (PUSHES_PER_UNIT - len(claims)) // (len(due) - number))
        of_push = _claim_of(tx, push, share, interest, now)
        claims += of_push.claims
        changed = changed or of_push.changed
    return Claimed(claims, changed)


def _claim_of(tx: Tx, due: DuePush, share: int, interest: Interest, now: int) -> Claimed:
    found = store.due(tx, due.push_id, now, share, only_again=due.offer_left == 0)
    # Looked at now that the results are locked: it may have been stopped, or held, meanwhile.
    push = pushes.lock(tx, due.push_id)
    if push is None or push.closed_at is not None or push.hold is not Hold.NONE:
        return Claimed([], changed=False)
    if not switched_on(tx, push.product_id):
        return Claimed([], changed=stopping.stop(tx, due.push_id, StopReason.SWITCHED_OFF, now))
    online = _within_stage([each for each in found if each.online], push.offer_left)
    contents = effective(tx, push.product_id, [each.device_id for each in online], now)
    if any(content.version != push.version for content in contents.values()):
        return Claimed([], changed=stopping.stop(tx, due.push_id, StopReason.NEWER_DOCUMENT, now))
    _set_aside(tx, due.push_id, found, contents, online, interest, now)
    claims = _claim(tx, due.push_id, [each for each in online if each.device_id in contents], contents, now)
    return Claimed(claims, changed=len(claims) < len(found))


def _within_stage(found: Sequence[Due], offer_left: int | None) -> list[Due]:
    """Return those that may be reached: again always, for the first time while the stage has room."""
    chosen: list[Due] = []
    first = 0
    for each in found:
        first += not each.charged
        if each.charged or offer_left is None or first <= offer_left:
            chosen.append(each)
    return chosen


def _set_aside(
    tx: Tx,
    push_id: int,
    found: Sequence[Due],
    contents: dict[int, Effective],
    online: Sequence[Due],
    interest: Interest,
    now: int,
) -> None:
    """Take devices off the list that are away, and those that nothing applies to any more."""
    away = {each.device_id for each in found if not each.online}
    without = {each.device_id for each in online} - set(contents)
    states = results.named(tx, [(push_id, device_id) for device_id in away | without])
    changes = [Change(state, _aside(state, state.device_id in away, now), now) for state in states]
    save(tx, [change for change in changes if change.after is not change.before], interest)
    _give_back(tx, push_id, away, now)


def _aside(state: ResultState, away: bool, now: int) -> ResultState:  # noqa: FBT001 - which of two it is
    return progress.not_delivered(state, now, online=False) if away else progress.nothing_applies(state)


def _give_back(tx: Tx, push_id: int, device_ids: set[int], now: int) -> None:
    staging.refund(tx, push_id, store.uncharge(tx, push_id, sorted(device_ids)), now)


def _claim(tx: Tx, push_id: int, chosen: Sequence[Due], contents: dict[int, Effective], now: int) -> list[Claim]:
    if not chosen:
        return []
    claims = [Claim(push_id, d.device_id, d.attempt + 1, _key(d), contents[d.device_id]) for d in chosen]
    rows = [(push_id, c.device_id, c.attempt - 1, c.content.content_id, c.content.config_id) for c in claims]
    store.claim(tx, rows, now, now + progress.SLOT_MS)
    staging.charge(tx, push_id, sum(not each.charged for each in chosen), now)
    return claims


def _key(due: Due) -> DeviceKey:
    assert due.product_key is not None and due.device_name is not None  # noqa: S101, PT018 - it is online
    return DeviceKey(due.product_key, due.device_name)


def record_pushes(tx: Tx, published: Sequence[tuple[Claim, bool]], link_s: int, interest: Interest, now: int) -> None:
    """Record which claims were delivered; what a device has answered meanwhile stays."""
    by_key = {(claim.push_id, claim.device_id): (claim.attempt, delivered) for claim, delivered in published}
    states = [state for state in results.named(tx, by_key) if state.attempt == by_key[_of(state)][0]]
    online = store.online_since(tx, [state.device_id for state in states])
    fetch_by = now + link_s * 1_000
    after = [_settled(state, by_key[_of(state)][1], online.get(state.device_id), fetch_by, now) for state in states]
    changes = [Change(*pair, now) for pair in zip(states, after, strict=True) if pair[0] is not pair[1]]
    made = save(tx, changes, interest)
    for push_id in sorted({change.after.push_id for change in made}):
        _give_back(tx, push_id, {c.after.device_id for c in made if c.after.push_id == push_id}, now)


def _settled(
    state: ResultState,
    delivered: bool,  # noqa: FBT001 - what the hub said
    online_at: int | None,
    fetch_by: int,
    now: int,
) -> ResultState:
    if not delivered:
        return progress.not_delivered(state, now, online=online_at is not None)
    missed = online_at is not None and state.claimed_at is not None and online_at >= state.claimed_at
    return progress.delivered(state, fetch_by, now, missed=missed)


def _of(state: ResultState) -> tuple[int, int]:
    return state.push_id, state.device_id
