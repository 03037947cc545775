"""``linkops job tasks``, ``task``, ``confirm`` and ``again``: single devices' parts of a rollout."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.job_keys import JobId, job_path
from linkops.cli.output import AsJson, Column, Most, at, print_json, print_list, print_one, say

if TYPE_CHECKING:
    from linkops.cli.client import Client

_TASKS_PER_CALL = 200
_TASKS = [
    Column("id", lambda row: str(row["id"]), right=True),
    Column("device", "device_name"),
    Column("from", "source_version"),
    Column("status", "status"),
    Column("step", "step", right=True),
    Column("attempt", "attempt", right=True),
    Column("why", "failure_kind"),
    Column("said", "description"),
    Column("again at", at("retry_at")),
    Column("since", at("updated_at")),
]
_SHOWN = [
    *_TASKS,
    Column("job", lambda row: str(row["job_id"])),
    Column("package", "package_name"),
    Column("module", "module"),
    Column("to", "version"),
    Column("retries", "retries"),
    Column("made", at("created_at")),
    Column("first offer", at("notified_at")),
    Column("first progress", at("progress_at")),
    Column("times out", at("timeout_at")),
    Column("ended", at("ended_at")),
]
_CHANGES = [
    Column("at", at("at")),
    Column("status", "status"),
    Column("attempt", "attempt", right=True),
    Column("why", "reason"),
]
TaskIds = Annotated[list[int] | None, typer.Argument(metavar="[TASK]...", help="Tasks by their numbers.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (tasks, task, confirm, again):
        app.command()(command)


def tasks(
    job: JobId,
    status: Annotated[str | None, typer.Option(help="As in FAILED.")] = None,
    why: Annotated[str | None, typer.Option(help="As in download, verify, timeout.")] = None,
    prefix: Annotated[str | None, typer.Option(help="Device names that begin so.")] = None,
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List what became of each device.

    Example:
      linkops job tasks 12 --status FAILED --why download
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items(f"{job_path(job)}/tasks", limit, status=status, failure_kind=why, device_name_prefix=prefix)
        print_list(rows, _TASKS, as_json=as_json, none="No such tasks.")


def task(
    task_id: Annotated[int, typer.Argument(metavar="TASK", min=1, help="A task's number: linkops job tasks JOB.")],
    as_json: AsJson = False,
) -> None:
    """Show one device's part of a rollout, and everything that happened to it."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        found = client.get(f"/ota/tasks/{task_id}")
    if as_json:
        print_json(found)
        return
    print_one(found["task"], _SHOWN, as_json=False)
    typer.echo()
    print_list(found["changes"], _CHANGES, as_json=False, none="Nothing happened to it since it was made.")


def confirm(
    task_ids: TaskIds = None,
    job: Annotated[int | None, typer.Option(min=1, help="All tasks of this job that wait for it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let devices be told of updates that wait for confirmation.

    Examples:
      linkops job confirm 481 482
      linkops job confirm --job 12
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    if bool(task_ids) is (job is not None):
        raise CommandFailed("Say which tasks: linkops job confirm TASK… or --job JOB.")
    with connect() as client:

        def send(ids: list[int]) -> int:
            return int(client.post("/ota/tasks/confirm", {"task_ids": ids})["changed"])

        waiting = iter(task_ids or []) if job is None else _ids(client, job, status="CONFIRM")
        changed = _in_chunks(waiting, send)
    say(f"Confirmed {changed:,} tasks.", {"changed": changed}, as_json=as_json)


def again(
    job: JobId,
    task_ids: TaskIds = None,
    failed: Annotated[bool, typer.Option("--failed", help="All tasks that failed.")] = False,
    canceled: Annotated[bool, typer.Option("--canceled", help="All tasks that were canceled.")] = False,
    why: Annotated[str | None, typer.Option(help="With --failed: only those, as in download, verify, timeout.")] = None,
    as_json: AsJson = False,
) -> None:
    """Begin tasks that failed or were canceled once more, as if they were new.

    Examples:
      linkops job again 12 481 482
      linkops job again 12 --failed --why download
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    if [bool(task_ids), failed, canceled].count(True) != 1 or (why is not None and not failed):
        raise CommandFailed("Say which tasks: linkops job again JOB TASK…, --failed [--why KIND] or --canceled.")
    with connect() as client:

        def send(ids: list[int]) -> int:
            return int(client.post(f"{job_path(job)}/update-again", {"task_ids": ids})["changed"])

        status = "FAILED" if failed else "CANCELED"
        ended = iter(task_ids) if task_ids else _ids(client, job, status=status, failure_kind=why)
        changed = _in_chunks(ended, send)
    say(f"Began {changed:,} tasks again.", {"changed": changed}, as_json=as_json)


def _ids(client: "Client", job: int, **wanted: Any) -> Iterator[int]:
    return (row["id"] for row in client.items(f"{job_path(job)}/tasks", **wanted))


def _in_chunks(task_ids: Iterator[int], send: Callable[[list[int]], int]) -> int:
    """Send so many tasks at a time as one call takes, and return how many were changed."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress, TextColumn  # noqa: PLC0415

    changed = 0
    columns = (TextColumn("{task.completed:,.0f} tasks"),)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=None)
        while some := list(islice(task_ids, _TASKS_PER_CALL)):
            changed += send(some)
            progress.advance(bar, len(some))
    return changed
