"""What is issued, and what requests and authorities must be like."""

from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import SignatureAlgorithmOID

from linkops.devices.certificates import signing
from linkops.devices.certificates.authorities.checks import (
    check_authority,
    check_proof,
    public_key_der,
    registration_code,
)
from linkops.devices.certificates.judging import fault_in_content
from linkops.devices.certificates.model import KeyKind, RevocationReason
from linkops.devices.certificates.reading import is_signed_by, read
from linkops.devices.model import DeviceKey
from linkops.devices.names import is_device_name
from linkops.errors import Invalid
from tests.conftest import NOW
from tests.support.certificates import (
    DAY_MS,
    Pair,
    ec_key,
    make,
    make_authority,
    make_device,
    make_request,
    own_authority,
    usage,
    weak_key,
)

KEY = DeviceKey("a1B2c3D4e5F", "pump-0001")
SIGNS = x509.BasicConstraints(ca=True, path_length=None)
CODE = registration_code(b"k" * 32, KEY.product_key)


@pytest.mark.parametrize("kind", list(KeyKind))
def test_what_is_issued_opens_the_device_it_is_for(kind: KeyKind) -> None:
    authority = own_authority(NOW // DAY_MS * DAY_MS)
    public_key, private_pem = signing.new_key(kind)
    certificate = signing.issue(authority, KEY, public_key, NOW, NOW + DAY_MS)
    assert fault_in_content(read(certificate)) is None
    assert is_signed_by(certificate, authority.certificate)
    assert read(certificate).common_names == (KEY.device_name,)
    assert read(certificate).device_urns == ("urn:linkops:device:a1B2c3D4e5F:pump-0001",)
    assert read(certificate).not_after_at == (NOW + DAY_MS) // 1_000 * 1_000
    assert load_pem_private_key(private_pem.encode(), None).public_key() == public_key
    # A C SDK without elliptic curves must be able to read its own certificate.
    assert certificate.signature_algorithm_oid == SignatureAlgorithmOID.RSA_WITH_SHA256


def test_nothing_outlives_its_authority() -> None:
    authority = own_authority(NOW // DAY_MS * DAY_MS)
    certificate = signing.issue(authority, KEY, ec_key().public_key(), NOW, NOW + 40 * 365 * DAY_MS)
    assert certificate.not_valid_after_utc == authority.certificate.not_valid_after_utc


def test_our_authorities_have_names_of_their_own() -> None:
    assert own_authority(NOW).certificate.subject != own_authority(0).certificate.subject


def test_a_list_of_revoked_certificates() -> None:
    authority = own_authority(NOW // DAY_MS * DAY_MS)
    entries = [
        signing.RevokedEntry("ab12", NOW - 5_000, RevocationReason.KEY_COMPROMISE),
        signing.RevokedEntry("cd34", NOW - 9_000, RevocationReason.UNSPECIFIED),
    ]
    crl = x509.load_pem_x509_crl(signing.revocation_list(authority, entries, 7, NOW).encode())
    assert crl.is_signature_valid(authority.private_key.public_key())
    assert crl.issuer == authority.certificate.subject
    assert {entry.serial_number for entry in crl} == {0xAB12, 0xCD34}
    found = crl.get_revoked_certificate_by_serial_number(0xAB12)
    assert found is not None
    assert found.extensions.get_extension_for_class(x509.CRLReason).value.reason is x509.ReasonFlags.key_compromise


@pytest.mark.parametrize("name", [None, KEY.device_name])
@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_request_proves_that_its_maker_has_the_key(name: str | None, kind: KeyKind) -> None:
    key = ec_key() if kind is KeyKind.EC else rsa.generate_private_key(65_537, 2_048)
    assert signing.read_request(make_request(name, key), KEY.device_name) == key.public_key()


def forged() -> str:
    """A request with the key of somebody else, whose signature is therefore not that key's."""
    der = bytearray(x509.load_pem_x509_csr(make_request(None, ec_key()).encode()).public_bytes(Encoding.DER))
    der[-1] ^= 1
    return x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM).decode()


def ed25519_request() -> str:
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return request.sign(ed25519.Ed25519PrivateKey.generate(), None).public_bytes(Encoding.PEM).decode()


BAD_REQUESTS: dict[str, tuple[Callable[[], str], str]] = {
    "empty": (lambda: "", "certificate.request_invalid"),
    "endless": (lambda: "x" * 40_000, "certificate.request_invalid"),
    "a certificate": (lambda: make("pump-0001", now=NOW).pem, "certificate.request_invalid"),
    "forged": (forged, "certificate.request_not_proven"),
    "for another device": (lambda: make_request("pump-0002", ec_key()), "certificate.request_other_name"),
    "weak": (lambda: make_request(None, weak_key()), "certificate.key_invalid"),
    "of another kind": (ed25519_request, "certificate.key_invalid"),
}


@pytest.mark.parametrize("what", BAD_REQUESTS)
def test_requests_that_are_refused(what: str) -> None:
    made, code = BAD_REQUESTS[what]
    with pytest.raises(Invalid) as refused:
        signing.read_request(made(), KEY.device_name)
    assert (refused.value.code, refused.value.params["field"]) == (code, "request")


@pytest.fixture(scope="module")
def root() -> Pair:
    return make_authority("Pump maker", NOW)


def test_an_authority_that_says_nothing_of_the_usage_of_its_key() -> None:
    check_authority(make("Pump maker", now=NOW, extensions=[(SIGNS, True)]).pem, NOW, [])


def test_an_authority_and_its_proof(root: Pair) -> None:
    certificate, _ = check_authority(root.pem, NOW, [])
    check_proof(make_device(CODE, root, NOW).pem, certificate, CODE, NOW)
    check_proof(make_device(CODE.upper(), root, NOW).pem, certificate, CODE, NOW)


BAD_AUTHORITIES: dict[str, tuple[Callable[[], Pair], str]] = {
    "no authority": (lambda: make("Maker", now=NOW), "authority.not_an_authority"),
    "may not sign": (
        lambda: make("Maker", now=NOW, extensions=[(SIGNS, True), (usage(signs=False), True)]),
        "authority.not_an_authority",
    ),
    "expired": (lambda: make_authority("Maker", NOW, until_ms=-1), "authority.not_valid_now"),
    "not yet valid": (lambda: make_authority("Maker", NOW, from_ms=60_000), "authority.not_valid_now"),
    "weak": (lambda: make_authority("Maker", NOW, key=weak_key()), "certificate.key_invalid"),
}


@pytest.mark.parametrize("what", BAD_AUTHORITIES)
def test_what_an_authority_must_be(what: str) -> None:
    made, code = BAD_AUTHORITIES[what]
    with pytest.raises(Invalid) as refused:
        check_authority(made().pem, NOW, [])
    assert (refused.value.code, refused.value.params["field"]) == (code, "certificate")


def test_none_of_our_own_vouches_for_devices(root: Pair) -> None:
    with pytest.raises(Invalid) as refused:
        check_authority(root.pem, NOW, [public_key_der(root.certificate)])
    assert refused.value.code == "authority.own"


@pytest.mark.parametrize(
    ("name", "more", "code"),
    [
        (registration_code(b"k" * 32, "other"), {}, "authority.proof_invalid"),
        (CODE, {"until_ms": -1}, "authority.proof_invalid"),
        (CODE, {"names": [CODE, CODE]}, "authority.proof_invalid"),
    ],
)
def test_proofs_that_prove_nothing(root: Pair, name: str, more: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_proof(make_device(name, root, NOW, **more).pem, root.certificate, CODE, NOW)
    assert refused.value.code == code


def test_a_proof_of_another_key_with_the_same_name(root: Pair) -> None:
    namesake = make_authority("Pump maker", NOW)
    with pytest.raises(Invalid) as refused:
        check_proof(make_device(CODE, namesake, NOW).pem, root.certificate, CODE, NOW)
    assert refused.value.code == "authority.proof_other_key"


def test_no_certificate_of_a_device_is_a_proof() -> None:
    """Else whoever has a certificate signed for a device could pass one off as an authority's consent."""
    assert not is_device_name(CODE)
