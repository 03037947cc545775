"""The devices of groups."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from linkops.api.auth import Operator, Viewer
from linkops.api.line_reports import CSV_BODY, LINE_ANSWERS, report
from linkops.api.paging import CountedPageOf, Cursor, Limit
from linkops.api.rest.devices import DeviceShown
from linkops.api.rest.groups import GroupId
from linkops.api.rest.many_devices import Changed, DevicesNamed
from linkops.api.services import Called
from linkops.devices.groups.members.rows import MemberResult

router = APIRouter(prefix="/api/v1/groups/{id}", tags=["groups"])
MEMBERS_IMPORT = "/members/import"


@router.get("/members")
async def list_members(
    group_id: GroupId,
    actor: Viewer,
    services: Called,
    direct: Annotated[bool, Query(description="Leave out what only groups below it have.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CountedPageOf[DeviceShown]:
    """List the devices that a group has now, product by product, the first registered first."""
    page = await services.members.page(actor, group_id, direct=direct, cursor=cursor, limit=limit)
    items = [DeviceShown.of(row.device, row.tags) for row in page.items]
    return CountedPageOf(items=items, next=page.next, total=page.total, total_capped=page.total_is_more)


@router.post("/members")
async def add_members(group_id: GroupId, named: DevicesNamed, actor: Operator, services: Called) -> Changed:
    """Put devices into a static group; the answer counts those that were not in it."""
    return Changed(changed=await services.members.add(actor, group_id, named.keys()))


@router.post("/members/remove")
async def remove_members(group_id: GroupId, named: DevicesNamed, actor: Operator, services: Called) -> Changed:
    """Take devices out of a static group. Updates that they are part of go on."""
    return Changed(changed=await services.members.remove(actor, group_id, named.keys()))


@router.post(MEMBERS_IMPORT, response_class=Response, openapi_extra=CSV_BODY, responses=LINE_ANSWERS)
async def import_members(group_id: GroupId, request: Request, actor: Operator, services: Called) -> Response:
    """Put the devices of a list into a static group: comma-separated `device_name`, `product_key`.

    The key may be missing in a group of one product; a heading may name the columns. The answer has one line per line
    of the list. Good lines become members whatever the others say, so that a corrected list can simply be sent again.
    """
    return await report(request, lambda pieces: services.member_imports.run(actor, group_id, pieces), _shown)


def _shown(result: MemberResult | None) -> dict[str, str | None]:
    if result is None:
        return {"product_key": "", "device_name": ""}
    return {"product_key": result.product_key, "device_name": result.device_name}
