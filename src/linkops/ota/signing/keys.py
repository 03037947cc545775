"""RSA keys as texts (PEM), and signatures with them: PKCS #1 v1.5 over SHA-256 (RFC 8017 §8.2), in base64.

What is signed is the file; its SHA-256, which is known since the upload, is enough to do so.
"""

import base64
import hashlib

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from linkops.errors import Invalid

BITS = 2_048
"""Of keys made here: what the mbed TLS of small devices verifies quickly."""
LEAST_BITS, MOST_BITS = 2_048, 8_192
MAX_PEM_CHARS = 16_384


def new_private_key() -> str:
    """Return a new private key."""
    return _written(rsa.generate_private_key(public_exponent=65_537, key_size=BITS))


def imported_private_key(pem: str) -> str:
    """Return a private key from elsewhere, as we write it.

    Raises:
        Invalid: it is no unencrypted RSA key in PEM, or has too few or too many bits.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Invalid("signing.key_invalid", field="private_key") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Invalid("signing.key_invalid", field="private_key")
    if not LEAST_BITS <= key.key_size <= MOST_BITS:
        raise Invalid("signing.key_size_invalid", field="private_key", least=LEAST_BITS, most=MOST_BITS)
    return _written(key)


def public_key(private_pem: str) -> tuple[str, str, int]:
    """Return the public half in PEM, its fingerprint and its size in bits."""
    key = _read(private_pem)
    half = key.public_key()
    der = half.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = half.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode(), hashlib.sha256(der).hexdigest(), key.key_size


def sign(private_pem: str, sha256s: list[str]) -> dict[str, str]:
    """Return the signatures of the files that have these digests (hexadecimal), by digest."""
    key = _read(private_pem)
    return {digest: _sign(key, bytes.fromhex(digest)) for digest in sha256s}


def _sign(key: rsa.RSAPrivateKey, digest: bytes) -> str:
    return base64.b64encode(key.sign(digest, PKCS1v15(), Prehashed(SHA256()))).decode()


def _read(private_pem: str) -> rsa.RSAPrivateKey:
    # Checked when it was made or imported, and sealed since.
    key = load_pem_private_key(private_pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 - for the type checker: we wrote it
    return key


def _written(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
