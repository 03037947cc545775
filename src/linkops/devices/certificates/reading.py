"""Certificates as strangers send them, read into what is judged; whatever cannot be read is refused, never guessed.

The TLS library has proven by then that the other side holds the private key (docs/protocol/device-protocol.md#x509).
"""

import hashlib
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LEAST_RSA_BITS, MOST_RSA_BITS = 2_048, 8_192
CURVES = ("secp256r1", "secp384r1")
MAX_PEM_CHARS = 32_768
DEVICE_URN = "urn:linkops:device:"


class Unreadable(Exception):  # noqa: N818 - the sender's fault
    """These bytes are no certificate that can be judged."""


class Presented(NamedTuple):
    """What a certificate says of itself.

    Attributes:
        fingerprint: SHA-256 of the DER, hexadecimal.
        serial: hexadecimal.
        common_names: of its subject, in order.
        device_urns: those of its alternative names that name a device of ours.
        issuer_sha256: of the issuer's name in DER.
        signs_others: it is an authority's, or may sign certificates.
        for_clients: nothing in it says that it is for something else than TLS clients.
        key_type: as in "EC secp256r1"; '' for a key that is too weak or of another kind.
    """

    fingerprint: str
    serial: str
    common_names: tuple[str, ...]
    device_urns: tuple[str, ...]
    issuer_sha256: str
    signs_others: bool
    for_clients: bool
    key_type: str
    not_before_at: int
    not_after_at: int


def fingerprint_of(der: bytes) -> str:
    """Return the SHA-256 of a certificate, by which it is known."""
    return hashlib.sha256(der).hexdigest()


def name_sha256(name: x509.Name) -> str:
    """Return the SHA-256 of a name in DER, by which the issuer of a certificate is found."""
    return hashlib.sha256(name.public_bytes()).hexdigest()


def load_der(der: bytes) -> x509.Certificate:
    """Return a certificate.

    Raises:
        Unreadable: it is none.
    """
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise Unreadable from error


def load_pem(pem: str) -> x509.Certificate:
    """Return the one certificate in ``pem``.

    Raises:
        Unreadable: there is none, more than one, or more text than a certificate has.
    """
    if len(pem) > MAX_PEM_CHARS:
        raise Unreadable
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise Unreadable from error
    if len(found) != 1:
        raise Unreadable
    return found[0]


def load_stored(pem: str) -> x509.Certificate:
    """Return a certificate that was read before, as we wrote it."""
    return x509.load_pem_x509_certificate(pem.encode())


def read(certificate: x509.Certificate) -> Presented:
    """Return what a certificate says.

    Raises:
        Unreadable: a part that matters is malformed.
    """
    try:
        return _read(certificate)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        raise Unreadable from error


def _read(certificate: x509.Certificate) -> Presented:
    extensions = certificate.extensions
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Presented(
        fingerprint=fingerprint_of(certificate.public_bytes(Encoding.DER)),
        serial=f"{certificate.serial_number:x}",
        common_names=tuple(str(name.value) for name in names),
        device_urns=_device_urns(extensions),
        issuer_sha256=name_sha256(certificate.issuer),
        signs_others=_signs_others(extensions),
        for_clients=_is_for_clients(extensions),
        key_type=key_type(certificate.public_key()),
        not_before_at=milliseconds(certificate.not_valid_before_utc.timestamp()),
        not_after_at=milliseconds(certificate.not_valid_after_utc.timestamp()),
    )


def milliseconds(seconds: float) -> int:
    """Return Unix milliseconds."""
    return int(seconds * 1_000)


def key_type(key: object) -> str:
    """Return the kind of a public key; '' if it is none that devices may have."""
    if isinstance(key, rsa.RSAPublicKey) and LEAST_RSA_BITS <= key.key_size <= MOST_RSA_BITS:
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES:
        return f"EC {key.curve.name}"
    return ""


def is_signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Return whether ``authority`` itself issued this: the names agree and the signature is its own."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _device_urns(extensions: x509.Extensions) -> tuple[str, ...]:
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    return tuple(uri for uri in uris if uri.startswith(DEVICE_URN))


def _signs_others(extensions: x509.Extensions) -> bool:
    constraints = key_usage = None
    for extension in extensions:
        if isinstance(extension.value, x509.BasicConstraints):
            constraints = extension.value
        elif isinstance(extension.value, x509.KeyUsage):
            key_usage = extension.value
    return (constraints is not None and constraints.ca) or (key_usage is not None and key_usage.key_cert_sign)


def _is_for_clients(extensions: x509.Extensions) -> bool:
    """By RFC 5280 §4.2.1.12 a certificate without extended key usage is for anything."""
    for extension in extensions:
        value = extension.value
        if isinstance(value, x509.ExtendedKeyUsage) and not {
            ExtendedKeyUsageOID.CLIENT_AUTH,
            ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        } & set(value):
            return False
        if isinstance(value, x509.KeyUsage) and not value.digital_signature:
            return False
        if isinstance(value, x509.UnrecognizedExtension) and extension.critical:
            return False
    return True
