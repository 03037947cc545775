"""Certificates of devices: issuing, listing, revoking."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.idempotency import OnceOnly
from linkops.api.paging import CountedPageOf, Place, Shown, counted_by
from linkops.api.rest.devices import DeviceName, Word
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called
from linkops.devices.certificates.issuing.service import MAX_VALID_DAYS
from linkops.devices.certificates.model import Certificate, CertificateState, Issued, KeyKind, RevocationReason
from linkops.devices.certificates.revoking import MAX_BULK
from linkops.devices.model import DeviceKey

router = APIRouter(prefix="/api/v1", tags=["certificates"])
CertificateId = Annotated[int, Path(alias="id", ge=1, le=2**62)]
ValidDays = Annotated[
    int | None, Field(ge=1, le=MAX_VALID_DAYS, description="Null: the setting `certificate_valid_days`.")
]
_DEVICE = "/products/{product_key}/devices/{device_name}/certificates"


class CertificateShown(Shown):
    """A certificate of a device."""

    id: int
    product_key: str
    device_name: str
    authority_id: int
    state: CertificateState
    fingerprint: str = Field(description="SHA-256 of the certificate, hexadecimal.")
    serial: str = Field(description="Hexadecimal.")
    key_type: str
    not_before_at: int
    not_after_at: int
    issued_by: str = Field(description="Empty: by an uploaded authority, and first seen at a login.")
    created_at: int
    first_used_at: int | None
    last_used_at: int | None
    ends_at: int | None = Field(description="Refused from then on, since a newer one takes its place.")
    revoked_at: int | None
    revoked_by: str
    revoke_reason: str

    @classmethod
    def of(cls, certificate: Certificate) -> "CertificateShown":
        """Return what is shown of a certificate."""
        shown = {name: getattr(certificate, name, None) for name in cls.model_fields}
        return cls.model_validate({**shown, **certificate.key._asdict()})


class IssuedShown(BaseModel):
    """A certificate that was just issued; its private key, if it was made here, is shown this once."""

    id: int
    product_key: str
    device_name: str
    serial: str
    not_after_at: int
    certificate: str = Field(description="PEM.")
    authority: str = Field(description="Who signed it (PEM); devices need not send it.")
    private_key: str | None = Field(description="PKCS #8 in PEM, kept nowhere; null if the device's maker has it.")

    @classmethod
    def of(cls, issued: Issued) -> "IssuedShown":
        """Return what is shown of a new certificate."""
        return cls(**{**issued._asdict(), **issued.key._asdict()})


class CertificateToIssue(BaseModel):
    """A certificate that is to be, with a key that is made here."""

    key: KeyKind = Field(KeyKind.EC, description="`ec`: P-256; `rsa`: 2,048 bits, for SDKs without elliptic curves.")
    valid_days: ValidDays = None


class RequestToSign(BaseModel):
    """A certificate that is to be, for a key that the device's maker has."""

    request: str = Field(max_length=32_768, description="PKCS #10 in PEM.")
    valid_days: ValidDays = None


class WhyRevoked(BaseModel):
    """Why certificates are revoked."""

    reason: RevocationReason = RevocationReason.UNSPECIFIED


class CertificatesToRevoke(WhyRevoked):
    """Certificates that are to be refused."""

    ids: list[Annotated[int, Field(ge=1, le=2**62)]] = Field(min_length=1, max_length=MAX_BULK)


class Revoked(BaseModel):
    """How many were revoked that were not before."""

    revoked: int


class Wanted(BaseModel):
    """Which certificates; what is absent is left open."""

    model_config = ConfigDict(extra="forbid")

    product_key: Word | None = None
    device_name: Word | None = None
    state: CertificateState | None = None
    expires_within_days: int | None = Field(None, ge=0, le=36_500)
    cursor: Place | None = None
    limit: int = Field(50, ge=1, le=200)


@router.get("/certificates")
async def list_certificates(
    actor: Viewer, services: Called, wanted: Annotated[Wanted, Query()]
) -> CountedPageOf[CertificateShown]:
    """List certificates of the products that you may look at, the first to expire first."""
    page = await services.x509.certificates.page(actor, **wanted.model_dump())
    return counted_by(page, CertificateShown.of)


@router.post("/certificates/revoke")
async def revoke_certificates(named: CertificatesToRevoke, actor: Operator, services: Called) -> Revoked:
    """Revoke certificates, for good. Who is connected with one is cut off. One that is not yours refuses the call."""
    return Revoked(revoked=await services.x509.certificates.revoke(actor, named.ids, named.reason))


@router.get("/certificates/{id}")
async def get_certificate(certificate_id: CertificateId, actor: Viewer, services: Called) -> CertificateShown:
    """Show a certificate."""
    return CertificateShown.of(await services.x509.certificates.get(actor, certificate_id))


@router.post(_DEVICE, status_code=201)
async def issue_certificate(
    product_key: ProductKey, device_name: DeviceName, new: CertificateToIssue, actor: Operator, services: Called
) -> IssuedShown:
    """Issue a certificate with a new private key, which is in the answer and nowhere else.

    Those that the device has are accepted until the new one is first used, or `certificate_grace_days` are over.
    """
    key = DeviceKey(product_key, device_name)
    return IssuedShown.of(await services.x509.issuing.issue(actor, key, new.key, new.valid_days))


@router.post(f"{_DEVICE}/sign", status_code=201, response_model=IssuedShown)
async def sign_request(
    product_key: ProductKey,
    device_name: DeviceName,
    new: RequestToSign,
    actor: Operator,
    services: Called,
    once: OnceOnly,
) -> Response:
    """Issue a certificate for a key that never leaves the device or its maker, who proves to have it by a request."""

    async def sign() -> IssuedShown:
        key = DeviceKey(product_key, device_name)
        return IssuedShown.of(await services.x509.issuing.sign(actor, key, new.request, new.valid_days))

    return await once(actor, sign)


@router.post(f"{_DEVICE}/revoke")
async def revoke_certificates_of_device(
    product_key: ProductKey, device_name: DeviceName, why: WhyRevoked, actor: Operator, services: Called
) -> Revoked:
    """Revoke all certificates of a device that are known here; it is cut off."""
    key = DeviceKey(product_key, device_name)
    return Revoked(revoked=await services.x509.certificates.revoke_device(actor, key, why.reason))
