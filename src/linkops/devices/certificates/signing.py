"""Making keys, certificates and lists of revoked ones (RFC 5280). That takes milliseconds: call it in a thread.

The authority's key is RSA with SHA-256 whatever the devices' keys are, since a C SDK that knows no elliptic curves
cannot even read a certificate that was signed with one (docs/protocol/device-protocol.md#tls).
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from linkops.devices.certificates.judging import device_urn
from linkops.devices.certificates.model import KeyKind, RevocationReason
from linkops.devices.certificates.reading import LEAST_RSA_BITS, MAX_PEM_CHARS, key_type, load_stored
from linkops.devices.model import DeviceKey
from linkops.errors import Invalid

AUTHORITY_BITS = 3_072
AUTHORITY_VALID_MS = 30 * 365 * 86_400_000
BACKDATED_MS = 3_600_000
"""A device whose clock is a little behind can use its certificate at once."""
CRL_VALID_MS = 7 * 86_400_000

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_REASONS = {
    RevocationReason.KEY_COMPROMISE: x509.ReasonFlags.key_compromise,
    RevocationReason.SUPERSEDED: x509.ReasonFlags.superseded,
    RevocationReason.CESSATION_OF_OPERATION: x509.ReasonFlags.cessation_of_operation,
}


class SigningAuthority(NamedTuple):
    """An authority with its private key."""

    certificate: x509.Certificate
    private_key: rsa.RSAPrivateKey


class RevokedEntry(NamedTuple):
    """A line of a list of revoked certificates."""

    serial: str
    revoked_at: int
    reason: str


def new_authority(now: int) -> SigningAuthority:
    """Return a new authority that may sign certificates of devices and nothing below."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=AUTHORITY_BITS)
    # Two of our authorities never share a name: the issuer of a certificate is found by it.
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "LinkOps"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"LinkOps device CA {x509.random_serial_number() % 2**32:08x}"),
        ]
    )
    builder = _builder(name, name, key.public_key(), now - BACKDATED_MS, now + AUTHORITY_VALID_MS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=True), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return SigningAuthority(builder.sign(key, SHA256()), key)


def load_authority(certificate: str, private_key: str) -> SigningAuthority:
    """Return an authority from what was stored of it."""
    # Checked when it was made, and sealed since.
    key = load_pem_private_key(private_key.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 - for the type checker: we wrote it
    return SigningAuthority(load_stored(certificate), key)


def new_key(kind: KeyKind) -> tuple[PublicKey, str]:
    """Return the public half of a new key for a device, and the private one in PEM."""
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if kind is KeyKind.RSA:
        key = rsa.generate_private_key(public_exponent=65_537, key_size=LEAST_RSA_BITS)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
    return key.public_key(), private_pem(key)


def pem(certificate: x509.Certificate) -> str:
    """Return a certificate in PEM."""
    return certificate.public_bytes(Encoding.PEM).decode()


def private_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """Return a private key in the form that OpenSSL and mbed TLS alike read: PKCS #8, PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def read_request(pem: str, device_name: str) -> PublicKey:
    """Return the public key of a request (PKCS #10) whose maker has proven to hold the private one.

    Raises:
        Invalid: it is no such request, its key is too weak, or it names another device.
    """
    if len(pem) > MAX_PEM_CHARS:
        raise Invalid("certificate.request_invalid", field="request")
    try:
        request = x509.load_pem_x509_csr(pem.encode())
        key, proven = request.public_key(), request.is_signature_valid
        names = [name.value for name in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        raise Invalid("certificate.request_invalid", field="request") from None
    if not proven:
        raise Invalid("certificate.request_not_proven", field="request")
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) or not key_type(key):
        raise Invalid("certificate.key_invalid", field="request")
    if names and names != [device_name]:
        raise Invalid("certificate.request_other_name", field="request", device_name=device_name)
    return key


def issue(authority: SigningAuthority, key: DeviceKey, public_key: PublicKey, now: int, until: int) -> x509.Certificate:
    """Return a certificate of a device, valid until ``until`` or as long as its authority."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, key.device_name)])
    ends_at = min(until, int(authority.certificate.not_valid_after_utc.timestamp()) * 1_000)
    issuer = authority.certificate.subject
    builder = _builder(subject, issuer, public_key, now - BACKDATED_MS, ends_at)
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_key_usage(signs_certificates=False), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),
        (x509.SubjectAlternativeName([x509.UniformResourceIdentifier(device_urn(key))]), False),
        (x509.SubjectKeyIdentifier.from_public_key(public_key), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.private_key.public_key()), False),
    ]
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(authority.private_key, SHA256())


def revocation_list(authority: SigningAuthority, entries: Sequence[RevokedEntry], number: int, now: int) -> str:
    """Return the list of revoked certificates (RFC 5280 §5) in PEM; ``number`` is one more than that of the last."""
    builder = x509.CertificateRevocationListBuilder(
        issuer_name=authority.certificate.subject,
        last_update=moment(now),
        next_update=moment(now + CRL_VALID_MS),
        # All at once: added one by one, each would copy those before it.
        revoked_certificates=[_revoked(entry) for entry in entries],
    )
    builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.private_key.public_key())
    builder = builder.add_extension(identifier, critical=False)
    return builder.sign(authority.private_key, SHA256()).public_bytes(Encoding.PEM).decode()


def _revoked(entry: RevokedEntry) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(int(entry.serial, 16), moment(entry.revoked_at))
    reason = _REASONS.get(RevocationReason(entry.reason))
    # RFC 5280 §5.3.1: "unspecified" is said by saying nothing.
    if reason is not None:
        builder = builder.add_extension(x509.CRLReason(reason), critical=False)
    return builder.build()


def moment(at: int) -> dt.datetime:
    """Return a time as certificates have it: in UTC, to the second."""
    return dt.datetime.fromtimestamp(at // 1_000, dt.UTC)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PublicKey, not_before_at: int, not_after_at: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment(not_before_at))
        .not_valid_after(moment(not_after_at))
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
