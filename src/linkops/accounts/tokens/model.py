"""What a bearer token looks like."""

import hashlib
import secrets
from dataclasses import dataclass

from linkops.errors import Invalid

MAX_TOKENS = 100
_PREFIX = "lo_"
_RANDOM_BYTES = 32
_TOKEN_CHARS = len(_PREFIX) + 43
_MAX_NAME_CHARS = 64


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token that was made by hand, without its secret; times are Unix milliseconds.

    Attributes:
        expires_at: None for never.
        last_used_at: to the minute; None for never.
    """

    id: int
    name: str
    expires_at: int | None
    last_used_at: int | None
    created_at: int


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token at the only moment when its secret is known."""

    id: int
    token: str
    expires_at: int | None


def new_secret() -> str:
    """Return a token that nobody can guess; the prefix lets secret scanners find it."""
    return _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def digest_of(token: str) -> str | None:
    """Return the SHA-256 under which a token is kept; None when it cannot be a token of ours."""
    if len(token) != _TOKEN_CHARS or not token.startswith(_PREFIX) or not token.isascii():
        return None
    return hashlib.sha256(token.encode()).hexdigest()


def check_token_name(name: str) -> None:
    """Do nothing if a token may be called so.

    Raises:
        Invalid: otherwise.
    """
    if not 1 <= len(name) <= _MAX_NAME_CHARS or not name.isprintable():
        raise Invalid("token.name_invalid", field="name", most=_MAX_NAME_CHARS)


def check_expiry(expires_at: int | None, now: int) -> None:
    """Do nothing if a token may expire then.

    Raises:
        Invalid: when that is past.
    """
    if expires_at is not None and expires_at <= now:
        raise Invalid("token.expiry_past", field="expires_at")
