"""What a certificate says, and whether it opens a device: by content, by signature, by time."""

from collections.abc import Sequence

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from linkops.devices.certificates.judging import (
    CertificateFault,
    Validity,
    device_named,
    device_urn,
    fault_in_content,
    fault_in_time,
)
from linkops.devices.certificates.model import CertificateState, state_of
from linkops.devices.certificates.reading import Unreadable, is_signed_by, load_der, load_pem, read
from linkops.devices.model import DeviceKey
from tests.conftest import NOW
from tests.support.certificates import CLIENT, SERVER, Pair, make, make_authority, make_device, usage, weak_key

LEAF = (x509.BasicConstraints(ca=False, path_length=None), True)
Extensions = Sequence[tuple[x509.ExtensionType, bool]]


@pytest.fixture(scope="module")
def root() -> Pair:
    return make_authority("Pump maker", NOW)


def content_fault(pair: Pair) -> CertificateFault | None:
    return fault_in_content(read(pair.certificate))


def test_what_a_certificate_says(root: Pair) -> None:
    pair = make_device("pump-0001", root, NOW)
    said = read(pair.certificate)
    assert said.common_names == ("pump-0001",)
    assert said.serial == f"{pair.certificate.serial_number:x}"
    assert said.key_type == "EC secp256r1"
    assert (said.not_before_at, said.not_after_at) == (NOW - 86_400_000, NOW + 365 * 86_400_000)
    assert content_fault(pair) is None


@pytest.mark.parametrize("extensions", [(), (LEAF,), (LEAF, (usage(signs=False), True)), ((CLIENT, True),)])
def test_a_certificate_without_restrictions_is_for_anything(root: Pair, extensions: Extensions) -> None:
    assert content_fault(make_device("pump-0001", root, NOW, extensions=extensions)) is None


@pytest.mark.parametrize(
    ("extensions", "fault"),
    [
        (((SERVER, False),), CertificateFault.NOT_FOR_CLIENTS),
        (((usage(signs=False, signature=False), True),), CertificateFault.NOT_FOR_CLIENTS),
        (((x509.BasicConstraints(ca=True, path_length=0), True),), CertificateFault.SIGNS_OTHERS),
        (((usage(signs=True), True),), CertificateFault.SIGNS_OTHERS),
        (
            ((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),),
            CertificateFault.NOT_FOR_CLIENTS,
        ),
    ],
)
def test_certificates_for_something_else(root: Pair, extensions: Extensions, fault: CertificateFault) -> None:
    assert content_fault(make_device("pump-0001", root, NOW, extensions=extensions)) is fault


@pytest.mark.parametrize("names", [[], ["pump-0001", "pump-0002"], ["x"], ["a" * 33], ["pump/0001"], ["pump#+01"]])
def test_names_that_are_no_device(root: Pair, names: list[str]) -> None:
    subject = names or None
    pair = make_device("", root, NOW, names=subject) if names else make("", root, now=NOW, names=["\N{SNOWMAN}" * 5])
    assert content_fault(pair) is CertificateFault.NAME_INVALID


def test_keys_that_are_too_weak(root: Pair) -> None:
    for key in (weak_key(), ec.generate_private_key(ec.SECP224R1())):
        assert content_fault(make_device("pump-0001", root, NOW, key=key)) is CertificateFault.WEAK_KEY


def test_only_the_key_of_the_authority_signs_for_it(root: Pair) -> None:
    pair = make_device("pump-0001", root, NOW)
    namesake = make_authority("Pump maker", NOW)
    assert is_signed_by(pair.certificate, root.certificate)
    assert not is_signed_by(pair.certificate, namesake.certificate)
    assert not is_signed_by(make_device("pump-0001", namesake, NOW).certificate, root.certificate)
    assert not is_signed_by(make("pump-0001", now=NOW).certificate, root.certificate)


