"""Modules: create, edit, delete, list."""

import msgspec

from linkops.clock import Clock
from linkops.db import Database, Duplicate, Tx
from linkops.devices.access import require_product
from linkops.devices.model import Product
from linkops.errors import Conflict, NotFound
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.ota import names
from linkops.ota.model import DEFAULT_MODULE, Module
from linkops.ota.modules import store
from linkops.ota.packages import store as packages

MAX_MODULES = 10
"""Of a product, besides the default one."""


class Modules:
    """The modules of the products that an actor may see. Looking takes a viewer, everything else an operator."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def list(self, actor: Actor, product_key: str) -> list[Module]:
        """Return the modules of a product by name, the default one first."""

        def read(tx: Tx) -> list[Module]:
            product = require_product(tx, actor, Role.VIEWER, product_key)
            return [Module(DEFAULT_MODULE, "", "", 0, 0), *store.modules(tx, product.id)]

        return await self._db.read(read)

    async def create(self, actor: Actor, product_key: str, name: str, alias: str = "", description: str = "") -> Module:
        """Create a module; names differ in more than case.

        Raises:
            Invalid: name, alias or description.
            Conflict: the name is taken or reserved, or the product has `MAX_MODULES`.
        """
        names.module_alias(alias)
        names.description(description)
        if names.module_name(name).lower() == DEFAULT_MODULE:
            raise Conflict("module.name_reserved", name=name)
        now = self._clock.now()
        module = Module(name, alias, description, now, now)
        try:
            await self._db.write(_create, actor, product_key, module)
        except Duplicate:
            raise Conflict("module.name_taken", name=name) from None
        return module

    async def edit(
        self, actor: Actor, product_key: str, name: str, *, alias: str | None = None, description: str | None = None
    ) -> Module:
        """Change what is given; a module's name stays.

        Raises:
            Invalid: alias or description.
            NotFound: there is none; the default one cannot be edited.
        """
        if alias is not None:
            names.module_alias(alias)
        if description is not None:
            names.description(description)
        return await self._db.write(_edit, actor, product_key, name, alias, description, self._clock.now())

    async def delete(self, actor: Actor, product_key: str, name: str) -> None:
        """Delete a module that has no packages.

        Raises:
            NotFound: there is none.
            Conflict: it is the default one, or has packages.
        """
        if name.lower() == DEFAULT_MODULE:
            raise Conflict("module.name_reserved", name=name)
        await self._db.write(_delete, actor, product_key, name, self._clock.now())


def require_module(tx: Tx, product: Product, name: str) -> Module:
    """Return a module that has a row.

    Raises:
        NotFound: it is the default one, or there is none.
    """
    module = store.module(tx, product.id, name)
    if module is None:
        raise NotFound("module.not_found", product_key=product.product_key, module=name)
    return module


def _create(tx: Tx, actor: Actor, product_key: str, module: Module) -> None:
    product = require_product(tx, actor, Role.OPERATOR, product_key)
    if len(store.modules(tx, product.id)) >= MAX_MODULES:
        raise Conflict("module.too_many", most=MAX_MODULES)
    store.add(tx, product.id, module)
    _audit(tx, actor, "module.create", product, module, module.created_at)


def _edit(
    tx: Tx, actor: Actor, product_key: str, name: str, alias: str | None, description: str | None, now: int
) -> Module:
    product = require_product(tx, actor, Role.OPERATOR, product_key)
    before = require_module(tx, product, name)
    after = msgspec.structs.replace(
        before,
        alias=before.alias if alias is None else alias,
        description=before.description if description is None else description,
        updated_at=now,
    )
    store.edit(tx, product.id, after)
    _audit(tx, actor, "module.edit", product, after, now)
    return after


def _delete(tx: Tx, actor: Actor, product_key: str, name: str, now: int) -> None:
    product = require_product(tx, actor, Role.OPERATOR, product_key)
    module = require_module(tx, product, name)
    if packages.module_in_use(tx, product.id, module.name):
        raise Conflict("module.in_use", module=module.name)
    store.delete(tx, product.id, module.name)
    _audit(tx, actor, "module.delete", product, module, now)


def _audit(tx: Tx, actor: Actor, action: str, product: Product, module: Module, now: int) -> None:
    target = f"module:{product.product_key}/{module.name}"
    details = {"alias": module.alias, "description": module.description}
    record_audit(tx, actor, now, action, target, product_id=product.id, **details)
