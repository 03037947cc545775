"""``linkops job edit``, ``pause``, ``resume``, ``approve``, ``clone`` and ``cancel``: what a running job is told."""

from typing import Annotated, Any

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.job_create import begun
from linkops.cli.job_keys import JobId, job_path
from linkops.cli.job_pace import Pace, pace_body
from linkops.cli.job_strategy import seconds
from linkops.cli.job_view import counts, holds, pace
from linkops.cli.notation import ABORT_HELP, WINDOW_HELP, read_abort, read_all, read_tags, read_window
from linkops.cli.option_groups import grouped
from linkops.cli.output import AsJson, Yes, confirm, say

_LIVE = "CONFIRM, QUEUED, NOTIFIED or IN_PROGRESS"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (edit, pause, resume, approve, clone, cancel):
        app.command()(command)


@grouped
def edit(
    job: JobId,
    new_pace: Pace,
    tag: Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="Tags instead of those before.")] = None,
    no_tags: Annotated[bool, typer.Option("--no-tags", help="No tags any more.")] = False,
    window: Annotated[list[str] | None, typer.Option(metavar="WINDOW", help=f"{WINDOW_HELP} Instead.")] = None,
    no_windows: Annotated[bool, typer.Option("--no-windows", help="No windows of its own any more.")] = False,
    abort: Annotated[list[str] | None, typer.Option(metavar="LIMIT", help=f"{ABORT_HELP} Instead.")] = None,
    no_aborts: Annotated[bool, typer.Option("--no-aborts", help="Failures do not stop it any more.")] = False,
    source_version: Annotated[
        list[str] | None, typer.Option("--from", help="Of dynamic jobs: these versions instead, from now on.")
    ] = None,
    timeout_min: Annotated[
        float | None, typer.Option(min=0, help="Of dynamic jobs, for devices from now on; 0: never.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change a running job; what is not said stays. A constant rate stays one, a growing rate goes on growing.

    Examples:
      linkops job edit 12 --rate 5000
      linkops job edit 12 --rate-most 2000
      linkops job edit 12 --abort 5%/200 --window "daily 01:00-05:00 UTC"
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    change: dict[str, Any] = {
        **_instead("tags", read_tags(tag or []), none=no_tags),
        **_instead("windows", read_all(read_window, window or []), none=no_windows),
        **_instead("abort", read_all(read_abort, abort or []), none=no_aborts),
        **({"source_versions": source_version} if source_version else {}),
        **({} if timeout_min is None else {"timeout_s": seconds(timeout_min)}),
    }
    with connect() as client:
        change |= pace_body(new_pace, required=False, before=client.get(job_path(job))["growth"])
        if not change:
            raise CommandFailed("Say what is to be another: linkops job edit --help")
        changed = client.patch(job_path(job), change)
    say(f"Changed the job {job}: {pace(changed)}.", changed, as_json=as_json)


def _instead(name: str, given: Any, *, none: bool) -> dict[str, Any]:
    if none and given:
        raise CommandFailed(f"Say either what the {name} are, or that there are none.")
    return {name: given} if given or none else {}


def pause(job: JobId, as_json: AsJson = False) -> None:
    """Offer nothing new from now on; devices that are updating go on."""
    held = _told(job, "pause")
    say(f"Paused the job {job}. Go on: linkops job resume {job}", held, as_json=as_json)


def resume(job: JobId, as_json: AsJson = False) -> None:
    """Let a job go on that was paused, or that waits after a stage."""
    say(f"The job {job} goes on.", _told(job, "resume"), as_json=as_json)


def approve(
    job: JobId,
    override: Annotated[
        bool, typer.Option("--override", help="Your own job, as the only administrator; the audit trail says so.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let a job start that somebody else has created."""
    approved = _told(job, "approve", {"override": override})
    say(f"Approved the job {job}.", approved, as_json=as_json)


def _told(job: int, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        return client.post(f"{job_path(job)}/{what}", body)


def clone(
    job: JobId,
    package: Annotated[int | None, typer.Option(min=1, help="Another package of the product; else the same.")] = None,
    as_json: AsJson = False,
) -> None:
    """Start a job like this one at once, for the same devices as far as they still need it.

    Example:
      linkops job clone 12 --package 13
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        made = client.create(f"{job_path(job)}/clone", {"package_id": package})
    say(begun(made), made, as_json=as_json)


def cancel(
    job: JobId,
    status: Annotated[
        list[str] | None, typer.Option(help=f"Only tasks in this status: {_LIVE}; may be repeated. Else all of them.")
    ] = None,
    stop: Annotated[
        bool | None,
        typer.Option(
            "--stop/--keep-matching",
            help="Select no more devices, or go on selecting. Else dynamic jobs stop, and others with QUEUED tasks.",
        ),
    ] = None,
    leave_tasks: Annotated[
        bool, typer.Option("--leave-tasks", help="Cancel no task: only select no more devices.")
    ] = False,
    reason: Annotated[str, typer.Option(help="For those who read the history.")] = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """End a rollout. Nothing is sent to devices; one under way may still finish.

    Examples:
      linkops job cancel 12 --reason "too many failures"
      linkops job cancel 12 --status CONFIRM --status QUEUED
      linkops job cancel 12 --leave-tasks
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    body = _cancellation(status, stop, leave_tasks=leave_tasks) | {"reason": reason}
    confirm(f"Cancel {_what(body)} of the job {job}?", yes=yes)
    with connect() as client:
        canceled = client.post(f"{job_path(job)}/cancel", body)
    verb = "Canceled the job" if canceled["status"] == "CANCELED" else "Canceled tasks of the job"
    left = f" {held}" if (held := holds(canceled)) and canceled["status"] != "CANCELED" else ""
    say(f"{verb} {job}: {counts(canceled) or 'no tasks'}.{left}", canceled, as_json=as_json)


def _cancellation(statuses: list[str] | None, stop: bool | None, *, leave_tasks: bool) -> dict[str, Any]:
    if leave_tasks and (statuses or stop is False):
        raise CommandFailed("--leave-tasks cancels no tasks: leave --status and --keep-matching out.")
    if leave_tasks:
        return {"statuses": [], "stop": True}
    said: dict[str, Any] = {} if stop is None else {"stop": stop}
    return said | ({"statuses": [status.upper() for status in statuses]} if statuses else {})


def _what(body: dict[str, Any]) -> str:
    if body.get("statuses") == []:
        return "the selecting"
    return f"the {' and '.join(body['statuses'])} tasks" if "statuses" in body else "all unfinished tasks"
