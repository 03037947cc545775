"""``linkops job watch``."""

from typing import Annotated

import typer

from linkops.cli.failures import CommandFailed, ExitCode
from linkops.cli.job_keys import JobId
from linkops.cli.output import AsJson


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(watch)


def watch(
    job: JobId,
    as_json: AsJson = False,
    interval_s: Annotated[float, typer.Option("--interval", min=0.2, help="Seconds between two looks.")] = 1.0,
) -> None:
    """Watch a rollout until it ends. Ctrl-C ends the watching, not the rollout.

    The exit code is 0 when every device succeeded, 5 when a task failed or was canceled. With --json a line is printed
    for each look.
    """
    from linkops.cli.client import connect  # noqa: PLC0415
    from linkops.cli.watch import follow  # noqa: PLC0415

    with connect() as client:
        try:
            summary = follow(client, job, interval_s=interval_s, as_json=as_json)
        except KeyboardInterrupt:
            raise CommandFailed(f"The job {job} goes on: linkops job watch {job}", ExitCode.INTERRUPTED) from None
    unfinished = sum(count for status, count in summary["counts"].items() if status != "SUCCEEDED")
    if unfinished:
        raise CommandFailed(
            f"{unfinished:,} tasks did not succeed: linkops job tasks {job} --status FAILED", ExitCode.ROLLOUT_FAILED
        )
