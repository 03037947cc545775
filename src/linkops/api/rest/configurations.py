"""Remote configuration of a product at a glance: the switch, who has documents, and what a device has."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.paging import Cursor, Limit, PageOf, Shown, next_after, number_in
from linkops.api.rest.config_shown import VersionShown
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called
from linkops.devices.model import DeviceKey
from linkops.remote_config.documents.model import Scope

router = APIRouter(prefix="/api/v1/products/{product_key}/configuration", tags=["remote configuration"])


class ConfigurationShown(Shown):
    """What there is of a product's configuration."""

    product_key: str
    enabled: bool = Field(description="Devices are given it.")
    recent: list[VersionShown] = Field(description="Of the product's document: the last five, the newest first.")
    schema_version: VersionShown | None = Field(validation_alias="schema", description="Null: there is no schema.")
    groups: int = Field(description="How many groups have a document.")
    devices: int = Field(description="How many devices have a document of their own.")
    devices_capped: bool = Field(
        validation_alias="devices_is_more", description="Whether there are more than `devices`, which stops at 10,000."
    )


class ConfigurationSwitch(BaseModel):
    """Whether devices are given their configuration."""

    enabled: bool


class GroupDocumentShown(Shown):
    """A group that has a document."""

    group_id: int
    path: list[str] | None = Field(description="The names that lead to the group; null: you may not look at it.")
    version: VersionShown


class GroupDocuments(BaseModel):
    """All groups that have a document."""

    items: list[GroupDocumentShown]


class DeviceDocumentShown(Shown):
    """A device that has a document of its own."""

    device_name: str
    version: VersionShown


class LayerShown(Shown):
    """A document that applies to a device."""

    scope: Scope
    group_id: int | None
    path: list[str] | None = Field(description="The names that lead to the group; null: you may not look at it.")
    version: int
    priority: int


class OriginShown(Shown):
    """Where a value comes from."""

    path: str = Field(description="Where the value stands, as a JSON pointer (RFC 6901).")
    layer: int = Field(description="The place of the document in `layers`, from 0.")


class PreviewShown(Shown):
    """What configuration a device has now."""

    product_key: str
    device_name: str
    enabled: bool = Field(description="False: remote configuration is off, and the device is given nothing.")
    layers: list[LayerShown] = Field(description="The documents that apply, each laid over those before it.")
    content: str | None = Field(description="What they give; null: none applies.")
    size_bytes: int
    sha256: str
    too_large: bool = Field(description="There are more than 65,536 bytes, and the device is given nothing.")
    origins: list[OriginShown] = Field(description="The first 1,000 values, in the order of their names.")
    more_origins: bool


@router.get("")
async def show_configuration(product_key: ProductKey, actor: Viewer, services: Called) -> ConfigurationShown:
    """Show the switch of a product, and what documents there are."""
    return ConfigurationShown.model_validate(await services.remote_config.switches.overview(actor, product_key))


@router.put("/switch")
async def switch_configuration(
    product_key: ProductKey, to: ConfigurationSwitch, actor: Operator, services: Called
) -> ConfigurationShown:
    """Give devices their configuration from now on, or no more. Documents can be edited all the same."""
    switches = services.remote_config.switches
    return ConfigurationShown.model_validate(await switches.switch(actor, product_key, on=to.enabled))


@router.get("/groups")
async def list_group_documents(product_key: ProductKey, actor: Viewer, services: Called) -> GroupDocuments:
    """List the groups that have a document; what stands first is laid over what follows."""
    found = await services.remote_config.switches.groups(actor, product_key)
    return GroupDocuments(items=[GroupDocumentShown.model_validate(document) for document in found])


@router.get("/devices")
async def list_device_documents(
    product_key: ProductKey, actor: Viewer, services: Called, cursor: Cursor = None, limit: Limit = 50
) -> PageOf[DeviceDocumentShown]:
    """List the devices that have a document of their own."""
    found = await services.remote_config.switches.devices(actor, product_key, number_in(cursor, 0), limit)
    items = [DeviceDocumentShown.model_validate(document) for document in found]
    return PageOf(items=items, next=next_after(found, limit, lambda document: document.id))


@router.get("/preview")
async def preview_configuration(
    product_key: ProductKey,
    device_name: Annotated[str, Query(max_length=32)],
    actor: Viewer,
    services: Called,
) -> PreviewShown:
    """Show what configuration a device has now, and which document each value comes from."""
    found = await services.remote_config.previews.of_device(actor, DeviceKey(product_key, device_name))
    return PreviewShown.model_validate(found)
