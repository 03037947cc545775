"""Certificates for devices: made once, renewed in time, and a handshake that old C SDKs can do."""

import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import SignatureAlgorithmOID

from linkops.certificates import (
    CertificateFiles,
    TrustedClients,
    development_certificates,
    device_context,
    server_keys,
)
from linkops.devices.certificates.authorities.checks import public_key_der
from tests.support.certificates import make_authority

DAY_MS = 86_400_000
NOW = 1_795_000_000_000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return development_certificates(tmp_path_factory.mktemp("tls"), ["localhost", "127.0.0.1"], NOW)


def test_a_second_start_keeps_what_the_first_made(files: CertificateFiles) -> None:
    before = files.chain.read_bytes()
    again = development_certificates(files.chain.parent, ["localhost"], NOW)
    assert again == files
    assert files.chain.read_bytes() == before
    assert stat.S_IMODE(files.private_key.stat().st_mode) == 0o600


def test_an_expiring_certificate_is_renewed_by_the_same_authority(tmp_path: Path) -> None:
    files = development_certificates(tmp_path, ["localhost"], NOW)
    chain, authority = files.chain.read_bytes(), (tmp_path / "ca.pem").read_bytes()
    development_certificates(tmp_path, ["localhost"], NOW + 800 * DAY_MS)
    assert files.chain.read_bytes() != chain
    assert (tmp_path / "ca.pem").read_bytes() == authority


def test_a_new_host_name_makes_a_new_certificate(tmp_path: Path) -> None:
    files = development_certificates(tmp_path, ["localhost"], NOW)
    chain = files.chain.read_bytes()
    development_certificates(tmp_path, ["ops.example"], NOW)
    assert files.chain.read_bytes() != chain


def handshake(files: CertificateFiles, client: ssl.SSLContext, *, legacy_suites: bool) -> str:
    """Return the suite that both ends agreed on."""
    context = device_context(files, legacy_suites=legacy_suites)
    here, there = socket.socketpair()
    server = threading.Thread(target=_serve, args=(context, there))
    server.start()
    try:
        with client.wrap_socket(here, server_hostname="localhost") as connection:
            suite = connection.cipher()
            assert suite is not None
            return suite[0]
    finally:
        here.close()
        server.join()


def _serve(context: ssl.SSLContext, end: socket.socket) -> None:
    try:
        with context.wrap_socket(end, server_side=True) as connection:
            connection.recv(1)
    except (ssl.SSLError, OSError):
        end.close()


def c_sdk(files: CertificateFiles) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(files.authority))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES256-SHA256:AES256-SHA:AES128-SHA256:AES128-SHA")
    return context


@pytest.mark.parametrize("suite", ["AES256-SHA256", "AES256-SHA", "AES128-SHA256", "AES128-SHA"])
def test_c_sdks_get_each_of_their_static_rsa_suites(files: CertificateFiles, suite: str) -> None:
    client = c_sdk(files)
    client.set_ciphers(suite)
    assert handshake(files, client, legacy_suites=True) == suite


def test_c_sdks_can_read_the_certificates(files: CertificateFiles) -> None:
    """They know RSA and SHA-256 only, and match DNS names."""
    assert files.authority is not None
    for path in (files.chain, files.authority):
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        assert isinstance(certificate.public_key(), rsa.RSAPublicKey)
        assert certificate.signature_algorithm_oid == SignatureAlgorithmOID.RSA_WITH_SHA256
    server = x509.load_pem_x509_certificate(files.chain.read_bytes())
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]


def test_the_setting_turns_them_off(files: CertificateFiles) -> None:
    with pytest.raises((ssl.SSLError, OSError)):
        handshake(files, c_sdk(files), legacy_suites=False)


@pytest.mark.parametrize("legacy_suites", [True, False])
def test_modern_clients_get_modern_suites(files: CertificateFiles, legacy_suites: bool) -> None:  # noqa: FBT001
    client = ssl.create_default_context(cafile=str(files.authority))
    assert handshake(files, client, legacy_suites=legacy_suites).startswith("TLS_")
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    assert handshake(files, client, legacy_suites=legacy_suites).startswith("ECDHE-")


def asked(context: ssl.SSLContext) -> bool:
    return context.verify_mode is ssl.CERT_OPTIONAL


def test_doors_ask_for_certificates_while_there_is_somebody_to_have_signed_them(files: CertificateFiles) -> None:
    doors = [device_context(files, legacy_suites=True) for _ in range(2)]
    trusted = TrustedClients(server_keys(files))
    trusted.guard(doors[0])
    assert [asked(door) for door in doors] == [False, False]
    first, second = make_authority("First", NOW).pem, make_authority("Second", NOW).pem
    trusted.replace([first])
    trusted.guard(doors[1])
    trusted.replace([first, second])
    assert [asked(door) for door in doors] == [True, True]
    assert [door.cert_store_stats()["x509_ca"] for door in doors] == [2, 2]
    trusted.replace([])
    assert [asked(door) for door in doors] == [False, False]


def test_the_servers_own_keys_are_those_of_its_chain(files: CertificateFiles) -> None:
    assert files.authority is not None
    keys = [
        public_key_der(x509.load_pem_x509_certificate(path.read_bytes())) for path in (files.chain, files.authority)
    ]
    assert set(server_keys(files)) == set(keys)
