"""Devices: lists, and creating them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.paging import CountedPageOf, Place
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called
from linkops.devices.model import Device, DeviceKey, DeviceState, NewDevice
from linkops.devices.search.model import DeviceFilter, Order
from linkops.devices.service import MAX_COUNT
from linkops.devices.topology.model import Place as DevicePlace

router = APIRouter(prefix="/api/v1", tags=["devices"])
DeviceName = Annotated[str, Path(max_length=32)]
Word = Annotated[str, Field(max_length=128)]


class DeviceShown(BaseModel):
    """A device, without its secret."""

    product_key: str
    device_name: str
    nickname: str
    state: DeviceState
    enabled: bool
    online: bool
    online_at: int | None = Field(description="Of the last login.")
    offline_at: int | None
    last_seen_at: int | None
    activated_at: int | None = Field(description="Of the first login ever.")
    address: str | None = Field(description="Of the last connection.")
    sdk_language: str | None
    sdk_version: str | None
    created_at: int
    updated_at: int
    tags: dict[str, str]

    @classmethod
    def of(cls, device: Device, tags: dict[str, str]) -> "DeviceShown":
        """Return what is shown of a device."""
        shown = {name: getattr(device, name, None) for name in cls.model_fields}
        return cls.model_validate({**shown, **device.key._asdict(), "tags": tags})


class DeviceNames(BaseModel):
    """A device, named."""

    product_key: str
    device_name: str

    @classmethod
    def of(cls, key: DeviceKey) -> "DeviceNames":
        """Return the names of a device."""
        return cls(product_key=key.product_key, device_name=key.device_name)


class DeviceInPlace(DeviceShown):
    """A device, without its secret, and where it stands."""

    gateway: DeviceNames | None = Field(description="Of a sub-device: on which gateway it hangs.")
    sub_devices: int = Field(description="How many sub-devices hang on it.")

    @classmethod
    def at(cls, shown: DeviceShown, place: DevicePlace) -> "DeviceInPlace":
        """Return a device with its place."""
        gateway = None if place.gateway is None else DeviceNames.of(place.gateway)
        return cls(**shown.model_dump(), gateway=gateway, sub_devices=place.sub_devices)


class NewDeviceShown(BaseModel):
    """A device that was just created, with the secret that goes into its firmware."""

    product_key: str
    device_name: str
    device_secret: str

    @classmethod
    def of(cls, device: NewDevice) -> "NewDeviceShown":
        """Return what is shown of a new device."""
        return cls(**device.key._asdict(), device_secret=device.secret)


class DeviceToCreate(BaseModel):
    """A device that is to be; what is null is generated."""

    device_name: str | None = Field(None, max_length=32)
    nickname: str = Field("", max_length=64)
    device_secret: str | None = Field(None, max_length=64, description="Of a device in the field that has one.")


class Count(BaseModel):
    """How many devices."""

    count: int = Field(ge=1, le=MAX_COUNT)


class Created(BaseModel):
    """Devices that were just created."""

    items: list[NewDeviceShown]


class Wanted(BaseModel):
    """Which devices, in which order; what is absent is left open."""

    model_config = ConfigDict(extra="forbid")

    product_key: Word | None = None
    name_prefix: Word = ""
    online: bool | None = None
    enabled: bool | None = None
    activated: bool | None = None
    tag_key: Word | None = None
    tag_value: Word | None = None
    module: Word | None = None
    version: Word | None = None
    group_id: int | None = Field(None, ge=1, le=2**62, description="Of this group, or one below it.")
    order: Order = Order.NAME
    cursor: Place | None = None
    limit: int = Field(50, ge=1, le=200)

    def filter(self) -> DeviceFilter:
        """Return the filter."""
        return DeviceFilter(**self.model_dump(exclude={"order", "cursor", "limit"}))


@router.get("/devices")
async def list_devices(
    actor: Viewer, services: Called, wanted: Annotated[Wanted, Query()]
) -> CountedPageOf[DeviceShown]:
    """List devices of the products that you may look at."""
    page = await services.search.page(
        actor, wanted.filter(), order=wanted.order, cursor=wanted.cursor, limit=wanted.limit
    )
    items = [DeviceShown.of(row.device, row.tags) for row in page.items]
    return CountedPageOf(items=items, next=page.next, total=page.total, total_capped=page.total_is_more)


@router.post("/products/{product_key}/devices", status_code=201)
async def create_device(
    product_key: ProductKey, new: DeviceToCreate, actor: Operator, services: Called
) -> NewDeviceShown:
    """Create a device; its secret is in the answer."""
    created = await services.devices.create(
        actor, product_key, new.device_name, nickname=new.nickname, secret=new.device_secret
    )
    return NewDeviceShown.of(created)


@router.post("/products/{product_key}/devices/generate", status_code=201)
async def generate_devices(product_key: ProductKey, wanted: Count, actor: Operator, services: Called) -> Created:
    """Create so many devices with generated names; their secrets are in the answer."""
    created = await services.devices.create_many(actor, product_key, wanted.count)
    return Created(items=[NewDeviceShown.of(device) for device in created])


@router.get("/products/{product_key}/devices/{device_name}")
async def get_device(
    product_key: ProductKey, device_name: DeviceName, actor: Viewer, services: Called
) -> DeviceInPlace:
    """Show a device."""
    key = DeviceKey(product_key, device_name)
    device = await services.devices.get(actor, key)
    shown = DeviceShown.of(device, await services.devices.tags(actor, key))
    return DeviceInPlace.at(shown, await services.topology.place(actor, key))
