"""Certificates and TLS settings of the doors that devices use.

Without certificates of the operator's own, a development CA is made on first start, and a server certificate from it
(renewed by itself). C device SDKs need RSA keys signed with SHA-256 and match DNS names only
(docs/protocol/device-protocol.md#tls).
"""

import datetime as dt
import ipaddress
import os
import ssl
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_KEY_BITS = 2048
_CA_VALID = dt.timedelta(days=3650)
_SERVER_VALID = dt.timedelta(days=825)
_RENEW_BEFORE = dt.timedelta(days=60)
_CLOCK_SKEW = dt.timedelta(days=1)

_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME of OpenSSL, for which the module ssl has no name

MODERN_SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"
# C SDK 3.x and 4.x offer nothing but these: static RSA key exchange with CBC.
LEGACY_SUITES = "AES256-SHA256:AES256-SHA:AES128-SHA256:AES128-SHA"


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Where the server's chain and key are, and the CA that devices trust (None: a public one)."""

    chain: Path
    private_key: Path
    authority: Path | None


def development_certificates(folder: Path, hosts: Sequence[str], now_ms: int) -> CertificateFiles:
    """Return a server certificate for ``hosts`` from a CA in ``folder``; makes or renews what is missing or expires."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = CertificateFiles(folder / "server.pem", folder / "server.key", folder / "ca.pem")
    now = dt.datetime.fromtimestamp(now_ms / 1000, dt.UTC)
    authority, authority_key = _authority(folder / "ca.pem", folder / "ca.key", now)
    if not _serves(files.chain, files.private_key, hosts, authority, now):
        _make_server_certificate(files, hosts, authority, authority_key, now)
    return files


def device_context(files: CertificateFiles, *, legacy_suites: bool) -> ssl.SSLContext:
    """Return the TLS settings of a door for devices: modern suites first, then those of old C SDKs if wanted.

    Raises:
        OSError: when a file is missing.
        ssl.SSLError: when chain and key do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{MODERN_SUITES}:{LEGACY_SUITES}" if legacy_suites else MODERN_SUITES)
    context.load_cert_chain(files.chain, files.private_key)
    # Each ticket is a write after the handshake that no device of ours makes use of.
    context.num_tickets = 0
    return context


class TrustedClients:
    """The authorities whose client certificates doors ask for; with none, they ask nobody.

    It is only asked for: a client without one gets in as ever. What the handshake proves is that the client has the
    private key of a certificate that one of these authorities signed; dates and revocation are judged at the login.
    Doors are changed while they are open. An authority that is not trusted any more stays in their memory until they
    are made anew, which opens nothing, for the same reason.
    """

    def __init__(self, server_keys: Collection[bytes] = ()) -> None:
        """``server_keys`` are the public keys (DER) of this server's own certificates."""
        self.server_keys = server_keys
        self._authorities: tuple[str, ...] = ()
        self._contexts: list[ssl.SSLContext] = []

    def guard(self, context: ssl.SSLContext) -> None:
        """Let this door ask, from now on."""
        # An authority below another one is trusted by itself, and our clock is the one that counts.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME
        self._contexts.append(context)
        self._ask(context, self._authorities)

    def replace(self, authorities: Sequence[str]) -> None:
        """Ask for certificates of these (PEM) from the next handshake on; not safe for several threads at once."""
        new = [authority for authority in authorities if authority not in self._authorities]
        self._authorities = tuple(authorities)
        for context in self._contexts:
            self._ask(context, new)

    def _ask(self, context: ssl.SSLContext, new: Sequence[str]) -> None:
        for authority in new:
            context.load_verify_locations(cadata=authority)
        context.verify_mode = ssl.CERT_OPTIONAL if self._authorities else ssl.CERT_NONE


def server_keys(files: CertificateFiles) -> list[bytes]:
    """Return the public keys (DER) of a server's chain and of the authority that was made for it."""
    paths = [path for path in (files.chain, files.authority) if path is not None]
    chains = [x509.load_pem_x509_certificates(path.read_bytes()) for path in paths]
    return [
        certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        for chain in chains
        for certificate in chain
    ]


def _authority(path: Path, key_path: Path, now: dt.datetime) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    if path.exists() and key_path.exists():
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        if certificate.not_valid_after_utc - now > _RENEW_BEFORE:
            return certificate, _load_key(key_path)
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "LinkOps development CA")])
    builder = _builder(name, name, key.public_key(), now, _CA_VALID)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    _write_key(key_path, key)
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate, key


def _serves(chain: Path, key: Path, hosts: Sequence[str], authority: x509.Certificate, now: dt.datetime) -> bool:
    if not chain.exists() or not key.exists():
        return False
    certificate = x509.load_pem_x509_certificate(chain.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        certificate.issuer == authority.subject
        and certificate.not_valid_after_utc - now > _RENEW_BEFORE
        and set(_names(hosts)) <= set(names)
    )


def _make_server_certificate(
    files: CertificateFiles,
    hosts: Sequence[str],
    authority: x509.Certificate,
    authority_key: rsa.RSAPrivateKey,
    now: dt.datetime,
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    builder = _builder(subject, authority.subject, key.public_key(), now, _SERVER_VALID)
    builder = builder.add_extension(x509.SubjectAlternativeName(_names(hosts)), critical=False)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    certificate = builder.sign(authority_key, hashes.SHA256())
    _write_key(files.private_key, key)
    files.chain.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM) + authority.public_bytes(serialization.Encoding.PEM)
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, now: dt.datetime, valid: dt.timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + valid)
    )


def _names(hosts: Sequence[str]) -> list[x509.GeneralName]:
    return [_name(host) for host in hosts]


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _load_key(path: Path) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path} holds no RSA key")
    return key


def _write_key(path: Path, key: rsa.RSAPrivateKey) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
