"""Lists of devices by name, for jobs."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field
from starlette.responses import StreamingResponse

from linkops.api.auth import Operator
from linkops.api.paging import Shown
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called
from linkops.ota.device_lists.store import Refusal
from linkops.texts.refusals import language_of, text_of

router = APIRouter(prefix="/api/v1", tags=["jobs"])
DEVICE_LISTS = "/device-lists"
ListId = Annotated[int, Path(alias="id", ge=1, le=2**62)]
_ROWS_PER_PIECE = 500


class DeviceListShown(Shown):
    """Devices that were listed by name."""

    id: int
    devices: int = Field(description="Devices of the product, each once.")
    refused: int = Field(description="Lines that name no device of the product; see its refusals.")
    kept: bool = Field(description="Whether a job was made of it; otherwise it is deleted after an hour.")
    created_at: int


@router.post(
    "/products/{product_key}" + DEVICE_LISTS,
    status_code=201,
    openapi_extra={"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def upload_device_list(
    product_key: ProductKey, request: Request, actor: Operator, services: Called
) -> DeviceListShown:
    """Store the devices that the body names, one a line; a heading may name the column `device_name`."""
    return DeviceListShown.model_validate(await services.ota.device_lists.receive(actor, product_key, request.stream()))


@router.get(DEVICE_LISTS + "/{id}")
async def get_device_list(list_id: ListId, actor: Operator, services: Called) -> DeviceListShown:
    """Show a list."""
    return DeviceListShown.model_validate(await services.ota.device_lists.get(actor, list_id))


@router.get(
    DEVICE_LISTS + "/{id}/refusals.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def get_refusals(list_id: ListId, request: Request, actor: Operator, services: Called) -> Response:
    """Download the lines that name no device, and why."""
    await services.ota.device_lists.get(actor, list_id)
    language = language_of(request.headers.get("accept-language", ""))
    rows = _rows(services.ota.device_lists.refusals(actor, list_id), language)
    headers = {"Content-Disposition": f'attachment; filename="device-list-{list_id}-refusals.csv"'}
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)


async def _rows(refusals: AsyncIterator[Refusal], language: str) -> AsyncIterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "content", "code", "message"])
    async for number, refusal in _numbered(refusals):
        message = text_of(refusal.code, {"device": refusal.content}, language)
        writer.writerow([refusal.line, _inert(refusal.content), refusal.code, _inert(message)])
        if number % _ROWS_PER_PIECE == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


async def _numbered(refusals: AsyncIterator[Refusal]) -> AsyncIterator[tuple[int, Refusal]]:
    number = 0
    async for refusal in refusals:
        number += 1
        yield number, refusal


def _inert(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
