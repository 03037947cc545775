"""Tables about configuration as files, with the browser's cookie."""

from collections.abc import AsyncIterator
from operator import attrgetter

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from linkops.console.requests import actor_of, said, status_of
from linkops.console.state import console
from linkops.errors import Refused
from linkops.remote_config.pushes.lists.service import ResultFilter
from linkops.remote_config.pushes.model import Result, ResultStatus
from linkops.texts.spreadsheets import Cells, download

router = APIRouter()
_HEADING = tuple(name for name in Result.__struct_fields__ if name != "device_id")
_cells = attrgetter(*_HEADING)


@router.get("/configuration/pushes/{push_id}/results.csv")
async def results_file(request: Request, push_id: int, status: str = "") -> Response:
    """Send what became of a push as comma-separated values."""
    wanted = ResultFilter(status=ResultStatus(status) if status in set(ResultStatus) else None)
    try:
        actor = await actor_of(request)
        results = console().services.config_delivery.results.all_of_push(actor, push_id, wanted)
        return await download(f"push-{push_id}-devices.csv", _HEADING, _rows(results))
    except Refused as refused:
        return PlainTextResponse(said(request, refused), status_of(refused))


async def _rows(parts: AsyncIterator[list[Result]]) -> AsyncIterator[list[Cells]]:
    async for results in parts:
        yield [_cells(result) for result in results]
