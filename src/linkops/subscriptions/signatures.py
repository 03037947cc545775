"""Signed requests: a receiver that knows the secret can tell that they are ours, new, and whole."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence

HEADER = "X-LinkOps-Signature"
_PREFIX = "lowh_"
_RANDOM_BYTES = 32


def new_secret() -> str:
    """Return a secret that nobody can guess; the prefix lets secret scanners find it."""
    return _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def signature_header(keys: Sequence[str], body: bytes, now: int) -> str:
    """Return the value of `HEADER` for a request at ``now`` (Unix milliseconds): the time in seconds, a v1 per secret.

    >>> signature_header(["lowh_secret"], b"[]", 1_800_000_000_000)
    't=1800000000,v1=57e10e2b8ff49fc308142ef0ef83c232b095600f1b0a488ba6856369ead85be3'
    """
    at = now // 1_000
    signed = b"%d." % at + body
    values = (hmac.new(key.encode(), signed, hashlib.sha256).hexdigest() for key in keys)
    return ",".join([f"t={at}", *(f"v1={value}" for value in values)])
