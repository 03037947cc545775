"""Certificate authorities: our own, and those that are uploaded for a product."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from linkops.api.auth import Admin, Viewer
from linkops.api.idempotency import OnceOnly
from linkops.api.paging import Cursor, Limit, PageOf, Shown, next_after, number_in
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called

router = APIRouter(prefix="/api/v1", tags=["certificates"])
AuthorityId = Annotated[int, Path(alias="id", ge=1, le=2**62)]
Pem = Annotated[str, Field(max_length=32_768, description="One certificate in PEM.")]
PEM_FILE = "application/x-pem-file"


class AuthorityShown(Shown):
    """An authority whose certificates open devices."""

    id: int
    product_key: str = Field(description="Whose devices it vouches for; '' for our own, which issues for all.")
    own: bool
    enabled: bool = Field(description="False: none of its certificates is accepted.")
    auto_create: bool = Field(description="A device that its certificate names is made at its first login.")
    subject: str
    fingerprint: str = Field(description="SHA-256 of the certificate, hexadecimal.")
    certificate: str = Field(description="PEM.")
    not_before_at: int
    not_after_at: int
    created_by: str
    created_at: int


class RegistrationCode(BaseModel):
    """What proves that an authority is meant for a product."""

    registration_code: str = Field(description="The common name of the verification certificate.")


class AuthorityToUpload(BaseModel):
    """An authority that is to vouch for the devices of a product."""

    certificate: Pem
    verification_certificate: Pem
    auto_create: bool = Field(False, description="Make devices that its certificates name, and that do not exist.")


class AuthorityChange(BaseModel):
    """What is to be another; what is absent stays."""

    enabled: bool | None = None
    auto_create: bool | None = None


@router.get("/certificate-authorities")
async def list_authorities(
    actor: Viewer, services: Called, cursor: Cursor = None, limit: Limit = 50
) -> PageOf[AuthorityShown]:
    """List our own authorities, and those of the products that you may look at."""
    found = await services.x509.authorities.page(actor, number_in(cursor, 0), limit)
    items = [AuthorityShown.model_validate(authority) for authority in found]
    return PageOf(items=items, next=next_after(items, limit, lambda authority: authority.id))


@router.get("/certificate-authorities/{id}")
async def get_authority(authority_id: AuthorityId, actor: Viewer, services: Called) -> AuthorityShown:
    """Show an authority."""
    return AuthorityShown.model_validate(await services.x509.authorities.get(actor, authority_id))


@router.patch("/certificate-authorities/{id}")
async def change_authority(
    authority_id: AuthorityId, change: AuthorityChange, actor: Admin, services: Called
) -> AuthorityShown:
    """Enable or disable an authority. Who holds a certificate of one that is disabled is cut off and refused.

    Once our own is disabled, the next certificate is issued by a new one.
    """
    changed = await services.x509.authorities.change(
        actor, authority_id, enabled=change.enabled, auto_create=change.auto_create
    )
    return AuthorityShown.model_validate(changed)


@router.delete("/certificate-authorities/{id}", status_code=204)
async def delete_authority(authority_id: AuthorityId, actor: Admin, services: Called) -> None:
    """Delete an authority that was uploaded by mistake: no device has used a certificate of it yet."""
    await services.x509.authorities.delete(actor, authority_id)


@router.get(
    "/certificate-authorities/{id}/crl.pem",
    response_class=Response,
    responses={200: {"content": {PEM_FILE: {"schema": {"type": "string"}}}}},
)
async def download_revocation_list(authority_id: AuthorityId, actor: Viewer, services: Called) -> Response:
    """Download what one of our own authorities has revoked, as a CRL in PEM that is valid for a week."""
    crl = await services.x509.authorities.revocation_list(actor, authority_id)
    headers = {"Content-Disposition": f'attachment; filename="authority-{authority_id}-crl.pem"'}
    return Response(crl, media_type=PEM_FILE, headers=headers)


@router.get("/products/{product_key}/certificate-authorities/registration-code")
async def get_registration_code(product_key: ProductKey, actor: Admin, services: Called) -> RegistrationCode:
    """Show what a verification certificate must have as its common name."""
    code = await services.x509.authorities.registration_code(actor, product_key)
    return RegistrationCode(registration_code=code)


@router.post("/products/{product_key}/certificate-authorities", status_code=201, response_model=AuthorityShown)
async def upload_authority(
    product_key: ProductKey, new: AuthorityToUpload, actor: Admin, services: Called, once: OnceOnly
) -> Response:
    """Let an authority vouch for the devices of a product: device certificates that it signs itself open them.

    A verification certificate, signed by it over the registration code of the product, proves that you may.
    """

    async def upload() -> AuthorityShown:
        uploaded = await services.x509.authorities.upload(
            actor, product_key, new.certificate, new.verification_certificate, auto_create=new.auto_create
        )
        return AuthorityShown.model_validate(uploaded)

    return await once(actor, upload)
