"""Beginning a push: whom it is for, whether it may begin now, and what it takes the place of."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from linkops.db import Tx
from linkops.devices.access import require_product
from linkops.devices.groups.access import count_members, require_group
from linkops.devices.groups.members.store import find
from linkops.devices.model import DeviceKey, Product
from linkops.devices.paging import MAX_TOTAL
from linkops.errors import Conflict, Invalid, TooMany
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit, record_events
from linkops.remote_config.documents.contents.store import of_product
from linkops.remote_config.documents.effective import switched_on
from linkops.remote_config.pushes import rules, stopping, store, wire
from linkops.remote_config.pushes.access import require_push
from linkops.remote_config.pushes.filling import store as filling
from linkops.remote_config.pushes.filling.service import make_results
from linkops.remote_config.pushes.model import MAX_DEVICES, Push, PushStatus, StopReason, Strategy, Target
from linkops.remote_config.pushes.rules import Limits
from linkops.remote_config.pushes.staging import store as staging

MAX_OPEN = 50
"""Pushes of a product that wait for devices; of more, the oldest waits no more."""
_NAMES_SHOWN = 5


class NewPush(msgspec.Struct, frozen=True, kw_only=True):
    """A push that is to be: to a group, to devices by name, or without either to the whole product."""

    product_key: str
    group_id: int | None = None
    device_names: tuple[str, ...] = ()
    strategy: Strategy = Strategy()

    @property
    def target(self) -> Target:
        """Whom it is for."""
        if self.device_names:
            return Target.DEVICES
        return Target.PRODUCT if self.group_id is None else Target.GROUP


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a push would do if it began now.

    Attributes:
        version: number of the product's document; 0: it has none.
        devices: how many it is for, counted to ``linkops.devices.paging.MAX_TOTAL``.
        refusal: the code of why it may not begin; None: it may.
        possible_at: when it may, as far as that is a matter of time.
    """

    version: int
    devices: int
    devices_is_more: bool
    refusal: str | None
    possible_at: int | None


class _Wanted(NamedTuple):
    product: Product
    columns: store.NewPush
    device_ids: Sequence[int]


def check(new: NewPush) -> None:
    """Do nothing if such a push could be.

    Raises:
        Invalid: a field.
    """
    if new.device_names and new.group_id is not None:
        raise Invalid("config_push.two_targets", field="group_id")
    if len(new.device_names) > MAX_DEVICES:
        raise Invalid("config_push.devices_too_many", field="device_names", most=MAX_DEVICES)
    fault = rules.fault_of(new.strategy)
    if fault is not None:
        raise Invalid(fault[1], field=fault[0], most_stages=rules.MAX_STAGES, most_s=rules.MAX_WAIT_S)


def begin(tx: Tx, actor: Actor, new: NewPush, limits: Limits, now: int) -> Push:
    """Begin a push and return it; those that it replaces end.

    Raises:
        Invalid: a device does not exist.
        NotFound: the product or the group.
        Conflict: configuration is switched off, there is none, or it was pushed before.
        TooMany: the last push was a short while ago.
    """
    wanted = _wanted(tx, actor, new)
    product_id = wanted.product.id
    store.lock_product(tx, product_id)
    _check_possible(tx, wanted, limits, now)
    push_id = store.add(tx, wanted.columns, new.strategy, actor.name, now)
    _replace(tx, wanted.columns, push_id, now)
    if new.target is Target.DEVICES:
        _fill(tx, push_id, wanted.device_ids, now)
    if new.strategy.stages:
        # How many that is, is known when all results are made.
        staging.begin_stage(tx, push_id, -1, 0, now)
    push = require_push(tx, actor, Role.OPERATOR, push_id)
    record_audit(tx, actor, now, "config.push", f"config_push:{push_id}", product_id=product_id, **_asked(new, push))
    begun = wire.push_changed(push_id, product_id, push.version, PushStatus.IN_PROGRESS, StopReason.NONE, now)
    record_events(tx, [begun])
    return push


