"""Secrets that must be recoverable are encrypted at rest under one master key (AES-256-GCM)."""

import base64
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_KEY_BYTES = 32


class WrongMasterKey(Exception):  # noqa: N818 - says what is the case
    """A sealed secret does not open: it was sealed under another key, or changed."""


class SecretBox:
    """Seals and opens texts."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self.key = key

    def seal(self, secret: str) -> str:
        """Return ``secret`` encrypted, as text for a column."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, secret.encode(), None)).decode()

    def open(self, sealed: str) -> str:
        """Return the secret.

        Raises:
            WrongMasterKey: when it was sealed under another key.
        """
        raw = base64.b64decode(sealed)
        try:
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None).decode()
        except InvalidTag as error:
            raise WrongMasterKey("a stored secret does not open with this master key") from error


def load_master_key(path: Path, given: str | None) -> SecretBox:
    """Return the box for the key ``given`` (64 hexadecimal digits), else for the one in ``path``, made if missing.

    Raises:
        ValueError: when the key is not 32 bytes.
    """
    key = bytes.fromhex(given) if given else _key_in(path)
    if len(key) != _KEY_BYTES:
        raise ValueError(f"a master key is {_KEY_BYTES} bytes, this one has {len(key)}")
    return SecretBox(key)


def _key_in(path: Path) -> bytes:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        pass
    return path.read_bytes()
