"""What other rooms need of groups: may this actor use one, and which devices does it have now?

What these functions return holds in the transaction that they are called in; a dynamic group's devices follow from its
query there and then. A group has the devices of all groups below it.
"""

from collections.abc import Iterable, Sequence

from linkops.db import Tx
from linkops.devices.conditions import store as conditions
from linkops.devices.conditions.model import AnyCondition, MemberOf
from linkops.devices.groups import store
from linkops.devices.groups.model import Group, GroupKind
from linkops.errors import NotFound
from linkops.events.actor import ALL_PRODUCTS, Actor, Role


def require_group(tx: Tx, actor: Actor, role: Role, group_id: int) -> Group:
    """Return a group for whose product (or, if it is over all products, for all) ``actor`` has ``role``.

    Raises:
        NotFound: there is none, or the actor may not even look at it.
        Forbidden: it may look, but no more.
    """
    group = store.by_id(tx, group_id)
    if group is None or not actor.may(Role.VIEWER, _scope(group)):
        raise NotFound("group.not_found", group_id=group_id)
    actor.require(role, _scope(group))
    return group


def conditions_of(tx: Tx, group: Group, *, direct: bool = False) -> Sequence[AnyCondition]:
    """Return what holds for the devices of a group, apart from its product; ``direct``: not those of groups below."""
    if group.kind is GroupKind.DYNAMIC:
        return group.query
    return [MemberOf((group.id,) if direct else tuple(store.with_sub_groups(tx, group.id)))]


def members_after(tx: Tx, group: Group, product_id: int, after_device_id: int, most: int, now: int) -> list[int]:
    """Return the lowest ``most`` ids beyond ``after_device_id`` of the group's devices of one product, in order.

    Fewer than ``most`` are returned only at the end. "In the last days" counts from ``now``, in Unix milliseconds.
    """
    if group.product_id not in {None, product_id}:
        return []
    return conditions.ids_after(tx, conditions_of(tx, group), product_id, after_device_id, most, now)


def count_members(tx: Tx, group: Group, product_id: int, most: int, now: int) -> int:
    """Return how many devices of one product the group has, counting no further than ``most``."""
    if group.product_id not in {None, product_id}:
        return 0
    return conditions.count(tx, conditions_of(tx, group), product_id, most, now)


def are_members(tx: Tx, group: Group, device_ids: Iterable[int], now: int) -> set[int]:
    """Return those of the devices that are in the group."""
    return conditions.matching(tx, conditions_of(tx, group), group.product_id, device_ids, now)


def _scope(group: Group) -> int:
    return ALL_PRODUCTS if group.product_id is None else group.product_id
