"""Files about rollouts, with the browser's cookie: lists of devices that go in, and tables that come out."""

from collections.abc import AsyncIterator
from operator import attrgetter

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from linkops.console.requests import actor_of, arriving, said, status_of
from linkops.console.state import console
from linkops.console.visitors import preferences_of
from linkops.errors import Refused
from linkops.ota.device_lists.store import Refusal
from linkops.ota.model import FailureKind, Task, TaskStatus
from linkops.ota.tasks.service import TaskFilter
from linkops.texts.refusals import text_of
from linkops.texts.spreadsheets import Cells, download

router = APIRouter()
_HEADING = tuple(Task.__struct_fields__)
_cells = attrgetter(*_HEADING)
_REFUSALS_PER_PART = 500


@router.get("/jobs/{job_id}/tasks.csv")
async def tasks_file(request: Request, job_id: int, status: str = "", failure_kind: str = "") -> Response:
    """Send the tasks of a rollout as comma-separated values."""
    try:
        wanted = TaskFilter(
            status=TaskStatus(status) if status in set(TaskStatus) else None,
            failure_kind=FailureKind(failure_kind) if failure_kind in set(FailureKind) - {""} else None,
        )
        tasks = console().services.ota.tasks.results(await actor_of(request), job_id, wanted)
        return await download(f"rollout-{job_id}-devices.csv", _HEADING, _task_rows(tasks))
    except Refused as refused:
        return PlainTextResponse(said(request, refused), status_of(refused))


@router.post("/device-lists")
async def receive_list(request: Request, product_key: str) -> Response:
    """Take a file with a device name in each line; answers its number and how many devices it names."""
    try:
        found = await console().services.ota.device_lists.receive(
            await actor_of(request), product_key, arriving(request)
        )
    except Refused as refused:
        return JSONResponse({"problem": said(request, refused)}, status_of(refused))
    return JSONResponse({"id": found.id, "devices": found.devices, "refused": found.refused})


@router.get("/device-lists/{list_id}/refusals.csv")
async def refusals_file(request: Request, list_id: int) -> Response:
    """Send the lines of such a file that name no device."""
    language = preferences_of(request).language
    try:
        refusals = console().services.ota.device_lists.refusals(await actor_of(request), list_id)
        rows = _refusal_rows(refusals, language)
        return await download(f"device-list-{list_id}-refusals.csv", ("line", "content", "reason"), rows)
    except Refused as refused:
        return PlainTextResponse(said(request, refused), status_of(refused))


async def _task_rows(parts: AsyncIterator[list[Task]]) -> AsyncIterator[list[Cells]]:
    async for tasks in parts:
        yield [_cells(task) for task in tasks]


async def _refusal_rows(refusals: AsyncIterator[Refusal], language: str) -> AsyncIterator[list[Cells]]:
    part: list[Cells] = []
    async for one in refusals:
        part.append((one.line, one.content, text_of(one.code, {"device": one.content}, language)))
        if len(part) == _REFUSALS_PER_PART:
            yield part
            part = []
    yield part
