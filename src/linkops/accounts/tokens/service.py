"""Bearer tokens: who stands behind one, and making and revoking them."""

from linkops.accounts.model import Identity
from linkops.accounts.tokens import store
from linkops.accounts.tokens.identities import Identities
from linkops.accounts.tokens.model import (
    MAX_TOKENS,
    ApiToken,
    NewToken,
    check_expiry,
    check_token_name,
    digest_of,
    new_secret,
)
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.errors import Conflict, Forbidden, NotFound, Unauthenticated
from linkops.events.actor import Actor
from linkops.events.store import record_audit

_EXPIRED_PER_TICK = 1_000
_USE_GRAIN_MS = 60_000


class Tokens:
    """Use cases around bearer tokens; the plain token is shown once and never stored."""

    def __init__(self, db: Database, clock: Clock, identities: Identities) -> None:
        self._db = db
        self._clock = clock
        self._identities = identities
        self._uses: dict[int, int] = {}

    async def authenticate(self, token: str, address: str) -> Actor:
        """Return who sends this token.

        Raises:
            Unauthenticated: when the token is unknown, expired or revoked, or its account is disabled.
            Forbidden: when the account must change its password first.
        """
        identity = await self.identify(token)
        if identity.must_change:
            raise Forbidden("password.must_change")
        return actor_of(identity, address)

    async def identify(self, token: str) -> Identity:
        """Return whom a token stands for, even if that account must change its password.

        Raises:
            Unauthenticated: when the token is unknown, expired or revoked, or its account is disabled.
        """
        digest = digest_of(token)
        if digest is None:
            raise Unauthenticated("token.invalid")
        now = self._clock.now()
        identity = self._identities.get(digest, now) or await self._look_up(digest, now)
        self._uses[identity.token_id] = now - now % _USE_GRAIN_MS
        return identity

    async def _look_up(self, digest: str, now: int) -> Identity:
        generation = self._identities.generation
        identity = await self._db.read(store.identity, digest, now)
        if identity is None:
            raise Unauthenticated("token.invalid")
        self._identities.put(digest, identity, now, generation)
        return identity

    async def create(self, actor: Actor, name: str, expires_at: int | None) -> NewToken:
        """Make a token that may do what its owner may; its secret is in the answer and nowhere else.

        It expires at ``expires_at`` (Unix milliseconds), or never.

        Raises:
            Invalid: when the name or the expiry cannot be.
            Conflict: when the account has too many tokens.
        """
        now = self._clock.now()
        check_token_name(name)
        check_expiry(expires_at, now)
        secret = new_secret()
        token_id = await self._db.write(
            _create, actor, _account_id(actor), name, str(digest_of(secret)), expires_at, now
        )
        return NewToken(token_id, secret, expires_at)

    async def page(self, actor: Actor, after: int, limit: int) -> list[ApiToken]:
        """Return up to ``limit`` of the actor's own tokens with an id above ``after``."""
        return await self._db.read(store.page_of_tokens, _account_id(actor), after, limit)

    async def revoke(self, actor: Actor, token_id: int) -> None:
        """Delete one of the actor's own tokens; the next request with it is refused.

        Raises:
            NotFound: when the actor has no such token.
        """
        await self._db.write(_revoke, actor, _account_id(actor), token_id, self._clock.now())
        self._identities.forget_all()

    async def record_uses(self) -> bool:
        """Write down when tokens were last used (a tick: no request waits for it)."""
        uses, self._uses = self._uses, {}
        if uses:
            await self._db.write(store.mark_used, list(uses.items()))
        return False

    async def delete_expired(self) -> bool:
        """Delete a bounded number of expired tokens and return whether there may be more (a tick)."""
        return await self._db.write(store.delete_expired, self._clock.now(), _EXPIRED_PER_TICK) == _EXPIRED_PER_TICK


def actor_of(identity: Identity, address: str) -> Actor:
    """Return the identity as somebody who acts from ``address``."""
    return Actor(identity.account_id, identity.name, address, identity.roles)


def _account_id(actor: Actor) -> int:
    if actor.account_id is None:
        raise Forbidden("token.account_required")
    return actor.account_id


def _create(tx: Tx, actor: Actor, account_id: int, name: str, digest: str, expires_at: int | None, now: int) -> int:
    if store.count_tokens(tx, account_id) >= MAX_TOKENS:
        raise Conflict("token.too_many", most=MAX_TOKENS)
    token_id = store.add_token(tx, account_id, name, digest, now, expires_at=expires_at, session=False)
    record_audit(tx, actor, now, "token.create", f"token:{token_id}", name=name, expires_at=expires_at)
    return token_id


def _revoke(tx: Tx, actor: Actor, account_id: int, token_id: int, now: int) -> None:
    if not store.delete_token(tx, token_id, account_id):
        raise NotFound("token.not_found", id=token_id)
    record_audit(tx, actor, now, "token.revoke", f"token:{token_id}")
