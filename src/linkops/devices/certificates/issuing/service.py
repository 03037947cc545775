"""Issuing: the private key is made here and shown once, or stays with the device's maker, who sends a request."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_devices, require_product
from linkops.devices.certificates import signing, store
from linkops.devices.certificates.authorities import store as authorities
from linkops.devices.certificates.authorities.own import OwnAuthority
from linkops.devices.certificates.model import Authority, Issued, KeyKind
from linkops.devices.certificates.reading import read
from linkops.devices.certificates.signing import PublicKey, SigningAuthority
from linkops.devices.model import AuthType, DeviceKey, Product
from linkops.devices.store import DeviceRef
from linkops.errors import Conflict, Invalid
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit

DAY_MS = 86_400_000
MAX_VALID_DAYS = 10_950


class Terms(NamedTuple):
    """How long certificates hold, and how long those that they replace; in days."""

    valid_days: int
    grace_days: int


class _Made(NamedTuple):
    """A certificate before it is recorded: nobody has seen it, and no login accepts it."""

    key: DeviceKey
    row: store.CertificateToAdd
    not_after_at: int
    certificate: str
    private_key: str | None


Key = Callable[[], tuple[PublicKey, str | None]]
"""Returns the public key for a certificate, and the private one (PEM) if it was made here."""


class Issuing:
    """Issues certificates with our own authority; for operators of the device's product.

    The certificates that a device has stay valid until the new one is first used, or ``grace_days`` are over.
    """

    def __init__(self, db: Database, clock: Clock, own: OwnAuthority, terms: Terms) -> None:
        self._db = db
        self._clock = clock
        self._own = own
        self._terms = terms

    async def issue(
        self, actor: Actor, key: DeviceKey, kind: KeyKind = KeyKind.EC, valid_days: int | None = None
    ) -> Issued:
        """Return a new certificate with a new private key, which is kept nowhere.

        Raises:
            Invalid: ``valid_days`` is not 1 to `MAX_VALID_DAYS`.
            Conflict: devices of this product do not log in with certificates.
        """
        return (await self.issue_all(actor, key.product_key, [key.device_name], kind, valid_days))[0]

    async def sign(self, actor: Actor, key: DeviceKey, request: str, valid_days: int | None = None) -> Issued:
        """Return a certificate for the key in ``request`` (PKCS #10, PEM); see `issue`.

        Raises:
            Invalid: the request does not prove that its maker has the key, or names another device.
        """
        public_key = signing.read_request(request, key.device_name)
        return (await self._issue(actor, key.product_key, [key.device_name], lambda: (public_key, None), valid_days))[0]

    async def issue_all(
        self, actor: Actor, product_key: str, names: Sequence[str], kind: KeyKind, valid_days: int | None
    ) -> list[Issued]:
        """Return new certificates for up to `linkops.devices.access.MAX_BULK` devices of one product, or for none."""
        return await self._issue(actor, product_key, names, partial(signing.new_key, kind), valid_days)

    async def _issue(
        self, actor: Actor, product_key: str, names: Sequence[str], make: Key, valid_days: int | None
    ) -> list[Issued]:
        check_valid_days(valid_days)
        keys = [DeviceKey(product_key, name) for name in names]
        devices = await self._db.read(_devices, actor, keys)
        authority, signer = await self._own.issuing(actor)
        until = self._clock.now() + (valid_days or self._terms.valid_days) * DAY_MS
        made = await asyncio.to_thread(self._make, actor, authority, signer, devices, make, until)
        ids = await self._db.write(self._record, actor, authority, made)
        return [
            Issued(ids[each.row.device_id], each.key, each.row.serial, each.not_after_at, each.certificate,
                   authority.certificate, each.private_key)
            for each in made
        ]  # fmt: skip

    def _make(
        self,
        actor: Actor,
        authority: Authority,
        signer: SigningAuthority,
        devices: Sequence[DeviceRef],
        make: Key,
        until: int,
    ) -> list[_Made]:
        made = []
        for device in devices:
            public_key, private_key = make()
            certificate = signing.issue(signer, device.key, public_key, self._clock.now(), until)
            presented = read(certificate)
            row = store.CertificateToAdd(
                device_id=device.id,
                authority_id=authority.id,
                fingerprint=presented.fingerprint,
                serial=presented.serial,
                key_type=presented.key_type,
                not_before_at=presented.not_before_at,
                not_after_at=presented.not_after_at,
                issued_by=actor.name,
            )
            made.append(_Made(device.key, row, presented.not_after_at, signing.pem(certificate), private_key))
        return made

    def _record(self, tx: Tx, actor: Actor, authority: Authority, made: Sequence[_Made]) -> dict[int, int]:
        now = self._clock.now()
        _devices(tx, actor, [each.key for each in made])
        current = authorities.issuing(tx)
        if current is None or current.id != authority.id:
            raise Conflict("authority.changed")
        ids = store.add(tx, [each.row for each in made], now)
        if len(ids) < len(made):
            raise Conflict("certificate.device_gone")
        store.replace_older(tx, ids, now + self._terms.grace_days * DAY_MS)
        self._audit(tx, actor, made, now)
        return ids

    @staticmethod
    def _audit(tx: Tx, actor: Actor, made: Sequence[_Made], now: int) -> None:
        product = require_product(tx, actor, Role.OPERATOR, made[0].key.product_key)
        if len(made) == 1:
            details = {"serial": made[0].row.serial, "fingerprint": made[0].row.fingerprint}
            target = f"device:{made[0].key}"
            record_audit(tx, actor, now, "certificate.issue", target, product_id=product.id, **details)
        else:
            target = f"product:{product.product_key}"
            record_audit(tx, actor, now, "certificate.issue_many", target, product_id=product.id, count=len(made))


def check_valid_days(valid_days: int | None) -> None:
    """Raise `Invalid` unless it is absent or 1 to `MAX_VALID_DAYS`."""
    if valid_days is not None and not 1 <= valid_days <= MAX_VALID_DAYS:
        raise Invalid("certificate.valid_days_invalid", field="valid_days", most=MAX_VALID_DAYS)


def require_x509(tx: Tx, actor: Actor, role: Role, product_key: str) -> Product:
    """Return a product whose devices log in with certificates.

    Raises:
        Conflict: they log in with secrets.
    """
    product = require_product(tx, actor, role, product_key)
    if product.auth_type is not AuthType.X509:
        raise Conflict("certificate.product_not_x509", product_key=product_key)
    return product


def _devices(tx: Tx, actor: Actor, keys: Sequence[DeviceKey]) -> list[DeviceRef]:
    devices = require_devices(tx, actor, Role.OPERATOR, keys)
    require_x509(tx, actor, Role.OPERATOR, keys[0].product_key)
    return devices
