"""Pushes of configuration: begin, look at, continue, cancel."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict

from linkops.api.auth import Operator, Viewer
from linkops.api.idempotency import OnceOnly
from linkops.api.paging import CountedPageOf, Cursor, Limit, counted_by
from linkops.api.rest.config_push_shown import PushPreview, PushShown, PushToBegin, StageToLeave, push_shown
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called
from linkops.remote_config.pushes.model import PushStatus

router = APIRouter(prefix="/api/v1", tags=["remote configuration"])
PushId = Annotated[int, Path(alias="id", ge=1, le=2**62)]
_OF_PRODUCT = "/products/{product_key}/configuration/pushes"
_ONE = "/configuration/pushes/{id}"


class PushesAsked(BaseModel):
    """Which pushes; absent: all."""

    model_config = ConfigDict(extra="forbid")

    status: PushStatus | None = None
    cursor: Cursor = None
    limit: Limit = 50


@router.post(_OF_PRODUCT, status_code=201, response_model=PushShown)
async def begin_push(
    product_key: ProductKey, wanted: PushToBegin, actor: Operator, services: Called, once: OnceOnly
) -> Response:
    """Push the newest configuration to the devices that are enabled, those that are away when they come online."""

    async def begin() -> PushShown:
        return push_shown(await services.config_delivery.pushes.begin(actor, wanted.of(product_key)))

    return await once(actor, begin)


@router.post(f"{_OF_PRODUCT}/preview")
async def preview_push(product_key: ProductKey, wanted: PushToBegin, actor: Operator, services: Called) -> PushPreview:
    """Show what such a push would do, and whether it may begin now; nothing is stored."""
    return PushPreview.model_validate(await services.config_delivery.pushes.preview(actor, wanted.of(product_key)))


@router.get(_OF_PRODUCT)
async def list_pushes(
    product_key: ProductKey, actor: Viewer, services: Called, asked: Annotated[PushesAsked, Query()]
) -> CountedPageOf[PushShown]:
    """List a product's pushes, the newest first."""
    pushes = services.config_delivery.pushes
    page = await pushes.page(actor, product_key, status=asked.status, cursor=asked.cursor, limit=asked.limit)
    return counted_by(page, push_shown)


@router.get(_ONE)
async def get_push(push_id: PushId, actor: Viewer, services: Called) -> PushShown:
    """Show a push."""
    return push_shown(await services.config_delivery.pushes.get(actor, push_id))


@router.post(f"{_ONE}/continue")
async def continue_push(push_id: PushId, leave: StageToLeave, actor: Operator, services: Called) -> PushShown:
    """Begin the next stage, whatever the devices of this one came to."""
    return push_shown(await services.config_delivery.pushes.go_on(actor, push_id, leave.stage))


@router.post(f"{_ONE}/cancel")
async def cancel_push(push_id: PushId, actor: Operator, services: Called) -> PushShown:
    """End a push; when this is answered, nobody is told of it any more. What devices do with it is still recorded."""
    return push_shown(await services.config_delivery.pushes.cancel(actor, push_id))
