"""Signing keys: make, import, delete, and switch signing on and off."""

import asyncio
from collections.abc import Callable

from linkops.clock import Clock
from linkops.db import Database, Duplicate, Tx
from linkops.devices.access import require_product
from linkops.devices.model import Product
from linkops.errors import Conflict, NotFound
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.ota.signing import keys, store
from linkops.ota.signing.model import Signing
from linkops.secretbox import SecretBox

_KEYS_SHOWN = 20


class SigningKeys:
    """The keys that products sign their packages with. Looking takes a viewer of the product, all else its admin.

    No method returns a private key, no audit row holds one.
    """

    def __init__(self, db: Database, clock: Clock, box: SecretBox) -> None:
        self._db = db
        self._clock = clock
        self._box = box

    async def get(self, actor: Actor, product_key: str) -> Signing:
        """Return how a product signs, with the public key that devices need."""

        def read(tx: Tx) -> Signing:
            return _signing(tx, require_product(tx, actor, Role.VIEWER, product_key))

        return await self._db.read(read)

    async def switch(self, actor: Actor, product_key: str, *, on: bool) -> Signing:
        """Sign packages from now on, or no more; a product without a key gets one.

        Off, devices get no signatures, also of packages that have some.
        """
        key = await self._made(actor, product_key, keys.new_private_key, imported=False) if on else None
        return await self._db.write(self._switch, actor, product_key, key)

    def _switch(self, tx: Tx, actor: Actor, product_key: str, key: store.KeyToAdd | None) -> Signing:
        product, now = require_product(tx, actor, Role.ADMIN, product_key), self._clock.now()
        if key is not None and not _has_key(tx, product.id):
            self._add(tx, actor, product, key, now)
        store.set_enabled(tx, product.id, now, on=key is not None)
        _audit(tx, actor, "signing.on" if key is not None else "signing.off", product, now)
        return _signing(tx, product)

    async def make_key(self, actor: Actor, product_key: str) -> Signing:
        """Make a key pair, which takes the place of the one there is; packages keep the signatures that they have."""
        key = await self._made(actor, product_key, keys.new_private_key, imported=False)
        return await self._replace(actor, product_key, key)

    async def import_key(self, actor: Actor, product_key: str, private_key: str) -> Signing:
        """Take over a private key in PEM, as `make_key` does with its own.

        Raises:
            Invalid: it is no RSA key of 2,048 to 8,192 bits.
        """
        key = await self._made(actor, product_key, lambda: keys.imported_private_key(private_key), imported=True)
        return await self._replace(actor, product_key, key)

    async def delete_key(self, actor: Actor, product_key: str) -> Signing:
        """Destroy the private key; the public one is kept among the retired.

        Raises:
            NotFound: there is none.
            Conflict: packages are signed with it: switch that off first.
        """
        return await self._db.write(self._delete, actor, product_key)

    def _delete(self, tx: Tx, actor: Actor, product_key: str) -> Signing:
        product, now = require_product(tx, actor, Role.ADMIN, product_key), self._clock.now()
        before = _signing(tx, product)
        if before.enabled:
            raise Conflict("signing.key_in_use", product_key=product_key)
        if before.key is None:
            raise NotFound("signing.key_not_found", product_key=product_key)
        store.retire(tx, product.id, now)
        _audit(tx, actor, "signing.delete_key", product, now, fingerprint=before.key.fingerprint)
        return _signing(tx, product)

    async def _replace(self, actor: Actor, product_key: str, key: store.KeyToAdd) -> Signing:
        def write(tx: Tx) -> Signing:
            product = require_product(tx, actor, Role.ADMIN, product_key)
            self._add(tx, actor, product, key, self._clock.now())
            return _signing(tx, product)

        try:
            return await self._db.write(write)
        except Duplicate:
            raise Conflict("signing.changed") from None

    def _add(self, tx: Tx, actor: Actor, product: Product, key: store.KeyToAdd, now: int) -> None:
        replaced = store.retire(tx, product.id, now)
        store.add(tx, key._replace(product_id=product.id, created_by=actor.name), now)
        what = "signing.import_key" if key.imported else "signing.make_key"
        _audit(tx, actor, what, product, now, fingerprint=key.fingerprint, replaces=replaced)

    async def _made(
        self, actor: Actor, product_key: str, private_key: Callable[[], str], *, imported: bool
    ) -> store.KeyToAdd:
        """Make or read a key in a thread, since that takes long, for those only who may."""
        await self._db.read(require_product, actor, Role.ADMIN, product_key)
        return await asyncio.to_thread(lambda: self._to_add(private_key(), imported=imported))

    def _to_add(self, private_key: str, *, imported: bool) -> store.KeyToAdd:
        public_key, fingerprint, bits = keys.public_key(private_key)
        return store.KeyToAdd(0, fingerprint, bits, public_key, self._box.seal(private_key), int(imported), "")


def _has_key(tx: Tx, product_id: int) -> bool:
    return any(key.retired_at is None for key in store.keys(tx, product_id, 1))


def _signing(tx: Tx, product: Product) -> Signing:
    found = store.keys(tx, product.id, _KEYS_SHOWN)
    current = next((key for key in found if key.retired_at is None), None)
    return Signing(
        product_key=product.product_key,
        enabled=store.enabled(tx, product.id),
        key=current,
        retired=[key for key in found if key.retired_at is not None],
    )


def _audit(tx: Tx, actor: Actor, action: str, product: Product, now: int, **details: object) -> None:
    record_audit(tx, actor, now, action, f"product:{product.product_key}", product_id=product.id, **details)
