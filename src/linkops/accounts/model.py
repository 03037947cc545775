"""What an account is, and what its names and passwords must look like."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from linkops.errors import Invalid
from linkops.events.actor import Role

FIRST_ADMIN = "admin"
MIN_PASSWORD_CHARS = 10
MAX_PASSWORD_CHARS = 256
MAX_GRANTS = 500
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, for one product or for all.

    Attributes:
        product_key: None for all products.
    """

    role: Role
    product_key: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may log in.

    Attributes:
        must_change: whether nothing but changing the password is allowed, because somebody else chose it.
        locked_until_at: Unix milliseconds; None when not locked.
        grants: one per product, and at most one for all products.
    """

    id: int
    name: str
    enabled: bool
    must_change: bool
    locked_until_at: int | None
    created_at: int
    updated_at: int
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a token stands for.

    Attributes:
        session: whether a login made the token (otherwise somebody made it by hand).
        roles: by product id, as in `linkops.events.actor.Actor`.
    """

    token_id: int
    account_id: int
    name: str
    must_change: bool
    session: bool
    expires_at: int | None
    roles: Mapping[int, Role]


def check_name(name: str) -> None:
    """Do nothing if an account may be called so.

    Raises:
        Invalid: otherwise.
    """
    if not _NAME.fullmatch(name):
        raise Invalid("account.name_invalid", field="name")


def check_password(password: str, name: str, *, field: str) -> None:
    """Do nothing if ``password`` may be the password of the account ``name``.

    Raises:
        Invalid: when it is too short or too long, or is the name.
    """
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise Invalid("password.length", field=field, least=MIN_PASSWORD_CHARS, most=MAX_PASSWORD_CHARS)
    if password.casefold() == name.casefold():
        raise Invalid("password.is_name", field=field)


def check_grants(grants: tuple[Grant, ...]) -> None:
    """Do nothing if these grants can belong to one account.

    Raises:
        Invalid: when a product is named twice, or there are too many.
    """
    if len(grants) > MAX_GRANTS:
        raise Invalid("account.too_many_grants", field="grants", most=MAX_GRANTS)
    if len({grant.product_key for grant in grants}) != len(grants):
        raise Invalid("account.grant_repeated", field="grants")
