"""Groups of devices: the tree, and the queries of dynamic ones."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.paging import CountedPageOf, Cursor, Limit, Shown, counted
from linkops.api.rest.devices import DeviceName, DeviceShown, Word
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called
from linkops.devices.conditions.model import Condition, ConditionField
from linkops.devices.groups.model import GroupKind, NewGroup
from linkops.devices.model import DeviceKey

router = APIRouter(prefix="/api/v1", tags=["groups"])
GroupId = Annotated[int, Path(alias="id", ge=1, le=2**62)]
At = Annotated[int, Field(ge=0, le=2**53)]


class ConditionShown(BaseModel):
    """Something that holds for a device; which of the others a `field` takes is in the documentation of groups."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")

    field: ConditionField
    holds: bool | None = Field(None, description="Of online, enabled, activated (ever), version (any reported).")
    product_keys: tuple[Word, ...] | None = Field(None, description="Of product: one of these.")
    prefix: Word | None = Field(None, description="Of name_prefix.")
    key: Word | None = Field(None, description="Of tag.")
    value: Word | None = Field(None, description="Of tag; absent: any value.")
    module: Word | None = Field(None, description="Of version.")
    versions: tuple[Word, ...] | None = Field(None, description="Of version: one of these.")
    since_at: At | None = Field(None, description="Of activated: the first login was then or later.")
    before_at: At | None = Field(None, description="Of activated: the first login was earlier.")
    within_days: int | None = Field(None, le=2**31, description="Of activated: in the last so many days.")

    def condition(self) -> Condition:
        """Return the condition."""
        return Condition(**self.model_dump())


Conditions = Annotated[list[ConditionShown], Field(max_length=100)]


def _query(conditions: list[ConditionShown] | None) -> tuple[Condition, ...] | None:
    return None if conditions is None else tuple(condition.condition() for condition in conditions)


class GroupShown(Shown):
    """Some devices under one name."""

    id: int
    parent_id: int | None
    product_key: str | None = Field(description="Null: devices of all products.")
    name: str
    path: list[str] = Field(description="The names of the groups above it, the highest first, and its own.")
    description: str
    kind: GroupKind
    query: list[ConditionShown] = Field(description="Of a dynamic group: all of this holds for its devices.")
    level: int
    sub_groups: int = Field(description="How many groups are directly below it.")
    created_by: str
    created_at: int
    updated_at: int


class GroupCounted(GroupShown):
    """A group and how many devices it has now, with those of the groups below it."""

    devices: int
    devices_capped: bool = Field(description="Whether there are more than `devices`, which stops at 10,000.")


class GroupToCreate(BaseModel):
    """A group that is to be."""

    name: str = Field(max_length=64)
    description: str = Field("", max_length=100)
    product_key: Word | None = Field(None, description="Null: that of the parent; without one, all products.")
    parent_id: int | None = Field(None, ge=1, le=2**62)
    query: Conditions | None = Field(None, description="Given: the group is dynamic.")


class GroupChange(BaseModel):
    """What is to be another; what is absent stays."""

    name: str | None = Field(None, max_length=64)
    description: str | None = Field(None, max_length=100)
    query: Conditions | None = None


class Groups(BaseModel):
    """All groups that a device was put into."""

    items: list[GroupShown]


class Preview(BaseModel):
    """A query to try."""

    product_key: Word | None = Field(None, description="Null: all products that you may look at.")
    query: Conditions
    limit: int = Field(20, ge=1, le=200)


@router.get("/groups")
async def list_groups(
    actor: Viewer,
    services: Called,
    product_key: Annotated[Word | None, Query(description="Of this product only.")] = None,
    kind: GroupKind | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CountedPageOf[GroupShown]:
    """List groups as a tree: by name, each followed by those below it."""
    page = await services.groups.page(actor, product_key=product_key, kind=kind, cursor=cursor, limit=limit)
    return counted(page, GroupShown)


@router.post("/groups", status_code=201)
async def create_group(new: GroupToCreate, actor: Operator, services: Called) -> GroupShown:
    """Create a group: with a query a dynamic one, otherwise a static one, possibly below another."""
    wanted = NewGroup(
        name=new.name,
        description=new.description,
        product_key=new.product_key,
        parent_id=new.parent_id,
        query=_query(new.query),
    )
    return GroupShown.model_validate(await services.groups.create(actor, wanted))


@router.post("/groups/preview")
async def preview_group(preview: Preview, actor: Viewer, services: Called) -> CountedPageOf[DeviceShown]:
    """Count the devices that a dynamic group with this query would have now, and show the first of them."""
    page = await services.members.preview(actor, preview.product_key, _query(preview.query) or (), limit=preview.limit)
    items = [DeviceShown.of(row.device, row.tags) for row in page.items]
    return CountedPageOf(items=items, next=None, total=page.total, total_capped=page.total_is_more)


@router.get("/groups/{id}")
async def get_group(group_id: GroupId, actor: Viewer, services: Called) -> GroupCounted:
    """Show a group and how many devices it has now."""
    shown = GroupShown.model_validate(await services.groups.get(actor, group_id))
    devices = await services.members.count(actor, group_id)
    return GroupCounted(**shown.model_dump(), devices=devices.total, devices_capped=devices.total_is_more)


@router.patch("/groups/{id}")
async def edit_group(group_id: GroupId, change: GroupChange, actor: Operator, services: Called) -> GroupShown:
    """Change a group's name, description or query."""
    group = await services.groups.edit(
        actor, group_id, name=change.name, description=change.description, query=_query(change.query)
    )
    return GroupShown.model_validate(group)


@router.delete("/groups/{id}", status_code=204)
async def delete_group(group_id: GroupId, actor: Operator, services: Called) -> None:
    """Delete a group that has none below it. Its devices and their updates stay."""
    await services.groups.delete(actor, group_id)


@router.get("/products/{product_key}/devices/{device_name}/groups")
async def list_device_groups(
    product_key: ProductKey, device_name: DeviceName, actor: Viewer, services: Called
) -> Groups:
    """List the static groups that a device was put into."""
    groups = await services.groups.of_device(actor, DeviceKey(product_key, device_name))
    return Groups(items=[GroupShown.model_validate(group) for group in groups])
