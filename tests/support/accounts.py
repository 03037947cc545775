"""The services around accounts over a database, as the server builds them."""

from dataclasses import dataclass

from linkops.accounts.logins import LoginRules, Logins
from linkops.accounts.model import FIRST_ADMIN, Grant
from linkops.accounts.passwords import Passwords
from linkops.accounts.repeats.service import Repeats
from linkops.accounts.service import Accounts
from linkops.accounts.tokens.identities import Identities
from linkops.accounts.tokens.service import Tokens
from linkops.accounts.trail.service import Keeping, Trail
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.events.actor import SYSTEM, Actor, Role

RULES = LoginRules(session_s=3_600, lockout_failures=5, lockout_s=300)
ADDRESS = "192.0.2.7"
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class People:
    """Everything about accounts."""

    db: Database
    passwords: Passwords
    accounts: Accounts
    logins: Logins
    tokens: Tokens
    trail: Trail
    repeats: Repeats

    async def add(self, name: str, *grants: Grant) -> str:
        """Create an account with `PASSWORD` and return the token of its login."""
        await self.accounts.create(SYSTEM, name, PASSWORD, grants)
        return (await self.logins.log_in(name, PASSWORD, ADDRESS)).token

    async def admin(self) -> Actor:
        """Create the first administrator and return it, logged in."""
        password = await self.accounts.create_first_admin()
        assert password is not None
        session = await self.logins.log_in(FIRST_ADMIN, password, ADDRESS)
        return await self.tokens.authenticate(session.token, ADDRESS)


def people(db: Database, clock: Clock) -> People:
    """Build the services; `People.passwords` wants closing."""
    identities, passwords = Identities(), Passwords()
    tokens = Tokens(db, clock, identities)
    return People(
        db,
        passwords,
        Accounts(db, clock, passwords, identities),
        Logins(db, clock, passwords, tokens, identities, RULES),
        tokens,
        Trail(db, clock, Keeping(audit_days=30, events_days=7)),
        Repeats(db, clock),
    )


def add_product(tx: Tx, product_key: str) -> int:
    """Add a bare product row and return its id."""
    added: int = tx.scalar(
        "INSERT INTO product (product_key, name, node_type, auth_type, secret_sealed, created_at, updated_at)"
        " VALUES (:key, :key, 'device', 'secret', '', 0, 0) RETURNING id",
        key=product_key,
    )
    return added


def grant(role: str, product_key: str | None = None) -> Grant:
    """Return a grant by the name of its role."""
    return Grant(Role[role.upper()], product_key)
