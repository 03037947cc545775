"""Names and secrets that nobody can guess."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits
_ROUND = len(_ALPHABET)
_LAST_ROUND_AT = 256 - 256 % _ROUND

PRODUCT_KEY_CHARS = 11
PRODUCT_SECRET_CHARS = 16
DEVICE_SECRET_CHARS = 32
DEVICE_NAME_CHARS = 20
CLIENT_ID_CHARS = 24
_MESSAGE_IDS = 2**31 - 1


def product_key() -> str:
    """Return a key that starts with a letter, so that it is never taken for a number."""
    return secrets.choice(string.ascii_lowercase) + _random(PRODUCT_KEY_CHARS - 1)


def product_secret() -> str:
    """Return the secret that devices of a product register with."""
    return _random(PRODUCT_SECRET_CHARS)


def device_secret() -> str:
    """Return the secret of one device."""
    return _random(DEVICE_SECRET_CHARS)


def device_name() -> str:
    """Return a name that no device has."""
    return _random(DEVICE_NAME_CHARS)


def client_id() -> str:
    """Return the client id that a token belongs to."""
    return _random(CLIENT_ID_CHARS)


def message_id() -> str:
    """Return the id of a request to a device: a whole number, as devices want it, that the answer repeats."""
    return str(secrets.randbelow(_MESSAGE_IDS) + 1)


def _random(chars: int) -> str:
    picked = ""
    while len(picked) < chars:
        # Bytes from the last, incomplete round of the alphabet would favour its beginning.
        picked += "".join(_ALPHABET[byte % _ROUND] for byte in secrets.token_bytes(2 * chars) if byte < _LAST_ROUND_AT)
    return picked[:chars]
