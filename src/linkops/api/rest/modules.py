"""Modules of a product."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.paging import Shown
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called

router = APIRouter(prefix="/api/v1/products/{product_key}/modules", tags=["modules"])
ModuleName = Annotated[str, Path(max_length=64)]


class ModuleShown(Shown):
    """An independently versioned part of a product's devices."""

    name: str
    alias: str
    description: str
    created_at: int = Field(description="0 for `default`, which every product has.")
    updated_at: int


class Modules(BaseModel):
    """All modules of a product."""

    items: list[ModuleShown]


class NewModule(BaseModel):
    """A module that is to be."""

    name: str = Field(max_length=64)
    alias: str = Field("", max_length=64)
    description: str = Field("", max_length=100)


class ModuleChange(BaseModel):
    """What is to be another; what is absent stays."""

    alias: str | None = Field(None, max_length=64)
    description: str | None = Field(None, max_length=100)


@router.get("")
async def list_modules(product_key: ProductKey, actor: Viewer, services: Called) -> Modules:
    """List the modules of a product; `default` is the whole firmware."""
    modules = await services.ota.modules.list(actor, product_key)
    return Modules(items=[ModuleShown.model_validate(module) for module in modules])


@router.post("", status_code=201)
async def create_module(product_key: ProductKey, new: NewModule, actor: Operator, services: Called) -> ModuleShown:
    """Create a module."""
    module = await services.ota.modules.create(actor, product_key, new.name, new.alias, new.description)
    return ModuleShown.model_validate(module)


@router.patch("/{name}")
async def edit_module(
    product_key: ProductKey, name: ModuleName, change: ModuleChange, actor: Operator, services: Called
) -> ModuleShown:
    """Change a module's alias or description."""
    module = await services.ota.modules.edit(
        actor, product_key, name, alias=change.alias, description=change.description
    )
    return ModuleShown.model_validate(module)


@router.delete("/{name}", status_code=204)
async def delete_module(product_key: ProductKey, name: ModuleName, actor: Operator, services: Called) -> None:
    """Delete a module that has no packages; `default` stays."""
    await services.ota.modules.delete(actor, product_key, name)