def preview(tx: Tx, actor: Actor, new: NewPush, limits: Limits, now: int) -> Preview:
    """Return what such a push would do.

    Raises:
        Invalid: a device does not exist.
        NotFound: the product or the group.
    """
    wanted = _wanted(tx, actor, new)
    refusal, possible_at = None, None
    try:
        _check_possible(tx, wanted, limits, now)
    except TooMany as refused:
        refusal, possible_at = refused.code, refused.params["at"]
    except Conflict as refused:
        refusal = refused.code
    devices = _count(tx, actor, new, wanted, now)
    return Preview(
        version=wanted.columns.version,
        devices=min(devices, MAX_TOTAL),
        devices_is_more=devices > MAX_TOTAL,
        refusal=refusal,
        possible_at=possible_at,
    )


def _wanted(tx: Tx, actor: Actor, new: NewPush) -> _Wanted:
    product = require_product(tx, actor, Role.OPERATOR, new.product_key)
    document = of_product(tx, product.id)
    group_name = _group_name(tx, actor, new.group_id, product)
    columns = store.NewPush(
        product.id,
        0 if document is None else document.version,
        store.revision(tx, product.id),
        new.target,
        new.group_id,
        group_name,
    )
    return _Wanted(product, columns, _device_ids(tx, product, new.device_names))


def _group_name(tx: Tx, actor: Actor, group_id: int | None, product: Product) -> str:
    if group_id is None:
        return ""
    group = require_group(tx, actor, Role.VIEWER, group_id)
    if group.product_id not in {None, product.id}:
        raise Invalid("config_push.group_other_product", field="group_id")
    return "/".join(group.path)


def _device_ids(tx: Tx, product: Product, names: Sequence[str]) -> list[int]:
    keys = [DeviceKey(product.product_key, name) for name in dict.fromkeys(names)]
    found = find(tx, product.id, keys) if keys else {}
    unknown = [key.device_name for key in keys if key not in found]
    if unknown:
        shown = unknown[:_NAMES_SHOWN]
        raise Invalid("config_push.devices_unknown", field="device_names", names=shown, count=len(unknown))
    return sorted(found.values())


def _check_possible(tx: Tx, wanted: _Wanted, limits: Limits, now: int) -> None:
    columns = wanted.columns
    if not switched_on(tx, columns.product_id):
        raise Conflict("config_push.switched_off", product_key=wanted.product.product_key)
    if columns.version == 0 and columns.target is Target.PRODUCT:
        raise Conflict("config_push.no_document", product_key=wanted.product.product_key)
    # Devices by name are tried and repaired one by one: the hour would only be in the way.
    if columns.target is not Target.DEVICES:
        since = now - limits.interval_s * 1_000
        before = store.earlier(tx, columns.product_id, columns.target, columns.group_id, columns.revision, since)
        rules.check_begin(before, columns.revision, limits, now)


def _replace(tx: Tx, new: store.NewPush, push_id: int, now: int) -> None:
    """End what this push takes the place of: all of the product, or those to the same group."""
    if new.target is Target.PRODUCT:
        replaced = store.others_open(tx, new.product_id, push_id)
    elif new.target is Target.GROUP:
        replaced = store.others_open_to(tx, new, push_id)
    else:
        replaced = store.others_open(tx, new.product_id, push_id)[: -MAX_OPEN + 1]
    for other in replaced:
        stopping.stop(tx, other, StopReason.NEWER_PUSH, now)


def _fill(tx: Tx, push_id: int, device_ids: Sequence[int], now: int) -> None:
    push = filling.filling(tx, push_id)
    if push is not None:
        made = make_results(tx, push_id, now, filling.these(tx, push, device_ids), now)
        filling.advance(tx, push_id, 0, made, now)
        filling.finish(tx, push_id, now)


def _count(tx: Tx, actor: Actor, new: NewPush, wanted: _Wanted, now: int) -> int:
    product_id, most = wanted.product.id, MAX_TOTAL + 1
    if new.target is Target.DEVICES:
        return len(wanted.device_ids)
    if new.group_id is not None:
        return count_members(tx, require_group(tx, actor, Role.VIEWER, new.group_id), product_id, most, now)
    return store.count_devices(tx, product_id, most)


def _asked(new: NewPush, push: Push) -> dict[str, object]:
    asked = {
        "version": push.version,
        "to": push.target,
        "group_id": new.group_id,
        "devices": len(new.device_names) or None,
        "strategy": msgspec.to_builtins(new.strategy) if new.strategy != Strategy() else None,
    }
    return {name: value for name, value in asked.items() if value is not None}
