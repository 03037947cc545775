"""Logging in and out, and changing one's own password.

An unknown name, a wrong password, a disabled and a locked account get the same answer after the same work: nobody
learns from a login which names exist.
"""

from dataclasses import dataclass

from linkops.accounts import store
from linkops.accounts.model import Identity, check_password
from linkops.accounts.passwords import Passwords
from linkops.accounts.store import Secrets
from linkops.accounts.tokens import store as token_store
from linkops.accounts.tokens.identities import Identities
from linkops.accounts.tokens.model import digest_of, new_secret
from linkops.accounts.tokens.service import Tokens, actor_of
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.errors import Invalid, Unauthenticated
from linkops.events.actor import Actor
from linkops.events.store import record_audit

SESSION_NAME = "login"
_MOST_SESSIONS = 20


@dataclass(frozen=True, slots=True)
class LoginRules:
    """How long a login lasts, and when wrong passwords lock an account."""

    session_s: int
    lockout_failures: int
    lockout_s: int


@dataclass(frozen=True, slots=True)
class Session:
    """What a login gives.

    Attributes:
        must_change: whether the token is good for nothing but changing the password.
    """

    token: str
    expires_at: int
    must_change: bool


@dataclass(frozen=True, slots=True)
class _Try:
    """A password that was compared with a stored hash, at a time and from an address."""

    name: str
    against: str | None
    right: bool
    at: int
    address: str


class Logins:
    """Use cases of somebody who knows a password."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        passwords: Passwords,
        tokens: Tokens,
        identities: Identities,
        rules: LoginRules,
    ) -> None:
        self._db = db
        self._clock = clock
        self._passwords = passwords
        self._tokens = tokens
        self._identities = identities
        self._rules = rules

    async def log_in(self, name: str, password: str, address: str) -> Session:
        """Return a new session.

        Raises:
            Unauthenticated: when name and password do not belong together, or the account is disabled or locked.
            TooMany: when too many passwords are being compared.
        """
        tried = await self._try(name, password, address)
        secret = new_secret()
        session = await self._db.write(_open_session, self._rules, tried, secret)
        if session is None:
            raise Unauthenticated("login.refused")
        return session

    async def log_out(self, token: str) -> None:
        """End the session (or revoke the token) that ``token`` belongs to.

        Raises:
            Unauthenticated: when it is not valid anyway.
        """
        identity = await self._tokens.identify(token)
        await self._db.write(token_store.delete_token, identity.token_id, identity.account_id)
        self._identities.forget_all()

    async def change_password(self, token: str, old: str, new: str, address: str) -> None:
        """Replace one's own password; all other sessions of the account end.

        Raises:
            Unauthenticated: when the token is not valid.
            Invalid: when the old password is wrong, or the new one cannot be taken.
        """
        identity = await self._tokens.identify(token)
        check_password(new, identity.name, field="new_password")
        tried = await self._try(identity.name, old, address)
        if new == old:
            raise Invalid("password.same", field="new_password")
        new_hash = await self._passwords.hash(new)
        changed = await self._db.write(_change_password, self._rules, tried, identity, new_hash)
        self._identities.forget_all()
        if not changed:
            raise Invalid("password.wrong", field="old_password")

    async def _try(self, name: str, password: str, address: str) -> _Try:
        known = await self._db.read(store.secrets_of, name)
        against = None if known is None else known.password_hash
        right = await self._passwords.matches(password, against)
        return _Try(name, against, right, self._clock.now(), address)


def _open_session(tx: Tx, rules: LoginRules, tried: _Try, secret: str) -> Session | None:
    known = _admitted(tx, rules, tried)
    if known is None:
        return None
    expires_at = tried.at + rules.session_s * 1_000
    digest = str(digest_of(secret))
    token_store.add_token(tx, known.account_id, SESSION_NAME, digest, tried.at, expires_at=expires_at, session=True)
    token_store.trim_sessions(tx, known.account_id, _MOST_SESSIONS)
    record_audit(tx, _somebody(known, tried), tried.at, "account.login", f"account:{tried.name}")
    return Session(secret, expires_at, bool(known.must_change))


def _change_password(tx: Tx, rules: LoginRules, tried: _Try, identity: Identity, new_hash: str) -> bool:
    known = _admitted(tx, rules, tried)
    if known is None or known.account_id != identity.account_id:
        return False
    store.set_password(tx, known.account_id, new_hash, tried.at, must_change=False)
    token_store.delete_sessions(tx, known.account_id, keep=identity.token_id)
    actor = actor_of(identity, tried.address)
    record_audit(tx, actor, tried.at, "account.change_password", f"account:{identity.name}")
    return True


def _admitted(tx: Tx, rules: LoginRules, tried: _Try) -> Secrets | None:
    """Return the account if the password was right and still is, and it is neither locked nor disabled."""
    known = store.secrets_of(tx, tried.name, lock=True)
    # Looked at again inside the unit: tries that ran side by side count one after the other.
    if known is None or not known.enabled or known.locked_until_at > tried.at:
        return None
    if tried.right and known.password_hash == tried.against:
        store.record_tries(tx, known.account_id, 0, None)
        return known
    _count_wrong_try(tx, rules, tried, known)
    return None


def _count_wrong_try(tx: Tx, rules: LoginRules, tried: _Try, known: Secrets) -> None:
    failures = known.failed_logins + 1
    if failures < rules.lockout_failures:
        store.record_tries(tx, known.account_id, failures, None)
        return
    store.record_tries(tx, known.account_id, 0, tried.at + rules.lockout_s * 1_000)
    record_audit(tx, _somebody(known, tried), tried.at, "account.lock", f"account:{tried.name}", failures=failures)


def _somebody(known: Secrets, tried: _Try) -> Actor:
    return Actor(known.account_id, tried.name, tried.address, {})
