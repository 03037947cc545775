"""What became of every device of a job, as a file."""

from collections.abc import AsyncIterator
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from linkops.api.auth import Viewer
from linkops.api.rest.jobs import JobId
from linkops.api.rest.tasks import TaskShown
from linkops.api.services import Called
from linkops.ota.model import FailureKind, Task, TaskStatus
from linkops.ota.tasks.service import TaskFilter
from linkops.texts.spreadsheets import CSV_ANSWER, Cells, download

router = APIRouter(prefix="/api/v1/ota/jobs", tags=["jobs"])
_HEADING = tuple(TaskShown.model_fields)
_cells = attrgetter(*_HEADING)


class ResultsAsked(BaseModel):
    """Which tasks; absent: all."""

    model_config = ConfigDict(extra="forbid")

    status: TaskStatus | None = None
    failure_kind: FailureKind | None = None


@router.get("/{id}/tasks.csv", response_class=Response, responses=CSV_ANSWER)
async def download_results(
    job_id: JobId, actor: Viewer, services: Called, asked: Annotated[ResultsAsked, Query()]
) -> Response:
    """Download a job's tasks as comma-separated values, in the order in which they were made.

    Columns are the members of a task. Text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    wanted = TaskFilter(status=asked.status, failure_kind=asked.failure_kind)
    tasks = services.ota.tasks.results(actor, job_id, wanted)
    return await download(f"job-{job_id}-tasks.csv", _HEADING, _rows(tasks))


async def _rows(parts: AsyncIterator[list[Task]]) -> AsyncIterator[list[Cells]]:
    async for tasks in parts:
        yield [_cells(task) for task in tasks]
