"""What a certificate authority must be before devices are let in on its word. Pure rules over certificates."""

import hmac
from collections.abc import Collection

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from linkops.devices.certificates.reading import (
    Presented,
    Unreadable,
    is_signed_by,
    key_type,
    load_pem,
    read,
)
from linkops.errors import Invalid

_CODE_FOR = b"linkops certificate authority of product "


def registration_code(master_key: bytes, product_key: str) -> str:
    """Return what a certificate must have as its common name to prove that its authority is meant for a product.

    64 characters: longer than any name of a device, so that no certificate of a device proves anything here. Who
    knows it knows nothing of the master key, nor of the code of another product.
    """
    code = HKDF(algorithm=SHA256(), length=32, salt=None, info=_CODE_FOR + product_key.encode())
    return code.derive(master_key).hex()


def check_authority(pem: str, now: int, ours: Collection[bytes]) -> tuple[x509.Certificate, Presented]:
    """Return an authority that may vouch for devices.

    Args:
        pem: its certificate.
        now: Unix milliseconds.
        ours: public keys (DER) of this server's own certificates, which vouch for no device.

    Raises:
        Invalid: it cannot be read, is no authority, is too weak, is not valid now, or is one of ours.
    """
    certificate, presented = _loaded(pem, "certificate")
    if not _may_sign_certificates(certificate):
        raise Invalid("authority.not_an_authority", field="certificate")
    if not key_type(certificate.public_key()):
        raise Invalid("certificate.key_invalid", field="certificate")
    if not presented.not_before_at <= now < presented.not_after_at:
        raise Invalid("authority.not_valid_now", field="certificate")
    if public_key_der(certificate) in ours:
        raise Invalid("authority.own", field="certificate")
    return certificate, presented


def check_proof(pem: str, authority: x509.Certificate, code: str, now: int) -> None:
    """Do nothing if a certificate proves that whoever sends it can sign with the key of ``authority``.

    Raises:
        Invalid: the authority did not sign it, it is not valid now, or its common name is not ``code``.
    """
    certificate, presented = _loaded(pem, "verification_certificate")
    names = presented.common_names
    named = len(names) == 1 and hmac.compare_digest(names[0].lower().encode(), code.encode())
    if not named or not presented.not_before_at <= now < presented.not_after_at:
        raise Invalid("authority.proof_invalid", field="verification_certificate")
    if not is_signed_by(certificate, authority):
        raise Invalid("authority.proof_other_key", field="verification_certificate")


def public_key_der(certificate: x509.Certificate) -> bytes:
    """Return the public key of a certificate, by which two certificates of one authority are the same."""
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _loaded(pem: str, field: str) -> tuple[x509.Certificate, Presented]:
    try:
        certificate = load_pem(pem)
        return certificate, read(certificate)
    except Unreadable:
        raise Invalid("certificate.unreadable", field=field) from None


def _may_sign_certificates(certificate: x509.Certificate) -> bool:
    """By RFC 5280 §4.2.1.9 it must say so, and by §4.2.1.3 the usage of its key must agree where it is given."""
    found = {type(extension.value): extension.value for extension in certificate.extensions}
    constraints, usage = found.get(x509.BasicConstraints), found.get(x509.KeyUsage)
    is_authority = isinstance(constraints, x509.BasicConstraints) and constraints.ca
    return is_authority and (not isinstance(usage, x509.KeyUsage) or usage.key_cert_sign)
