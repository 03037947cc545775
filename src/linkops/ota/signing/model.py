"""What things are: the keys of a product, and signatures made with one. Times are Unix milliseconds."""

from collections.abc import Mapping

import msgspec


class SigningKey(msgspec.Struct, frozen=True):
    """The public half of a key pair, as devices need it.

    Attributes:
        fingerprint: SHA-256 of the public key in DER, hexadecimal.
        public_key: PEM.
        imported: whether it was made elsewhere.
        retired_at: since when it signs no more; None: it is the one that signs.
    """

    fingerprint: str
    bits: int
    public_key: str
    imported: bool
    created_by: str
    created_at: int
    retired_at: int | None


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """How the packages of a product are signed.

    Attributes:
        enabled: packages are signed when they are made, and devices get the signatures.
        key: signs; None: there is none yet.
        retired: signed once, the newest first, and cannot any more.
    """

    product_key: str
    enabled: bool
    key: SigningKey | None
    retired: list[SigningKey]


class Signatures(msgspec.Struct, frozen=True):
    """What was signed, ready to be stored while the same key still signs.

    Attributes:
        key_id: None: the product signs nothing.
        by_sha256: signatures in base64 by the digest of the file.
    """

    key_id: int | None
    fingerprint: str
    by_sha256: Mapping[str, str]

    def of(self, sha256: str) -> tuple[str, str]:
        """Return the signature of a file and the fingerprint of its key; both '' if it is not signed."""
        signature = self.by_sha256.get(sha256, "")
        return signature, self.fingerprint if signature else ""
