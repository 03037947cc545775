"""Gateways: their sub-devices, what they found, and what they are asked."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.paging import CountedPageOf, Cursor, Limit, Shown
from linkops.api.rest.device import Key
from linkops.api.rest.devices import DeviceNames, DeviceShown, Word
from linkops.api.rest.many_devices import Changed, DevicesNamed
from linkops.api.services import Called
from linkops.devices.topology.joining.service import MAX_PERMIT_S
from linkops.devices.topology.model import FoundDevice, RequestKind, SubDevice

router = APIRouter(prefix="/api/v1/products/{product_key}/devices/{device_name}", tags=["gateways"])
Online = Annotated[bool | None, Query(description="Logged in now, or not.")]
Prefix = Annotated[str, Query(max_length=32, description="How names begin.")]


class SubDeviceShown(DeviceShown):
    """A sub-device, without its secret."""

    added_at: int = Field(description="Since when it hangs on this gateway.")

    @classmethod
    def of_sub(cls, sub: SubDevice) -> "SubDeviceShown":
        """Return what is shown of a sub-device."""
        return cls(**DeviceShown.of(sub.device, sub.tags).model_dump(), added_at=sub.added_at)


class FoundShown(DeviceNames):
    """A device that a gateway saw and has not got."""

    found_at: int = Field(description="When it was last reported.")
    registered: bool = Field(description="Whether the registry has it; only then can the gateway add it.")
    gateway: DeviceNames | None = Field(description="Whose sub-device it is now.")

    @classmethod
    def of_found(cls, found: FoundDevice) -> "FoundShown":
        """Return what is shown of it."""
        gateway = None if found.gateway is None else DeviceNames.of(found.gateway)
        return cls(**found.key._asdict(), found_at=found.found_at, registered=found.registered, gateway=gateway)


class FoundDevices(BaseModel):
    """What is kept of a gateway's reports: the newest 200."""

    items: list[FoundShown]


class Permit(BaseModel):
    """A join window."""

    product_key: Word = Field(description="Of the sub-devices that may join.")
    seconds: int = Field(60, ge=1, le=MAX_PERMIT_S)


class RequestShown(Shown):
    """The last request of a kind to a gateway."""

    kind: RequestKind = Field(description="`change`: it was told of a change; `add`, `permit`: it was asked.")
    sent_at: int
    ends_at: int | None = Field(description="When a join window closes.")
    answer_code: int | None = Field(description="What the gateway answered, 200 for done; null: nothing yet.")
    answered_at: int | None


class Requests(BaseModel):
    """What a gateway was last asked and told."""

    items: list[RequestShown]


@router.get("/sub-devices")
async def list_sub_devices(
    key: Key,
    actor: Viewer,
    services: Called,
    online: Online = None,
    name_prefix: Prefix = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CountedPageOf[SubDeviceShown]:
    """List a gateway's sub-devices, product by product, by name; of the products that you may look at."""
    page = await services.topology.page(actor, key, online=online, prefix=name_prefix, cursor=cursor, limit=limit)
    items = [SubDeviceShown.of_sub(sub) for sub in page.items]
    return CountedPageOf(items=items, next=page.next, total=page.total, total_capped=page.total_is_more)


@router.post("/sub-devices/bind")
async def bind_sub_devices(key: Key, named: DevicesNamed, actor: Operator, services: Called) -> Changed:
    """Make devices sub-devices of a gateway, which is told; one that hangs on another gateway moves."""
    return Changed(changed=await services.topology.bind(actor, key, named.keys()))


@router.post("/sub-devices/unbind")
async def unbind_sub_devices(key: Key, named: DevicesNamed, actor: Operator, services: Called) -> Changed:
    """Take sub-devices from a gateway, which is told; their sessions end."""
    return Changed(changed=await services.topology.unbind(actor, key, named.keys()))


@router.post("/sub-devices/ask-to-add", status_code=202)
async def ask_to_add_sub_devices(key: Key, named: DevicesNamed, actor: Operator, services: Called) -> Requests:
    """Ask a gateway that is online to add devices itself; its answer is seen later, in its requests."""
    await services.joining.ask_to_add(actor, key, named.keys())
    return await list_requests(key, actor, services)


@router.post("/permit", status_code=202)
async def permit_joining(key: Key, permit: Permit, actor: Operator, services: Called) -> Requests:
    """Ask a gateway that is online to let devices of a product join for some time."""
    await services.joining.permit(actor, key, permit.product_key, permit.seconds)
    return await list_requests(key, actor, services)


@router.get("/gateway-requests")
async def list_requests(key: Key, actor: Viewer, services: Called) -> Requests:
    """Show what a gateway was last asked and told, and what it answered."""
    requests = await services.joining.requests(actor, key)
    return Requests(items=[RequestShown.model_validate(request) for request in requests])


@router.get("/found-devices")
async def list_found_devices(key: Key, actor: Viewer, services: Called) -> FoundDevices:
    """List devices that a gateway saw and has not got, the newest first; of the products that you may look at."""
    return FoundDevices(items=[FoundShown.of_found(found) for found in await services.joining.found(actor, key)])
