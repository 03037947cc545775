"""How commands name a job."""

from typing import Annotated

import typer

JobId = Annotated[int, typer.Argument(metavar="JOB", min=1, help="A job's number.")]


def job_path(job: int) -> str:
    """Return the route of a job."""
    return f"/ota/jobs/{job}"
