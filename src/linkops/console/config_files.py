"""Tables about configuration as files, with the browser's cookie."""

from collections.abc import AsyncIterator
from operator import attrgetter

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from linkops.console.state import console
from linkops.console.visitors import COOKIE, preferences_of
from linkops.errors import Forbidden, NotFound, Refused, Unauthenticated
from linkops.remote_config.pushes.lists.service import ResultFilter
from linkops.remote_config.pushes.model import Result, ResultStatus
from linkops.texts.refusals import text_of
from linkops.texts.spreadsheets import Cells, download

router = APIRouter()
_HEADING = tuple(name for name in Result.__struct_fields__ if name != "device_id")
_cells = attrgetter(*_HEADING)
_STATUS: dict[type[Refused], int] = {Unauthenticated: 401, Forbidden: 403, NotFound: 404}


@router.get("/configuration/pushes/{push_id}/results.csv")
async def results_file(request: Request, push_id: int, status: str = "") -> Response:
    """Send what became of a push as comma-separated values."""
    shared, address = console(), request.client.host if request.client else ""
    wanted = ResultFilter(status=ResultStatus(status) if status in set(ResultStatus) else None)
    try:
        actor = await shared.services.tokens.authenticate(request.cookies.get(COOKIE, ""), address)
        results = shared.services.config_delivery.results.all_of_push(actor, push_id, wanted)
        return await download(f"push-{push_id}-devices.csv", _HEADING, _rows(results))
    except Refused as refused:
        text = text_of(refused.code, refused.params, preferences_of(request).language)
        return PlainTextResponse(text, next((code for kind, code in _STATUS.items() if isinstance(refused, kind)), 400))


async def _rows(parts: AsyncIterator[list[Result]]) -> AsyncIterator[list[Cells]]:
    async for results in parts:
        yield [_cells(result) for result in results]
