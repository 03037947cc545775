"""Several devices at once. A call is refused whole if one of its devices is not yours."""

import tempfile
from collections.abc import AsyncIterator

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from linkops.api.auth import Operator
from linkops.api.rest.device import TagChanges
from linkops.api.rest.devices import Word
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called
from linkops.api.texts import language_of, text_of
from linkops.devices.access import MAX_BULK
from linkops.devices.imports.rows import RowResult
from linkops.devices.model import DeviceKey
from linkops.errors import Refused

router = APIRouter(prefix="/api/v1", tags=["devices"])
IMPORT = "/devices/import"
_PIECE_BYTES = 256 * 2**10
_ROWS_PER_PIECE = 500


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
    openapi_extra={
        "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}},
    },
    responses={
        200: {"description": "One JSON object a line.", "content": {"application/x-ndjson": {"schema": {}}}},
    },
)
async def import_devices(product_key: ProductKey, request: Request, actor: Operator, services: Called) -> Response:
    """Create the devices of a list: comma-separated `device_name`, `nickname`, `secret`; a heading may name them.

    The answer has one line per line of the list, with the device's secret or with what is wrong with it. Good lines
    become devices whatever the others say, so that a corrected list can simply be sent again.
    """
    results = services.imports.run(actor, product_key, _spooled(request))
    first = await anext(results, None)  # what refuses the whole list does so before the answer begins
    lines = _lines(first, results, language_of(request.headers.get("accept-language", "")))
    return StreamingResponse(lines, media_type="application/x-ndjson")


async def _spooled(request: Request) -> AsyncIterator[bytes]:
    """Yield the body once it is here: a client that sends all before it reads must not wait for a server that waits."""
    with tempfile.TemporaryFile() as file:
        async for piece in request.stream():
            await run_in_threadpool(file.write, piece)
        file.seek(0)
        while piece := await run_in_threadpool(file.read, _PIECE_BYTES):
            yield piece


async def _lines(first: RowResult | None, rest: AsyncIterator[RowResult], language: str) -> AsyncIterator[bytes]:
    waiting = [] if first is None else [_line(first, language)]
    last = 0 if first is None else first.line
    try:
        async for result in rest:
            last = result.line
            waiting.append(_line(result, language))
            if len(waiting) >= _ROWS_PER_PIECE:
                yield b"".join(waiting)
                waiting.clear()
    except Refused as refused:  # what came before keeps its results, so the end of them is said in a line as well
        code = refused.code
        waiting.append(_encoded(last + 1, "", None, code, text_of(code, refused.params, language)))
    yield b"".join(waiting)


def _line(result: RowResult, language: str) -> bytes:
    message = None if result.code is None else text_of(result.code, {"device_name": result.device_name}, language)
    return _encoded(result.line, result.device_name, result.secret, result.code, message)


def _encoded(line: int, device_name: str, secret: str | None, code: str | None, message: str | None) -> bytes:
    row = {"line": line, "device_name": device_name, "device_secret": secret, "code": code, "message": message}
    return msgspec.json.encode(row) + b"\n"