def test_nobody_signs_through_another(root: Pair) -> None:
    """What an authority below signed is not what the root signed, whatever lengths of paths allow."""
    below = make_authority("Below", NOW, root)
    assert not is_signed_by(make_device("pump-0001", below, NOW).certificate, root.certificate)


KEY = DeviceKey("a1B2c3D4e5F", "pump-0001")


def named_in(root: Pair, *uris: str) -> DeviceKey | CertificateFault:
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri) for uri in uris])
    pair = make_device(KEY.device_name, root, NOW, extensions=[LEAF, (names, False)])
    return device_named(read(pair.certificate), KEY.product_key)


def test_an_alternative_name_must_agree_where_it_names_a_device(root: Pair) -> None:
    assert named_in(root, device_urn(KEY)) == KEY
    assert named_in(root, "https://maker.example/pump-0001") == KEY
    assert named_in(root, device_urn(DeviceKey("other", "pump-0001"))) is CertificateFault.OTHER_DEVICE
    assert named_in(root, device_urn(KEY), device_urn(DeviceKey(KEY.product_key, "pump-0002"))) is (
        CertificateFault.OTHER_DEVICE
    )


GOOD = Validity(NOW - 10, NOW + 10, None, None, authority_enabled=True, authority_not_after_at=NOW + 10)


@pytest.mark.parametrize(
    ("validity", "fault"),
    [
        (GOOD, None),
        (GOOD._replace(not_before_at=NOW + 5), None),
        (GOOD._replace(not_before_at=NOW + 6), CertificateFault.NOT_YET_VALID),
        (GOOD._replace(not_after_at=NOW + 1), None),
        (GOOD._replace(not_after_at=NOW), CertificateFault.EXPIRED),
        (GOOD._replace(ends_at=NOW + 1), None),
        (GOOD._replace(ends_at=NOW), CertificateFault.REPLACED),
        (GOOD._replace(revoked_at=NOW + 99), CertificateFault.REVOKED),
        (GOOD._replace(authority_enabled=False), CertificateFault.AUTHORITY_DISABLED),
        (GOOD._replace(authority_not_after_at=NOW), CertificateFault.AUTHORITY_EXPIRED),
    ],
)
def test_dates_and_what_became_of_it(validity: Validity, fault: CertificateFault | None) -> None:
    assert fault_in_time(validity, NOW, skew_ms=5) is fault


@given(
    st.one_of(st.none(), st.integers(0, 20)),
    st.integers(0, 20),
    st.one_of(st.none(), st.integers(0, 20)),
    st.integers(0, 20),
)
def test_what_is_shown_agrees_with_what_is_accepted(
    revoked_at: int | None, not_after_at: int, ends_at: int | None, now: int
) -> None:
    validity = Validity(0, not_after_at, revoked_at, ends_at, authority_enabled=True, authority_not_after_at=99)
    shown = state_of(revoked_at, not_after_at, ends_at, now)
    assert (shown is CertificateState.VALID) == (fault_in_time(validity, now, 0) is None)


@pytest.mark.parametrize("pem", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate(pem: str) -> None:
    with pytest.raises(Unreadable):
        load_pem(pem)


def test_one_certificate_and_no_more(root: Pair) -> None:
    assert load_pem(f"Subject: {root.pem}") == root.certificate
    for pem in (root.pem * 2, root.pem + " " * 40_000):
        with pytest.raises(Unreadable):
            load_pem(pem)


@given(st.data())
def test_any_bytes_are_read_or_refused(data: st.DataObject) -> None:
    """Bits turned in a certificate that was right, and whatever else."""
    der = bytearray(_DER)
    for at in data.draw(st.lists(st.integers(0, len(der) - 1), min_size=1, max_size=4)):
        der[at] ^= data.draw(st.integers(1, 255))
    for shown in (bytes(der), data.draw(st.binary(max_size=200))):
        try:
            fault_in_content(read(load_der(shown)))
        except Unreadable:
            continue


_DER = make_device("pump-0001", make_authority("Pump maker", NOW), NOW).der
