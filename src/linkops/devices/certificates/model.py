"""What certificates of devices and their authorities are. Times are Unix milliseconds."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from linkops.devices.model import DeviceKey


class KeyKind(StrEnum):
    """Which kind of key is made for a device."""

    EC = "ec"
    RSA = "rsa"


class CertificateState(StrEnum):
    """What a certificate is worth, in one word."""

    VALID = "valid"
    REPLACED = "replaced"
    REVOKED = "revoked"
    EXPIRED = "expired"


class RevocationReason(StrEnum):
    """Why a certificate is revoked, as RFC 5280 §5.3.1 tells it apart."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "key_compromise"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessation_of_operation"


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate authority whose certificates open devices.

    Attributes:
        product_key: whose devices it vouches for; '' for our own, which issues for every product.
        own: made here.
        enabled: none of its certificates is accepted otherwise.
        auto_create: a device that one of its certificates names, and that does not exist, is made at its login.
        certificate: PEM.
    """

    id: int
    product_id: int | None
    product_key: str
    own: bool
    enabled: bool
    auto_create: bool
    subject: str
    fingerprint: str
    certificate: str
    not_before_at: int
    not_after_at: int
    created_by: str
    created_at: int


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate of a device; the certificate itself is not kept.

    Attributes:
        fingerprint: SHA-256 of the certificate in DER, hexadecimal.
        serial: hexadecimal.
        issued_by: who had it issued; '': it comes from an uploaded authority and was first seen at a login.
        ends_at: refused from then on, since a newer one takes its place.
    """

    id: int
    key: DeviceKey
    product_id: int
    device_id: int
    authority_id: int
    fingerprint: str
    serial: str
    key_type: str
    not_before_at: int
    not_after_at: int
    issued_by: str
    created_at: int
    first_used_at: int | None
    last_used_at: int | None
    ends_at: int | None
    revoked_at: int | None
    revoked_by: str
    revoke_reason: str
    state: CertificateState


class Issued(NamedTuple):
    """A certificate that was just issued.

    Attributes:
        certificate: PEM.
        authority: PEM of who signed it.
        private_key: PEM, shown this once; None when the device's maker has the key.
    """

    id: int
    key: DeviceKey
    serial: str
    not_after_at: int
    certificate: str
    authority: str
    private_key: str | None


def state_of(revoked_at: int | None, not_after_at: int, ends_at: int | None, now: int) -> CertificateState:
    """Return what a certificate is worth at ``now``."""
    if revoked_at is not None:
        return CertificateState.REVOKED
    if not_after_at <= now:
        return CertificateState.EXPIRED
    if ends_at is not None and ends_at <= now:
        return CertificateState.REPLACED
    return CertificateState.VALID
