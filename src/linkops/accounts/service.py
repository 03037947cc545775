"""Accounts: who may use LinkOps, and what they may do. All of it is for administrators of everything."""

from collections.abc import Callable
from dataclasses import replace

from linkops.accounts import store
from linkops.accounts.model import FIRST_ADMIN, Account, Grant, check_grants, check_name, check_password
from linkops.accounts.passwords import Passwords, generate_password
from linkops.accounts.tokens import store as token_store
from linkops.accounts.tokens.identities import Identities
from linkops.clock import Clock
from linkops.db import Database, Duplicate, Tx
from linkops.errors import Conflict, NotFound
from linkops.events.actor import SYSTEM, Actor, Role
from linkops.events.store import record_audit


class Accounts:
    """Use cases of administrators."""

    def __init__(self, db: Database, clock: Clock, passwords: Passwords, identities: Identities) -> None:
        self._db = db
        self._clock = clock
        self._passwords = passwords
        self._identities = identities

    async def create_first_admin(self) -> str | None:
        """Create the first administrator and return the generated password; None when there is an account already.

        However often and however much side by side it is called, one call gets a password.
        """
        if await self.any():
            return None
        password = generate_password()
        return password if await self._create_first_admin(FIRST_ADMIN, password, SYSTEM) else None

    async def create_first_admin_named(self, name: str, password: str, address: str) -> None:
        """Create the first administrator with a name and a password that somebody at ``address`` chose.

        Raises:
            Invalid: the name or the password cannot be taken.
            NotFound: there is an account already, so that there is nothing to set up.
        """
        check_name(name)
        check_password(password, name, field="password")
        if await self.any():  # nobody can let us hash passwords for nothing
            raise NotFound("setup.closed")
        if not await self._create_first_admin(name, password, replace(SYSTEM, address=address)):
            raise NotFound("setup.closed")

    async def any(self) -> bool:
        """Return whether there is an account at all."""
        return await self._db.read(store.any_account)

    async def _create_first_admin(self, name: str, password: str, actor: Actor) -> bool:
        password_hash = await self._passwords.hash(password)
        try:
            return await self._db.write(_create_first_admin, actor, name, password_hash, self._clock.now())
        except Duplicate:  # another process was faster
            return False

    async def create(self, actor: Actor, name: str, password: str | None, grants: tuple[Grant, ...]) -> str | None:
        """Create an account; without a password one is generated and returned, to be changed at the first login.

        Raises:
            Forbidden, Invalid, NotFound: about the actor, a field, a product.
            Conflict: when the name is taken.
        """
        actor.require(Role.ADMIN)
        check_name(name)
        check_grants(grants)
        if password is not None:
            check_password(password, name, field="password")
        chosen = password or generate_password()
        password_hash = await self._passwords.hash(chosen)
        must_change = password is None
        try:
            await self._db.write(_add, actor, name, password_hash, grants, self._clock.now(), must_change=must_change)
        except Duplicate:
            raise Conflict("account.exists", name=name) from None
        return chosen if must_change else None

    async def get(self, actor: Actor, name: str) -> Account:
        """Return an account.

        Raises:
            Forbidden, NotFound: about the actor, the name.
        """
        actor.require(Role.ADMIN)
        return await self._db.read(_existing, name)

    async def page(self, actor: Actor, after: str, limit: int) -> list[Account]:
        """Return up to ``limit`` accounts in name order, from the first name above ``after``.

        Raises:
            Forbidden: about the actor.
        """
        actor.require(Role.ADMIN)
        return await self._db.read(store.page_of_accounts, after, limit)

    async def set_enabled(self, actor: Actor, name: str, *, enabled: bool) -> None:
        """Let somebody log in, or end their sessions and refuse their tokens until they may again.

        Raises:
            Forbidden, NotFound: about the actor, the name.
            Conflict: when nobody would be left to administer everything.
        """
        await self._change(actor, name, lambda tx, account, now: _set_enabled(tx, actor, account, now, enabled=enabled))

    async def set_grants(self, actor: Actor, name: str, grants: tuple[Grant, ...]) -> None:
        """Give somebody exactly these rights.

        Raises:
            Forbidden, Invalid, NotFound: about the actor, a grant, the name or a product.
            Conflict: when nobody would be left to administer everything.
        """
        check_grants(grants)
        await self._change(actor, name, lambda tx, account, now: _set_grants(tx, actor, account, now, grants))

    async def reset_password(self, actor: Actor, name: str) -> str:
        """Return a generated password for somebody, who must change it at the next login; their sessions end.

        Raises:
            Forbidden, NotFound: about the actor, the name.
        """
        actor.require(Role.ADMIN)
        password = generate_password()
        hashed = await self._passwords.hash(password)
        await self._change(actor, name, lambda tx, account, now: _reset_password(tx, actor, account, now, hashed))
        return password

    async def delete(self, actor: Actor, name: str) -> None:
        """Delete an account with its tokens; the audit trail keeps what it did.

        Raises:
            Forbidden, NotFound: about the actor, the name.
            Conflict: when nobody would be left to administer everything.
        """
        await self._change(actor, name, lambda tx, account, now: _delete(tx, actor, account, now))

    async def _change(self, actor: Actor, name: str, change: Callable[[Tx, Account, int], None]) -> None:
        actor.require(Role.ADMIN)
        now = self._clock.now()
        await self._db.write(lambda tx: change(tx, _existing(tx, name), now))
        self._identities.forget_all()


