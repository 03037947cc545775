"""Use cases about certificate authorities: upload, change, delete, and the lists of what ours has revoked."""

from linkops.certificates import TrustedClients
from linkops.clock import Clock
from linkops.db import Database, Duplicate, Tx
from linkops.devices.access import require_product
from linkops.devices.certificates import signing
from linkops.devices.certificates.authorities import store
from linkops.devices.certificates.authorities.checks import (
    check_authority,
    check_proof,
    public_key_der,
    registration_code,
)
from linkops.devices.certificates.authorities.crl import RevocationLists
from linkops.devices.certificates.authorities.own import OwnAuthority
from linkops.devices.certificates.kicking import Kicking
from linkops.devices.certificates.model import Authority
from linkops.devices.certificates.reading import load_pem, name_sha256
from linkops.devices.model import AuthType
from linkops.errors import Conflict, NotFound, TooLarge
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.secretbox import SecretBox

MAX_AUTHORITIES = 500
_OWN_MOST = 20


class Authorities:
    """Who may vouch for devices. Looking takes a viewer, everything else an administrator of what it is about."""

    def __init__(
        self, db: Database, clock: Clock, box: SecretBox, own: OwnAuthority, trusted: TrustedClients, kicking: Kicking
    ) -> None:
        self._db = db
        self._clock = clock
        self._box = box
        self._own = own
        self._trusted = trusted
        self._kicking = kicking
        self._lists = RevocationLists(db, clock, own)

    async def registration_code(self, actor: Actor, product_key: str) -> str:
        """Return the common name of the certificate that proves that an authority is meant for this product."""
        await self._db.read(require_product, actor, Role.ADMIN, product_key)
        return registration_code(self._box.key, product_key)

    async def upload(
        self, actor: Actor, product_key: str, certificate: str, proof: str, *, auto_create: bool = False
    ) -> Authority:
        """Let an authority vouch for the devices of a product, from now on.

        Args:
            actor: an administrator of the product.
            product_key: of a product whose devices log in with certificates.
            certificate: of the authority that signs certificates of devices itself (PEM).
            proof: a certificate over `registration_code` that it signed (PEM).
            auto_create: make a device that one of its certificates names when it logs in and does not exist.

        Raises:
            Invalid: the certificate or the proof.
            Conflict: the product is not for certificates, or the authority is here already.
            TooLarge: there are `MAX_AUTHORITIES` already.
        """
        product = await self._db.read(require_product, actor, Role.ADMIN, product_key)
        if product.auth_type is not AuthType.X509:
            raise Conflict("certificate.product_not_x509", product_key=product_key)
        now = self._clock.now()
        ours = [*self._trusted.server_keys, *await self._db.read(_own_keys)]
        loaded, presented = check_authority(certificate, now, ours)
        check_proof(proof, loaded, registration_code(self._box.key, product_key), now)
        row = store.AuthorityToAdd(
            product_id=product.id,
            own=0,
            auto_create=int(auto_create),
            subject=loaded.subject.rfc4514_string(),
            subject_sha256=name_sha256(loaded.subject),
            fingerprint=presented.fingerprint,
            certificate=signing.pem(loaded),
            private_key_sealed="",
            not_before_at=presented.not_before_at,
            not_after_at=presented.not_after_at,
            created_by=actor.name,
        )
        try:
            uploaded = await self._db.write(self._add, actor, product_key, row)
        except Duplicate:
            raise Conflict("authority.exists", fingerprint=presented.fingerprint) from None
        await self._own.trust()
        return uploaded

    def _add(self, tx: Tx, actor: Actor, product_key: str, row: store.AuthorityToAdd) -> Authority:
        product = require_product(tx, actor, Role.ADMIN, product_key)
        if store.count(tx) >= MAX_AUTHORITIES:
            raise TooLarge("authority.too_many", most=MAX_AUTHORITIES)
        added = store.by_id(tx, store.add(tx, row, self._clock.now()))
        assert added is not None  # noqa: S101 - for the type checker: this unit added it
        self._audit(
            tx, actor, "authority.upload", added, auto_create=added.auto_create, product_key=product.product_key
        )
        return added

    async def get(self, actor: Actor, authority_id: int) -> Authority:
        """Return an authority; our own are everybody's.

        Raises:
            NotFound: there is none, or it is for a product that the actor may not see.
        """
        return await self._db.read(require_authority, actor, Role.VIEWER, authority_id)

    async def page(self, actor: Actor, after: int, limit: int) -> list[Authority]:
        """Return up to ``limit`` authorities with ids above ``after``."""
        return await self._db.read(store.some, actor.visible_products(), after, limit)

    async def change(
        self, actor: Actor, authority_id: int, *, enabled: bool | None = None, auto_create: bool | None = None
    ) -> Authority:
        """Change what is given; when an authority is disabled, who holds a certificate of it is cut off.

        Once our own is disabled, the next certificate is issued by a new one.

        Raises:
            Forbidden: it takes an administrator of the product, for our own one of everything.
            Conflict: another of our own took its place.
        """
        try:
            before, after = await self._db.write(
                self._change, actor, authority_id, enabled=enabled, auto_create=auto_create
            )
        except Duplicate:
            raise Conflict("authority.own_replaced") from None
        await self._own.trust()
        if before.enabled and not after.enabled:
            await self._kicking.holders_of(authority_id)
        return after

    def _change(
        self, tx: Tx, actor: Actor, authority_id: int, *, enabled: bool | None, auto_create: bool | None
    ) -> tuple[Authority, Authority]:
        before = require_authority(tx, actor, Role.ADMIN, authority_id)
        after_enabled = before.enabled if enabled is None else enabled
        after_auto_create = (before.auto_create if auto_create is None else auto_create) and not before.own
        store.change(tx, authority_id, enabled=after_enabled, auto_create=after_auto_create)
        self._audit(tx, actor, "authority.change", before, enabled=after_enabled, auto_create=after_auto_create)
        return before, require_authority(tx, actor, Role.ADMIN, authority_id)

    async def delete(self, actor: Actor, authority_id: int) -> None:
        """Forget an authority that was uploaded by mistake.

        Raises:
            Conflict: it is our own, or a device has used a certificate of it: what was revoked must stay so.
        """
        await self._db.write(self._delete, actor, authority_id)
        await self._own.trust()

    def _delete(self, tx: Tx, actor: Actor, authority_id: int) -> None:
        authority = require_authority(tx, actor, Role.ADMIN, authority_id)
        if authority.own or store.is_used(tx, authority_id):
            raise Conflict("authority.in_use", id=authority_id)
        store.delete(tx, authority_id)
        self._audit(tx, actor, "authority.delete", authority)

    async def revocation_list(self, actor: Actor, authority_id: int) -> str:
        """Return the certificates of our own authority that are revoked and have not expired, as a CRL in PEM.

        Raises:
            Conflict: it is not our own: whoever has its key makes its list.
            TooLarge, TooMany, Unavailable: as for `RevocationLists.make`.
        """
        authority = await self.get(actor, authority_id)
        if not authority.own:
            raise Conflict("authority.not_own", id=authority_id)
        return await self._lists.make(authority)

    def _audit(self, tx: Tx, actor: Actor, action: str, authority: Authority, **details: object) -> None:
        target, now = f"authority:{authority.id}", self._clock.now()
        details = {"fingerprint": authority.fingerprint, **details}
        record_audit(tx, actor, now, action, target, product_id=authority.product_id, **details)


def require_authority(tx: Tx, actor: Actor, role: Role, authority_id: int) -> Authority:
    """Return an authority for which ``actor`` has ``role``: on its product, or everywhere if it is our own.

    Raises:
        NotFound: there is none, or the actor may not even look at it.
        Forbidden: it may look, but no more.
    """
    authority = store.by_id(tx, authority_id)
    if authority is None or not (authority.product_id is None or actor.may(Role.VIEWER, authority.product_id)):
        raise NotFound("authority.not_found", id=authority_id)
    if authority.product_id is not None:
        actor.require(role, authority.product_id)
    elif role is not Role.VIEWER:
        actor.require(role)
    return authority


def _own_keys(tx: Tx) -> list[bytes]:
    return [public_key_der(load_pem(certificate)) for certificate in store.own(tx, _OWN_MOST)]
