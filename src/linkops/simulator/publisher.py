"""The publisher's signature, as a device checks it that knows the public key (docs/protocol/ota.md#signatures)."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key


class Publisher:
    """Whose packages a device installs."""

    def __init__(self, public_key: str) -> None:
        """Take an RSA public key in PEM; anything else is a `ValueError`."""
        key = load_pem_public_key(public_key.encode())
        if not isinstance(key, RSAPublicKey):
            raise ValueError("a publisher's key is an RSA key")  # noqa: TRY004 - the value is wrong, not its type
        self._key = key

    def fault(self, digestsign: str, sha256: bytes) -> str:
        """Return what is wrong with the signature of a file that has this digest, '' when nothing is."""
        if not digestsign:
            return "the signature is missing"
        try:
            self._key.verify(base64.b64decode(digestsign, validate=True), sha256, PKCS1v15(), Prehashed(SHA256()))
        except (InvalidSignature, binascii.Error):
            return "the signature is wrong"
        return ""
