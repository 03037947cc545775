"""Looking at certificates, and revoking them."""

from collections.abc import Sequence

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_device, require_product
from linkops.devices.certificates import store
from linkops.devices.certificates.kicking import Kicking
from linkops.devices.certificates.model import Certificate, CertificateState, RevocationReason
from linkops.devices.model import DeviceKey
from linkops.devices.paging import MAX_TOTAL, Page, check_limit, page_of, read_cursor, write_cursor
from linkops.errors import Invalid, NotFound
from linkops.events.actor import Actor, Role
from linkops.events.store import Event, record_audit, record_events

MAX_BULK = 200
_ORDER = "expiry"
_DAY_MS = 86_400_000
_MOST_OF_DEVICE = 1_000


class Certificates:
    """The certificates of devices. Looking takes a viewer of the product, revoking an operator."""

    def __init__(self, db: Database, clock: Clock, kicking: Kicking) -> None:
        self._db = db
        self._clock = clock
        self._kicking = kicking

    async def page(
        self,
        actor: Actor,
        *,
        product_key: str | None = None,
        device_name: str | None = None,
        state: CertificateState | None = None,
        expires_within_days: int | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Certificate]:
        """Return certificates, the first to expire first.

        Raises:
            NotFound: the actor may not look at the product or the device.
            Invalid: limit or cursor, or a device without its product.
        """
        check_limit(limit)
        if device_name is not None and product_key is None:
            raise Invalid("device.filter_needs_product", field="product_key")
        place = None if cursor is None else read_cursor(cursor, _ORDER, [int, int])

        def read(tx: Tx) -> Page[Certificate]:
            now = self._clock.now()
            before = None if expires_within_days is None else now + expires_within_days * _DAY_MS
            question = _question(tx, actor, product_key, device_name)._replace(state=state, expires_before=before)
            found = store.some(tx, question, None if place is None else (place[0], place[1]), limit + 1, now)
            last = found[limit - 1] if len(found) > limit else None
            beyond = None if last is None else write_cursor(_ORDER, [last.not_after_at, last.id])
            return page_of(found, limit, store.count(tx, question, MAX_TOTAL + 1, now), beyond)

        return await self._db.read(read)

    async def get(self, actor: Actor, certificate_id: int) -> Certificate:
        """Return a certificate."""

        def read(tx: Tx) -> Certificate:
            return _required(tx, actor, Role.VIEWER, [certificate_id], self._clock.now())[0]

        return await self._db.read(read)

    async def revoke(
        self, actor: Actor, ids: Sequence[int], reason: RevocationReason = RevocationReason.UNSPECIFIED
    ) -> int:
        """Revoke up to `MAX_BULK` certificates for good, and return how many were not revoked yet.

        Whoever is connected with one of them is cut off, and refused from then on.

        Raises:
            NotFound: one of them is not there for the actor; then none is revoked.
            Forbidden: for one of them the actor is no operator; then none is revoked.
        """
        if not 1 <= len(set(ids)) <= MAX_BULK:
            raise Invalid("certificate.bulk_size_invalid", field="ids", most=MAX_BULK)

        def write(tx: Tx) -> dict[int, int]:
            found = _required(tx, actor, Role.OPERATOR, ids, self._clock.now())
            return self._revoke(tx, actor, found, reason)

        return await self._cut_off(await self._db.write(write))

    async def revoke_device(
        self, actor: Actor, key: DeviceKey, reason: RevocationReason = RevocationReason.UNSPECIFIED
    ) -> int:
        """Revoke all certificates of a device that are known here, and return how many; see `revoke`.

        An uploaded authority can make another one at any time: disable the device to keep it out.
        """

        def write(tx: Tx) -> dict[int, int]:
            device, now = require_device(tx, actor, Role.OPERATOR, key), self._clock.now()
            live = store.by_ids(tx, store.live_of_device(tx, device.id, _MOST_OF_DEVICE, now), now)
            return self._revoke(tx, actor, live, reason)

        return await self._cut_off(await self._db.write(write))

    def _revoke(
        self, tx: Tx, actor: Actor, certificates: Sequence[Certificate], reason: RevocationReason
    ) -> dict[int, int]:
        now = self._clock.now()
        revoked = store.revoke(tx, [each.id for each in certificates], actor.name, reason, now)
        changed = [each for each in certificates if each.id in revoked]
        for each in changed:
            details = {"serial": each.serial, "fingerprint": each.fingerprint, "reason": reason}
            target = f"device:{each.key}"
            record_audit(tx, actor, now, "certificate.revoke", target, product_id=each.product_id, **details)
        record_events(tx, [_revoked(now, each, reason) for each in changed])
        return revoked

    async def _cut_off(self, revoked: dict[int, int]) -> int:
        await self._kicking.devices(set(revoked.values()), "certificate revoked")
        return len(revoked)


def _question(tx: Tx, actor: Actor, product_key: str | None, device_name: str | None) -> store.Question:
    if product_key is None:
        return store.Question(actor.visible_products())
    product = require_product(tx, actor, Role.VIEWER, product_key)
    if device_name is None:
        return store.Question([product.id])
    device = require_device(tx, actor, Role.VIEWER, DeviceKey(product_key, device_name))
    return store.Question([product.id], device.id)


def _required(tx: Tx, actor: Actor, role: Role, ids: Sequence[int], now: int) -> list[Certificate]:
    found = {each.id: each for each in store.by_ids(tx, set(ids), now) if actor.may(Role.VIEWER, each.product_id)}
    for certificate_id in ids:
        if certificate_id not in found:
            raise NotFound("certificate.not_found", id=certificate_id)
        actor.require(role, found[certificate_id].product_id)
    return list(found.values())


def _revoked(at: int, certificate: Certificate, reason: RevocationReason) -> Event:
    body = {**certificate.key._asdict(), "serial": certificate.serial, "reason": reason.value}
    return Event(at, "device.certificate_revoked", certificate.product_id, certificate.device_id, body)
