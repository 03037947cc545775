"""Several devices at once. A call is refused whole if one of its devices is not yours."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from linkops.api.auth import Operator
from linkops.api.line_reports import CSV_BODY, LINE_ANSWERS, report
from linkops.api.rest.device import TagChanges
from linkops.api.rest.devices import Word
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called
from linkops.devices.access import MAX_BULK
from linkops.devices.imports.rows import RowResult
from linkops.devices.model import DeviceKey

router = APIRouter(prefix="/api/v1", tags=["devices"])
IMPORT = "/devices/import"


class DeviceNamed(BaseModel):
    """A device by its names."""

    product_key: Word
    device_name: Word


class DevicesNamed(BaseModel):
    """Devices by their names."""

    devices: list[DeviceNamed] = Field(min_length=1, max_length=MAX_BULK)

    def keys(self) -> list[DeviceKey]:
        """Return their keys."""
        return [DeviceKey(device.product_key, device.device_name) for device in self.devices]


class TagChangesOfMany(DevicesNamed, TagChanges):
    """Devices, and the tags to add, replace or remove on all of them."""


class Changed(BaseModel):
    """How many devices were changed."""

    changed: int


@router.post("/devices/enable")
async def enable_devices(named: DevicesNamed, actor: Operator, services: Called) -> Changed:
    """Let devices connect."""
    return Changed(changed=await services.devices.set_enabled(actor, named.keys(), enabled=True))


@router.post("/devices/disable")
async def disable_devices(named: DevicesNamed, actor: Operator, services: Called) -> Changed:
    """Cut devices off and refuse them until they are enabled again."""
    return Changed(changed=await services.devices.set_enabled(actor, named.keys(), enabled=False))


@router.post("/devices/delete")
async def delete_devices(named: DevicesNamed, actor: Operator, services: Called) -> Changed:
    """Delete devices, for good; they are cut off."""
    return Changed(changed=await services.devices.delete(actor, named.keys()))


@router.post("/devices/tags", status_code=204)
async def change_tags_of_many(change: TagChangesOfMany, actor: Operator, services: Called) -> None:
    """Add, replace or remove the same tags on several devices."""
    await services.devices.change_tags(actor, change.keys(), change.tags)


@router.post(
    "/products/{product_key}" + IMPORT,
    response_class=Response,
    openapi_extra=CSV_BODY,
    responses=LINE_ANSWERS,
)
async def import_devices(product_key: ProductKey, request: Request, actor: Operator, services: Called) -> Response:
    """Create the devices of a list: comma-separated `device_name`, `nickname`, `secret`; a heading may name them.

    The answer has one line per line of the list, with the device's secret or with what is wrong with it. Good lines
    become devices whatever the others say, so that a corrected list can simply be sent again.
    """
    return await report(request, lambda pieces: services.imports.run(actor, product_key, pieces), _shown)


def _shown(result: RowResult | None) -> dict[str, str | None]:
    if result is None:
        return {"device_name": "", "device_secret": None}
    return {"device_name": result.device_name, "device_secret": result.secret}
