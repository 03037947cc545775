"""Does this certificate open that device? Pure rules; every answer but None is a refusal.

A certificate that was issued here is known by its fingerprint, and so is one that logged in before; what may have
changed since is judged at every login: the authority, the dates, and whether it was revoked or replaced. One from an
uploaded authority that was never seen is read, and the authority must have signed it itself.
"""

from enum import StrEnum
from typing import NamedTuple

from linkops.devices.certificates.reading import DEVICE_URN, Presented
from linkops.devices.model import DeviceKey
from linkops.devices.names import is_device_name


class CertificateFault(StrEnum):
    """Why a certificate opens nothing; for the log, since the device is only told that it is refused."""

    UNREADABLE = "unreadable"
    UNKNOWN_AUTHORITY = "unknown authority"
    NOT_ISSUED = "not issued by us, or its device was deleted"
    AUTHORITY_DISABLED = "authority disabled"
    AUTHORITY_EXPIRED = "authority expired"
    NOT_FOR_CLIENTS = "not for TLS clients"
    SIGNS_OTHERS = "certificate of an authority"
    WEAK_KEY = "key too weak or of another kind"
    NAME_INVALID = "common name is no device name"
    OTHER_DEVICE = "names another device"
    NOT_YET_VALID = "not yet valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REPLACED = "replaced by a newer one"


class Validity(NamedTuple):
    """When a certificate and its authority are valid, and what became of them."""

    not_before_at: int
    not_after_at: int
    revoked_at: int | None
    ends_at: int | None
    authority_enabled: bool
    authority_not_after_at: int


def fault_in_time(validity: Validity, now: int, skew_ms: int) -> CertificateFault | None:
    """Return what is wrong with a certificate at ``now``; it may lie up to ``skew_ms`` in the future."""
    if not validity.authority_enabled:
        return CertificateFault.AUTHORITY_DISABLED
    if validity.authority_not_after_at <= now:
        return CertificateFault.AUTHORITY_EXPIRED
    if validity.revoked_at is not None:
        return CertificateFault.REVOKED
    if validity.not_after_at <= now:
        return CertificateFault.EXPIRED
    if validity.not_before_at - skew_ms > now:
        return CertificateFault.NOT_YET_VALID
    if validity.ends_at is not None and validity.ends_at <= now:
        return CertificateFault.REPLACED
    return None


def fault_in_content(presented: Presented) -> CertificateFault | None:
    """Return what is wrong with what a certificate says, whoever signed it."""
    if presented.signs_others:
        return CertificateFault.SIGNS_OTHERS
    if not presented.for_clients:
        return CertificateFault.NOT_FOR_CLIENTS
    if not presented.key_type:
        return CertificateFault.WEAK_KEY
    if len(presented.common_names) != 1 or not is_device_name(presented.common_names[0]):
        return CertificateFault.NAME_INVALID
    return None


def device_named(presented: Presented, product_key: str) -> DeviceKey | CertificateFault:
    """Return the device of the authority's product that a certificate without faults in its content names."""
    key = DeviceKey(product_key, presented.common_names[0])
    if any(urn != device_urn(key) for urn in presented.device_urns):
        return CertificateFault.OTHER_DEVICE
    return key


def device_urn(key: DeviceKey) -> str:
    """Return the alternative name that ties a certificate to a device of one product."""
    return f"{DEVICE_URN}{key.product_key}:{key.device_name}"