def _create_first_admin(tx: Tx, actor: Actor, name: str, password_hash: str, now: int) -> bool:
    if store.any_account(tx):
        return False
    _add(tx, actor, name, password_hash, (Grant(Role.ADMIN),), now, must_change=False)
    return True


def _add(
    tx: Tx, actor: Actor, name: str, password_hash: str, grants: tuple[Grant, ...], now: int, *, must_change: bool
) -> None:
    account_id = store.add_account(tx, name, password_hash, now, must_change=must_change)
    store.replace_grants(tx, account_id, grants)
    record_audit(tx, actor, now, "account.create", f"account:{name}", grants=_readable(grants))


def _existing(tx: Tx, name: str) -> Account:
    account = store.account_named(tx, name)
    if account is None:
        raise NotFound("account.not_found", name=name)
    return account


def _set_enabled(tx: Tx, actor: Actor, account: Account, now: int, *, enabled: bool) -> None:
    if not enabled:
        _keep_an_admin(tx, account)
        token_store.delete_sessions(tx, account.id)
    store.set_enabled(tx, account.id, now, enabled=enabled)
    record_audit(tx, actor, now, "account.enable" if enabled else "account.disable", f"account:{account.name}")


def _set_grants(tx: Tx, actor: Actor, account: Account, now: int, grants: tuple[Grant, ...]) -> None:
    if Grant(Role.ADMIN) not in grants:
        _keep_an_admin(tx, account)
    store.replace_grants(tx, account.id, grants)
    record_audit(tx, actor, now, "account.set_grants", f"account:{account.name}", grants=_readable(grants))


def _reset_password(tx: Tx, actor: Actor, account: Account, now: int, password_hash: str) -> None:
    store.set_password(tx, account.id, password_hash, now, must_change=True)
    token_store.delete_sessions(tx, account.id)
    record_audit(tx, actor, now, "account.reset_password", f"account:{account.name}")


def _delete(tx: Tx, actor: Actor, account: Account, now: int) -> None:
    _keep_an_admin(tx, account)
    store.delete_account(tx, account.id)
    record_audit(tx, actor, now, "account.delete", f"account:{account.name}")


def _keep_an_admin(tx: Tx, account: Account) -> None:
    if not store.other_admin_exists(tx, account.id):
        raise Conflict("account.last_admin", name=account.name)


def _readable(grants: tuple[Grant, ...]) -> list[str]:
    return [f"{grant.role.name.lower()}:{grant.product_key or '*'}" for grant in grants]
