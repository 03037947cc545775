"""``linkops job``: rollouts."""

from pathlib import Path
from typing import Annotated, Any

import typer

from linkops.cli import job_results
from linkops.cli.failures import CommandFailed, ExitCode
from linkops.cli.output import AsJson, Column, Most, Yes, at, confirm, print_json, print_list, print_one, say, text

app = typer.Typer(name="job", help="Rollouts of packages.", no_args_is_help=True)
job_results.register(app)

JobId = Annotated[int, typer.Argument(metavar="JOB", min=1, help="A job's number.")]


def _rate(row: Any) -> str:
    return "unlimited" if row["rate_per_minute"] is None else f"{row['rate_per_minute']:,}/min"


def _counts(row: Any) -> str:
    return "  ".join(f"{status} {count:,}" for status, count in row["counts"].items() if count)


_LISTED = [
    Column("id", "id", right=True),
    Column("package", "package_name"),
    Column("version", "version"),
    Column("status", "status"),
    Column("tasks", _counts),
    Column("rate", _rate),
    Column("created", at("created_at")),
]
_SHOWN = [
    *_LISTED,
    Column("product", "product_key"),
    Column("module", "module"),
    Column("targets", "targets"),
    Column("from versions", "source_versions"),
    Column("time-out", lambda row: "never" if row["timeout_s"] is None else f"{row['timeout_s']:,} s"),
    Column("pushed", "need_push"),
    Column("created by", "created_by"),
    Column("stopped because", "stop_reason"),
    Column("ended", at("ended_at")),
]
_TASKS = [
    Column("id", "id", right=True),
    Column("device", "device_name"),
    Column("from", "source_version"),
    Column("status", "status"),
    Column("step", "step", right=True),
    Column("attempt", "attempt", right=True),
    Column("why", "failure_kind"),
    Column("said", "description"),
    Column("since", at("updated_at")),
]


@app.command("list")
def list_jobs(
    product: Annotated[str | None, typer.Option(help="Of this product.")] = None,
    package: Annotated[int | None, typer.Option(help="Of this package.")] = None,
    status: Annotated[str | None, typer.Option(help="IN_PROGRESS, COMPLETED or CANCELED.")] = None,
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items("/ota/jobs", limit, product_key=product, package_id=package, status=status)
        print_list(rows, _LISTED, as_json=as_json, none="No jobs. Start one: linkops job create --package ID --all")


@app.command()
def show(job: JobId, as_json: AsJson = False) -> None:
    """Show a job."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_one(client.get(f"/ota/jobs/{job}"), _SHOWN, as_json=as_json)


@app.command()
def create(
    package: Annotated[int, typer.Option(help="The package's number.")],
    every: Annotated[bool, typer.Option("--all", help="All devices of the product.")] = False,
    devices: Annotated[str | None, typer.Option(metavar="NAME,NAME…", help="These devices.")] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The devices of this file, one name a line.")
    ] = None,
    source_version: Annotated[
        list[str] | None, typer.Option("--from", help="With --all: only devices on this version; may be repeated.")
    ] = None,
    rate: Annotated[int | None, typer.Option(min=1, help="Offer it to so many devices a minute.")] = None,
    unlimited: Annotated[bool, typer.Option("--unlimited", help="Offer it as fast as it goes.")] = False,
    timeout_min: Annotated[
        float | None, typer.Option(min=0.1, help="A device fails so many minutes after its first progress.")
    ] = None,
    pull_only: Annotated[bool, typer.Option("--pull-only", help="Devices get it only by asking.")] = False,
    watch_it: Annotated[bool, typer.Option("--watch", "-w", help="Watch it then.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start a rollout.

    Examples:
      linkops job create --package 12 --all --rate 1000 --timeout-min 60 --watch
      linkops job create --package 12 --devices pump-7,pump-8 --unlimited
      linkops job create --package 12 --file first-hundred.txt --rate 10
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    if (rate is None) != unlimited:
        raise CommandFailed("Say how fast: either --rate N (devices a minute) or --unlimited.")
    names = _chosen(devices, file, every=every)
    new = {
        "package_id": package,
        "targets": "ALL" if every else "SPECIFIC",
        "device_names": names,
        "source_versions": source_version or [],
        "rate_per_minute": rate,
        "timeout_s": None if timeout_min is None else round(timeout_min * 60),
        "need_push": not pull_only,
    }
    with connect() as client:
        made = client.create("/ota/jobs", new)
    if as_json and not watch_it:
        print_json(made)
        return
    if not as_json:
        say(f"Started the job {made['id']}: {made['package_name']}, version {made['version']}.")
    if watch_it:
        watch(made["id"], as_json=as_json)


@app.command()
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


@app.command()
def cancel(
    job: JobId,
    status: Annotated[
        list[str] | None, typer.Option(help="Only tasks in this status: QUEUED, NOTIFIED, IN_PROGRESS.")
    ] = None,
    reason: Annotated[str, typer.Option(help="For those who read the history.")] = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """End a rollout. Nothing is sent to devices; one under way may still finish."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Cancel the job {job}?", yes=yes)
    body: dict[str, object] = {"reason": reason} | ({"statuses": status} if status else {})
    with connect() as client:
        canceled = client.post(f"/ota/jobs/{job}/cancel", body)
    say(f"Canceled the job {job}: {text(canceled['counts'])}.", canceled, as_json=as_json)


@app.command()
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
        rows = client.items(f"/ota/jobs/{job}/tasks", limit, status=status, failure_kind=why, device_name_prefix=prefix)
        print_list(rows, _TASKS, as_json=as_json, none="No such tasks.")


def _chosen(devices: str | None, file: Path | None, *, every: bool) -> list[str]:
    if [every, devices is not None, file is not None].count(True) != 1:
        raise CommandFailed("Say which devices: one of --all, --devices NAME,NAME… or --file FILE.")
    if every:
        return []
    listed = devices.split(",") if devices is not None else file.read_text("utf-8").splitlines() if file else []
    return [name.strip() for name in listed if name.strip()]
