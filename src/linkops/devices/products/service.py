"""Use cases about products."""

from typing import NamedTuple

from linkops.clock import Clock
from linkops.db import Database, Duplicate, Referenced, Tx
from linkops.devices import generate
from linkops.devices.access import require_product
from linkops.devices.model import AuthType, NodeType, Product
from linkops.devices.names import check_description, check_product_key, check_product_name
from linkops.devices.paging import MAX_TOTAL, Page, check_limit, page_of, read_cursor, write_cursor
from linkops.devices.products import store
from linkops.errors import Conflict
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.secretbox import SecretBox

_ORDER = "name"


class ProductCounts(NamedTuple):
    """How many devices a product has."""

    devices: int
    online: int


class Products:
    """The kinds of device; each method raises `NotFound` for a product that the actor may not see."""

    def __init__(self, db: Database, clock: Clock, box: SecretBox) -> None:
        self._db = db
        self._clock = clock
        self._box = box

    async def create(
        self,
        actor: Actor,
        name: str,
        *,
        node_type: NodeType = NodeType.DEVICE,
        auth_type: AuthType = AuthType.SECRET,
        description: str = "",
        product_key: str | None = None,
    ) -> Product:
        """Create a product; its key is generated unless devices in the field have one already.

        Raises:
            Forbidden: it takes an administrator of everything.
            Invalid: name, description or key.
            Conflict: another product has the name or the key.
        """
        actor.require(Role.ADMIN)
        check_product_name(name)
        check_description(description)
        if product_key is not None:
            check_product_key(product_key)
        key = product_key or generate.product_key()
        sealed = self._box.seal(generate.product_secret())
        product = store.NewProduct(key, name, description, node_type, auth_type, sealed)
        try:
            return await self._db.write(self._create, actor, product)
        except Duplicate:
            raise Conflict("product.name_or_key_taken", name=name, product_key=key) from None

    def _create(self, tx: Tx, actor: Actor, product: store.NewProduct) -> Product:
        now = self._clock.now()
        product_id = store.add(tx, product, now)
        _audit(tx, actor, now, "product.create", product_id, product.product_key, name=product.name)
        return require_product(tx, actor, Role.ADMIN, product.product_key)

    async def get(self, actor: Actor, product_key: str) -> Product:
        """Return a product."""
        return await self._db.read(require_product, actor, Role.VIEWER, product_key)

    async def counts(self, actor: Actor, product_key: str) -> ProductCounts:
        """Return how many devices it has."""

        def read(tx: Tx) -> ProductCounts:
            return ProductCounts(*store.counts(tx, require_product(tx, actor, Role.VIEWER, product_key).id))

        return await self._db.read(read)

    async def secret(self, actor: Actor, product_key: str) -> str:
        """Return the secret with which devices register, to an administrator; that it was shown is recorded."""
        return self._box.open(await self._db.write(self._reveal, actor, product_key))

    def _reveal(self, tx: Tx, actor: Actor, product_key: str) -> str:
        product = require_product(tx, actor, Role.ADMIN, product_key)
        _audit(tx, actor, self._clock.now(), "product.show_secret", product.id, product_key)
        return store.secret_sealed(tx, product.id)

    async def reset_secret(self, actor: Actor, product_key: str) -> str:
        """Give a product a new secret and return it, to an administrator.

        Devices that have registered log in as before; those that have not need firmware with the new one.
        """
        secret = generate.product_secret()

        def write(tx: Tx) -> None:
            product = require_product(tx, actor, Role.ADMIN, product_key)
            now = self._clock.now()
            store.set_secret(tx, product.id, self._box.seal(secret), now)
            _audit(tx, actor, now, "product.reset_secret", product.id, product_key)

        await self._db.write(write)
        return secret

    async def edit(
        self, actor: Actor, product_key: str, *, name: str | None = None, description: str | None = None
    ) -> Product:
        """Change what is given; a product's key, node type and authentication type stay.

        Raises:
            Forbidden: it takes an administrator of the product.
            Invalid: name or description.
            Conflict: another product has the name.
        """
        if name is not None:
            check_product_name(name)
        if description is not None:
            check_description(description)
        try:
            return await self._db.write(self._edit, actor, product_key, name, description)
        except Duplicate:
            raise Conflict("product.name_or_key_taken", name=name, product_key=product_key) from None

    def _edit(self, tx: Tx, actor: Actor, product_key: str, name: str | None, description: str | None) -> Product:
        product = require_product(tx, actor, Role.ADMIN, product_key)
        now = self._clock.now()
        new_name = product.name if name is None else name
        new_description = product.description if description is None else description
        store.edit(tx, product.id, new_name, new_description, now)
        _audit(tx, actor, now, "product.edit", product.id, product_key, name=new_name, description=new_description)
        return require_product(tx, actor, Role.ADMIN, product_key)

    async def delete(self, actor: Actor, product_key: str) -> None:
        """Delete a product that has no devices, packages or jobs.

        Raises:
            Forbidden: it takes an administrator of everything.
            Conflict: it has some.
        """
        actor.require(Role.ADMIN)
        try:
            await self._db.write(self._delete, actor, product_key)
        except Referenced:
            raise Conflict("product.in_use", product_key=product_key) from None

    def _delete(self, tx: Tx, actor: Actor, product_key: str) -> None:
        product = require_product(tx, actor, Role.ADMIN, product_key)
        store.delete(tx, product.id)
        _audit(tx, actor, self._clock.now(), "product.delete", product.id, product_key, name=product.name)

    async def page(
        self,
        actor: Actor,
        *,
        prefix: str = "",
        containing: str = "",
        role: Role = Role.VIEWER,
        node_type: NodeType | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Product]:
        """Return products by name, of those for which the actor has a role.

        Args:
            actor: who asks.
            prefix: how their names start.
            containing: what stands somewhere in their names or keys, in capital letters or not.
            role: at least this one; a viewer's: all that the actor may see.
            node_type: None: of any.
            cursor: ``next`` of the page before.
            limit: how many at a time.
        """
        check_limit(limit)
        after = "" if cursor is None else read_cursor(cursor, _ORDER, [str])[0]
        wanted = store.Wanted(actor.products(role), prefix, containing, node_type)

        def read(tx: Tx) -> Page[Product]:
            found = store.some(tx, wanted, after, limit + 1)
            beyond = write_cursor(_ORDER, [found[limit - 1].name]) if len(found) > limit else None
            return page_of(found, limit, store.count(tx, wanted, MAX_TOTAL + 1), beyond)

        return await self._db.read(read)


def _audit(tx: Tx, actor: Actor, at: int, action: str, product_id: int, product_key: str, **details: object) -> None:
    record_audit(tx, actor, at, action, f"product:{product_key}", product_id=product_id, **details)
