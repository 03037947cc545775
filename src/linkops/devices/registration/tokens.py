"""What is kept of a token that a device logs in with."""

import hashlib


def digest_of_token(token: bytes) -> str:
    """Return the SHA-256, hexadecimal: a token is random, so that this tells nothing of it."""
    return hashlib.sha256(token).hexdigest()
