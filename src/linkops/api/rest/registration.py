"""Devices that register themselves: who may, and who may once more; and telling one to ask where to connect."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from linkops.api.auth import Admin, Operator
from linkops.api.rest.device import Key
from linkops.api.rest.many_devices import Changed, DevicesNamed
from linkops.api.rest.products import ProductKey, ProductShown, Secret
from linkops.api.services import Called

router = APIRouter(prefix="/api/v1", tags=["registration"])


class RegistrationRule(BaseModel):
    """Whether devices of a product may register, and which."""

    registration: bool = Field(description="Devices may come to their secrets with the product's.")
    listed_only: bool = Field(
        True, description="False: also under names that nobody created beforehand; those devices get tokens."
    )


@router.put("/products/{product_key}/registration")
async def set_registration(
    product_key: ProductKey, rule: RegistrationRule, actor: Operator, services: Called
) -> ProductShown:
    """Say whether devices of a product may register themselves."""
    product = await services.registrations.set_rule(
        actor, product_key, registration=rule.registration, listed_only=rule.listed_only
    )
    return ProductShown.model_validate(product)


@router.post("/products/{product_key}/reset-secret")
async def reset_product_secret(product_key: ProductKey, actor: Admin, services: Called) -> Secret:
    """Give a product a new secret: devices that have not registered yet need firmware with it from now on."""
    return Secret(secret=await services.products.reset_secret(actor, product_key))


@router.post("/devices/let-register")
async def let_devices_register(named: DevicesNamed, actor: Operator, services: Called) -> Changed:
    """Let devices that have logged in already register once more; what they log in with stays until they do.

    Those that never logged in may register anyway, and are not counted.
    """
    return Changed(changed=await services.registrations.let_register_again(actor, named.keys()))


@router.post("/products/{product_key}/devices/{device_name}/bootstrap", status_code=204)
async def send_device_to_bootstrap(key: Key, actor: Operator, services: Called) -> None:
    """Tell a device that is online to ask again where it is to connect."""
    await services.bootstrap_notices.send(actor, key)
