"""The keys that a product signs its packages with."""

from fastapi import APIRouter
from pydantic import BaseModel, Field, SecretStr

from linkops.api.auth import Admin, Viewer
from linkops.api.paging import Shown
from linkops.api.services import Called

router = APIRouter(prefix="/api/v1/products/{product_key}/signing", tags=["packages"])


class KeyShown(Shown):
    """The public half of a key pair."""

    fingerprint: str = Field(description="SHA-256 of the public key in DER, hexadecimal.")
    bits: int
    public_key: str = Field(description="PEM, for devices.")
    imported: bool
    created_by: str
    created_at: int
    retired_at: int | None


class SigningShown(Shown):
    """How the packages of a product are signed."""

    product_key: str
    enabled: bool = Field(description="Packages are signed when they are made, and devices get the signatures.")
    key: KeyShown | None = Field(description="The key that signs.")
    retired: list[KeyShown] = Field(description="Keys that signed once, the newest first.")


class Switch(BaseModel):
    """Whether packages are signed."""

    enabled: bool


class KeyToUse(BaseModel):
    """A key that is to sign from now on."""

    private_key: SecretStr | None = Field(
        None, max_length=16_384, description="RSA of 2,048 to 8,192 bits in PEM, not encrypted; absent: one is made."
    )


@router.get("")
async def get_signing(product_key: str, actor: Viewer, services: Called) -> SigningShown:
    """Show how the packages of a product are signed, with the public key that devices need."""
    return SigningShown.model_validate(await services.ota.signing.get(actor, product_key))


@router.put("")
async def switch_signing(product_key: str, to: Switch, actor: Admin, services: Called) -> SigningShown:
    """Sign packages from now on, or no more. A product without a key gets one."""
    return SigningShown.model_validate(await services.ota.signing.switch(actor, product_key, on=to.enabled))


@router.post("/key", status_code=201)
async def replace_key(product_key: str, new: KeyToUse, actor: Admin, services: Called) -> SigningShown:
    """Make or import a key pair in place of the one there is; packages keep the signatures that they have."""
    signing = services.ota.signing
    if new.private_key is None:
        return SigningShown.model_validate(await signing.make_key(actor, product_key))
    private_key = new.private_key.get_secret_value()
    return SigningShown.model_validate(await signing.import_key(actor, product_key, private_key))


@router.delete("/key")
async def delete_key(product_key: str, actor: Admin, services: Called) -> SigningShown:
    """Destroy the private key. Signing must be switched off; the public key is kept among the retired."""
    return SigningShown.model_validate(await services.ota.signing.delete_key(actor, product_key))
