"""Certificates of devices and of authorities that are none of ours, as makers of devices have them."""

import datetime as dt
import ssl
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from linkops.devices.certificates.model import Issued
from linkops.devices.certificates.service import X509
from linkops.devices.certificates.signing import SigningAuthority, new_authority
from linkops.devices.credentials import parse_login
from linkops.devices.model import DeviceKey
from linkops.devices.presence.model import LoginAttempt
from linkops.events.actor import SYSTEM

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
CLIENT = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
SERVER = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
DAY_MS = 86_400_000


class Pair(NamedTuple):
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def weak_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, 1_024)  # noqa: S505 - to be refused


def make(
    name: str,
    signer: Pair | None = None,
    *,
    now: int,
    key: Key | None = None,
    from_ms: int = -DAY_MS,
    until_ms: int = 365 * DAY_MS,
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
    names: Sequence[str] | None = None,
) -> Pair:
    """Return a certificate with this common name, self-signed unless there is a signer; dates are from ``now``."""
    own = key or ec_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each) for each in names or [name]])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if signer is None else signer.certificate.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_moment(now + from_ms))
        .not_valid_after(_moment(now + until_ms))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return Pair(builder.sign(own if signer is None else signer.key, hashes.SHA256()), own)


def make_authority(name: str, now: int, signer: Pair | None = None, **more: Any) -> Pair:
    """Return an authority, a root unless there is a signer."""
    constraints = (x509.BasicConstraints(ca=True, path_length=None), True)
    return make(name, signer, now=now, extensions=[constraints, (usage(signs=True), True)], **more)


def make_device(name: str, authority: Pair, now: int, **more: Any) -> Pair:
    """Return a certificate of a device."""
    more.setdefault("extensions", [(x509.BasicConstraints(ca=False, path_length=None), True), (CLIENT, False)])
    return make(name, authority, now=now, **more)


def make_request(name: str | None, key: Key) -> str:
    """Return a request (PKCS #10) in PEM."""
    subject = x509.Name([] if name is None else [x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode()


def usage(*, signs: bool, signature: bool = True) -> x509.KeyUsage:
    return x509.KeyUsage(signature, False, False, False, False, signs, signs, False, False)


@cache
def own_authority(now: int) -> SigningAuthority:
    """Return what a server makes as its own authority; made once, since it takes a while."""
    return new_authority(now)


async def with_authority(services: X509, now: int) -> X509:
    """Return the services with an authority of their own."""
    await services.own.adopt(SYSTEM, own_authority(now // DAY_MS * DAY_MS))
    return services


def write_files(folder: Path, certificate: str, private_key: str) -> tuple[Path, Path]:
    """Write both in PEM, and return where."""
    files = folder / "device.pem", folder / "device.key"
    for file, text in zip(files, (certificate, private_key), strict=True):
        file.write_text(text)
    return files


def shown_by(context: ssl.SSLContext, folder: Path, certificate: str, private_key: str) -> ssl.SSLContext:
    """Return ``context`` as that of a client that shows this certificate."""
    context.load_cert_chain(*write_files(folder, certificate, private_key))
    return context


def shown_issued(context: ssl.SSLContext, folder: Path, issued: Issued) -> ssl.SSLContext:
    """Return ``context`` as that of a client that shows a certificate with the key that was made for it."""
    assert issued.private_key is not None
    return shown_by(context, folder, issued.certificate, issued.private_key)


def _moment(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at / 1_000, dt.UTC)


def attempt_with(
    certificate: bytes | None, key: DeviceKey | None = None, *, connection_id: int = 1, address: str = "10.0.0.1"
) -> LoginAttempt:
    """Return a CONNECT of a device that shows a certificate (DER) and, unless it knows it, not its name."""
    username = "&" if key is None else f"{key.device_name}&{key.product_key}"
    login = parse_login(".|securemode=2,_ss=1|", username)
    return LoginAttempt(login, b"", address, connection_id, True, 0, certificate)


def der_of(issued: Issued) -> bytes:
    """Return a certificate that was issued as a device shows it."""
    return ssl.PEM_cert_to_DER_cert(issued.certificate)
