"""Use cases about groups themselves; which devices they have is in `members.service`."""

from linkops.clock import Clock
from linkops.db import Database, Duplicate, Referenced, Tx
from linkops.devices.access import require_device, require_product
from linkops.devices.conditions.model import Condition
from linkops.devices.groups import store
from linkops.devices.groups.access import require_group
from linkops.devices.groups.members import store as members
from linkops.devices.groups.model import MAX_GROUPS, MAX_LEVEL, MAX_SUB_GROUPS, Group, GroupKind, NewGroup
from linkops.devices.groups.query import check_query, write_query
from linkops.devices.model import DeviceKey
from linkops.devices.names import check_description, check_group_name
from linkops.devices.paging import MAX_TOTAL, Page, check_limit, page_of, read_cursor, write_cursor
from linkops.errors import Conflict, Invalid
from linkops.events.actor import ALL_PRODUCTS, Actor, Role
from linkops.events.store import record_audit

_ORDER = "tree"
_MEMBERS_PER_UNIT = 10_000


class Groups:
    """The groups that an actor may see; what it may not see is `NotFound`.

    Looking takes a viewer, everything else an operator: of the group's product, or of all products if it is over all.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def create(self, actor: Actor, new: NewGroup) -> Group:
        """Create a group; with a query it is a dynamic one.

        Raises:
            Invalid: name, description, query, or a parent that can have no such group below it.
            Conflict: the name is taken beside it, or there are as many groups as there may be.
        """
        check_group_name(new.name)
        check_description(new.description)
        if new.query is not None and new.parent_id is not None:
            raise Invalid("group.dynamic_stands_alone", field="parent_id")
        try:
            return await self._db.write(self._create, actor, new)
        except Duplicate:
            raise Conflict("group.name_taken", name=new.name) from None

    def _create(self, tx: Tx, actor: Actor, new: NewGroup) -> Group:
        parent = None if new.parent_id is None else _parent(tx, actor, new.parent_id)
        product_id = _product(tx, actor, new, parent)
        if store.count_beside(tx, product_id) >= MAX_GROUPS:
            raise Conflict("group.too_many", most=MAX_GROUPS)
        if new.query is not None:
            _check_query(tx, actor, new.query, product_id)
        row = store.GroupToAdd(
            new.parent_id,
            product_id,
            new.name,
            new.description,
            GroupKind.STATIC if new.query is None else GroupKind.DYNAMIC,
            write_query(new.query or ()),
            1 if parent is None else parent.level + 1,
            actor.name,
        )
        now = self._clock.now()
        group = require_group(tx, actor, Role.OPERATOR, store.add(tx, row, now))
        audit(tx, actor, now, "group.create", group, path=group.path, query=group.query)
        return group

    async def get(self, actor: Actor, group_id: int) -> Group:
        """Return a group."""
        return await self._db.read(require_group, actor, Role.VIEWER, group_id)

    async def edit(
        self,
        actor: Actor,
        group_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        query: tuple[Condition, ...] | None = None,
    ) -> Group:
        """Change what is given; a group's product, its parent and its kind stay.

        Raises:
            Invalid: name, description or query, or the group is a static one and has none.
            Conflict: the name is taken beside it.
        """
        if name is not None:
            check_group_name(name)
        if description is not None:
            check_description(description)
        try:
            return await self._db.write(self._edit, actor, group_id, name, description, query)
        except Duplicate:
            raise Conflict("group.name_taken", name=name) from None

    def _edit(
        self,
        tx: Tx,
        actor: Actor,
        group_id: int,
        name: str | None,
        description: str | None,
        query: tuple[Condition, ...] | None,
    ) -> Group:
        group = require_group(tx, actor, Role.OPERATOR, group_id)
        if query is not None:
            if group.kind is GroupKind.STATIC:
                raise Invalid("group.static_has_no_query", field="query")
            _check_query(tx, actor, query, group.product_id)
        now = self._clock.now()
        text = write_query(group.query if query is None else query)
        new_description = group.description if description is None else description
        store.edit(tx, group_id, group.name if name is None else name, new_description, text, now)
        edited = require_group(tx, actor, Role.OPERATOR, group_id)
        changed = {"path": edited.path, "description": edited.description, "query": edited.query}
        audit(tx, actor, now, "group.edit", edited, **changed)
        return edited

    async def delete(self, actor: Actor, group_id: int) -> None:
        """Delete a group that has none below it; its devices and their tasks stay.

        Its members go first, a part at a time, so that nobody waits long. If that is cut off it has the rest of them.

        Raises:
            Conflict: it has groups below it.
        """
        try:
            while not await self._db.write(self._delete, actor, group_id):
                pass
        except Referenced:
            raise Conflict("group.has_sub_groups") from None

    def _delete(self, tx: Tx, actor: Actor, group_id: int) -> bool:
        group = require_group(tx, actor, Role.OPERATOR, group_id)
        if group.sub_groups:
            raise Conflict("group.has_sub_groups")
        if members.remove_some(tx, group_id, _MEMBERS_PER_UNIT) == _MEMBERS_PER_UNIT:
            return False
        store.delete(tx, group_id)
        audit(tx, actor, self._clock.now(), "group.delete", group, path=group.path)
        return True

    async def page(
        self,
        actor: Actor,
        *,
        product_key: str | None = None,
        kind: GroupKind | None = None,
        containing: str = "",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Group]:
        """Return groups by name, each followed by those below it: of one product, or all that the actor may see.

        Args:
            actor: who asks.
            product_key: whose groups; None: of all, after those over all products.
            kind: None: both.
            containing: what stands somewhere in the path (`path_text`), in capital letters or not.
            cursor: ``next`` of the page before.
            limit: how many at a time.
        """
        check_limit(limit)
        after = None if cursor is None else store.Place(*read_cursor(cursor, _ORDER, [int, str, str, str]))

        def read(tx: Tx) -> Page[Group]:
            products = actor.visible_products()
            if product_key is not None:
                products = [require_product(tx, actor, Role.VIEWER, product_key).id]
            wanted = store.GroupFilter(products, kind, containing)
            found = store.some(tx, wanted, after, limit + 1)
            beyond = write_cursor(_ORDER, list(found[limit - 1][1])) if len(found) > limit else None
            return page_of([group for group, _ in found], limit, store.count(tx, wanted, MAX_TOTAL + 1), beyond)

        return await self._db.read(read)

    async def of_device(self, actor: Actor, key: DeviceKey) -> list[Group]:
        """Return the static groups that a device was put into, of those that the actor may see."""

        def read(tx: Tx) -> list[Group]:
            device = require_device(tx, actor, Role.VIEWER, key)
            found = store.of_device(tx, device.id, 2 * MAX_GROUPS)
            return [group for group in found if actor.may(Role.VIEWER, group.product_id or ALL_PRODUCTS)]

        return await self._db.read(read)


def audit(tx: Tx, actor: Actor, at: int, action: str, group: Group, **details: object) -> None:
    """Record that ``actor`` changed ``group``."""
    record_audit(tx, actor, at, action, f"group:{group.id}", product_id=group.product_id, **details)


def _parent(tx: Tx, actor: Actor, parent_id: int) -> Group:
    parent = require_group(tx, actor, Role.OPERATOR, parent_id)
    if parent.kind is GroupKind.DYNAMIC:
        raise Invalid("group.dynamic_stands_alone", field="parent_id")
    if parent.level == MAX_LEVEL:
        raise Invalid("group.too_deep", field="parent_id", most=MAX_LEVEL)
    if parent.sub_groups >= MAX_SUB_GROUPS:
        raise Conflict("group.too_many_sub_groups", most=MAX_SUB_GROUPS)
    return parent


def _product(tx: Tx, actor: Actor, new: NewGroup, parent: Group | None) -> int | None:
    if parent is not None:
        if new.product_key not in {None, parent.product_key}:
            raise Invalid("group.parent_of_other_product", field="product_key")
        return parent.product_id
    if new.product_key is None:
        actor.require(Role.OPERATOR)
        return None
    return require_product(tx, actor, Role.OPERATOR, new.product_key).id


def _check_query(tx: Tx, actor: Actor, query: tuple[Condition, ...], product_id: int | None) -> None:
    check_query(query, of_product=product_id is not None)
    for condition in query:
        for product_key in condition.product_keys or ():
            require_product(tx, actor, Role.VIEWER, product_key)
