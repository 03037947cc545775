"""Our own authority: made when it is first needed, kept sealed, and trusted by the doors together with the uploaded."""

import asyncio

from linkops.certificates import TrustedClients
from linkops.clock import Clock
from linkops.db import Database, Duplicate, Tx
from linkops.devices.certificates import signing
from linkops.devices.certificates.authorities import store
from linkops.devices.certificates.model import Authority
from linkops.devices.certificates.reading import name_sha256, read
from linkops.devices.certificates.signing import SigningAuthority
from linkops.events.actor import Actor
from linkops.events.store import record_audit
from linkops.secretbox import SecretBox

_TRUSTED_MOST = 1_000


class OwnAuthority:
    """The only one who takes a private key of ours out of its box."""

    def __init__(self, db: Database, clock: Clock, box: SecretBox, trusted: TrustedClients) -> None:
        self._db = db
        self._clock = clock
        self._box = box
        self._trusted = trusted
        self._turn = asyncio.Lock()
        self._signers: dict[int, SigningAuthority] = {}

    async def issuing(self, actor: Actor) -> tuple[Authority, SigningAuthority]:
        """Return the authority that issues now; without one it is made on behalf of ``actor``."""
        authority = await self._db.read(store.issuing)
        if authority is None:
            made = await asyncio.to_thread(signing.new_authority, self._clock.now())
            authority = await self.adopt(actor, made)
        return authority, await self.signer_of(authority)

    async def signer_of(self, authority: Authority) -> SigningAuthority:
        """Return one of our own authorities with its key."""
        signer = self._signers.get(authority.id)
        if signer is None:
            signer = signing.load_authority(authority.certificate, await self.private_key_of(authority))
            self._signers[authority.id] = signer
        return signer

    async def private_key_of(self, authority: Authority) -> str:
        """Return the private key of one of our own authorities, in PEM, for a process of ours that signs with it."""
        return self._box.open(await self._db.read(store.private_key_sealed, authority.id))

    async def trust(self) -> bool:
        """Let the doors ask for certificates of the authorities that are enabled now; no more to do (a tick)."""
        async with self._turn:  # what was read last is also what is applied last
            self._trusted.replace(await self._db.read(store.trusted, _TRUSTED_MOST))
        return False

    async def adopt(self, actor: Actor, made: SigningAuthority) -> Authority:
        """Issue with this authority from now on, and return it; or the one that somebody else made just before."""
        try:
            authority = await self._db.write(self._add, actor, made)
        except Duplicate:
            found = await self._db.read(store.issuing)
            assert found is not None  # noqa: S101 - it is what made ours a duplicate
            authority = found
        await self.trust()
        return authority

    def _add(self, tx: Tx, actor: Actor, made: SigningAuthority) -> Authority:
        certificate, now = made.certificate, self._clock.now()
        presented = read(certificate)
        row = store.AuthorityToAdd(
            product_id=None,
            own=1,
            auto_create=0,
            subject=certificate.subject.rfc4514_string(),
            subject_sha256=name_sha256(certificate.subject),
            fingerprint=presented.fingerprint,
            certificate=signing.pem(certificate),
            private_key_sealed=self._box.seal(signing.private_pem(made.private_key)),
            not_before_at=presented.not_before_at,
            not_after_at=presented.not_after_at,
            created_by=actor.name,
        )
        authority_id = store.add(tx, row, now)
        record_audit(tx, actor, now, "authority.make", f"authority:{authority_id}", fingerprint=row.fingerprint)
        added = store.by_id(tx, authority_id)
        assert added is not None  # noqa: S101 - for the type checker: this unit added it
        return added
