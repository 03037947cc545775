"""Products."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from linkops.api.auth import Admin, Viewer
from linkops.api.paging import CountedPageOf, Cursor, Limit, Shown, counted
from linkops.api.services import Called
from linkops.devices.model import AuthType, NodeType
from linkops.errors import Invalid

router = APIRouter(prefix="/api/v1/products", tags=["products"])
ProductKey = Annotated[str, Path(max_length=32)]


class ProductShown(Shown):
    """A kind of device."""

    product_key: str
    name: str
    description: str
    node_type: NodeType
    auth_type: AuthType
    registration: bool = Field(description="Whether devices may come to their secrets with the product's.")
    listed_only: bool = Field(description="Whether only those may that somebody created beforehand.")
    created_at: int
    updated_at: int


class ProductCounted(ProductShown):
    """A product and how many devices it has."""

    devices: int
    online: int


class NewProduct(BaseModel):
    """A product that is to be."""

    name: str = Field(max_length=64)
    description: str = Field("", max_length=100)
    node_type: NodeType = NodeType.DEVICE
    auth_type: AuthType = AuthType.SECRET
    product_key: str | None = Field(None, max_length=32, description="Null: generated. Given for devices in the field.")


class ProductChange(BaseModel):
    """What is to be another; what is absent stays."""

    name: str | None = Field(None, max_length=64)
    description: str | None = Field(None, max_length=100)


class Secret(BaseModel):
    """A secret; that it was shown is in the audit trail."""

    secret: str


@router.get("")
async def list_products(
    actor: Viewer,
    services: Called,
    prefix: Annotated[str, Query(max_length=64, description="Of the name.")] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CountedPageOf[ProductShown]:
    """List products by name."""
    return counted(await services.products.page(actor, prefix=prefix, cursor=cursor, limit=limit), ProductShown)


@router.post("", status_code=201)
async def create_product(new: NewProduct, actor: Admin, services: Called) -> ProductShown:
    """Create a product. It takes an administrator of everything."""
    product = await services.products.create(
        actor,
        new.name,
        node_type=new.node_type,
        auth_type=new.auth_type,
        description=new.description,
        product_key=new.product_key,
    )
    return ProductShown.model_validate(product)


@router.get("/{product_key}")
async def get_product(product_key: ProductKey, actor: Viewer, services: Called) -> ProductCounted:
    """Show a product and how many devices it has."""
    product = await services.products.get(actor, product_key)
    counts = await services.products.counts(actor, product_key)
    shown = ProductShown.model_validate(product)
    return ProductCounted(**shown.model_dump(), devices=counts.devices, online=counts.online)


@router.patch("/{product_key}")
async def edit_product(product_key: ProductKey, change: ProductChange, actor: Admin, services: Called) -> ProductShown:
    """Change a product's name or description."""
    product = await services.products.edit(actor, product_key, name=change.name, description=change.description)
    return ProductShown.model_validate(product)


@router.delete("/{product_key}", status_code=204)
async def delete_product(
    product_key: ProductKey,
    actor: Admin,
    services: Called,
    confirm: Annotated[str, Query(max_length=32, description="The product key once more.")] = "",
) -> None:
    """Delete a product, for good. It must have no devices, packages or jobs any more."""
    if confirm != product_key:
        raise Invalid("request.confirmation_missing", field="confirm", expected=product_key)
    await services.products.delete(actor, product_key)


@router.post("/{product_key}/secret")
async def show_product_secret(product_key: ProductKey, actor: Admin, services: Called) -> Secret:
    """Show the secret with which a product's devices register."""
    return Secret(secret=await services.products.secret(actor, product_key))
