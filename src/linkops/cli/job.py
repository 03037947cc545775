"""``linkops job``: rollouts."""

import time
from typing import Annotated

import typer

from linkops.cli import job_create, job_results, job_steering, job_tasks, job_watch
from linkops.cli.job_keys import JobId, job_path
from linkops.cli.job_view import (
    counts,
    holds,
    limits,
    options,
    pace,
    retries,
    schedule,
    stage,
    status,
    targets,
    timeouts,
    window,
)
from linkops.cli.notation import read_tag_wanted
from linkops.cli.output import AsJson, Column, Most, at, print_list, print_one

app = typer.Typer(name="job", help="Rollouts of packages.", no_args_is_help=True)

_LISTED = [
    Column("id", lambda row: str(row["id"]), right=True),
    Column("package", "package_name"),
    Column("version", "version"),
    Column("status", status),
    Column("tasks", counts),
    Column("rate", pace),
    Column("created", at("created_at")),
]
_SHOWN = [
    *_LISTED[:4],
    Column("hold", holds),
    Column("stopped because", "stop_reason"),
    Column("tasks", counts),
    Column("offered to", "offered"),
    Column("stage", stage),
    Column("window", lambda row: window(row, time.time_ns() // 1_000_000)),
    Column("schedule", schedule),
    Column("rate", pace),
    Column("time-out", timeouts),
    Column("retries", retries),
    Column("stops at", limits),
    Column("devices", targets),
    Column("from versions", "source_versions"),
    Column("options", options),
    Column("tags", "tags"),
    Column("kind", "kind"),
    Column("product", "product_key"),
    Column("module", "module"),
    Column("created by", "created_by"),
    Column("approved by", "approved_by"),
    Column("created", at("created_at")),
    Column("started", at("started_at")),
    Column("all selected", at("filled_at")),
    Column("ended", at("ended_at")),
]


@app.command("list")
def list_jobs(
    product: Annotated[str | None, typer.Option(help="Of this product.")] = None,
    package: Annotated[int | None, typer.Option(help="Of this package.")] = None,
    with_status: Annotated[
        str | None, typer.Option("--status", help="PLANNED, IN_PROGRESS, COMPLETED or CANCELED.")
    ] = None,
    module: Annotated[str | None, typer.Option(help="Of this module.")] = None,
    name: Annotated[str | None, typer.Option(help="With this in the package's name.")] = None,
    tag: Annotated[str | None, typer.Option(metavar="KEY[=VALUE]", help="With this tag.")] = None,
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first."""
    from linkops.cli.client import connect  # noqa: PLC0415

    asked = {
        "product_key": product,
        "package_id": package,
        "status": with_status,
        "module": module,
        "package_name": name,
        **read_tag_wanted(tag),
    }
    with connect() as client:
        rows = client.items("/ota/jobs", limit, **asked)
        print_list(rows, _LISTED, as_json=as_json, none="No jobs. Start one: linkops job create --package ID --all")


@app.command()
def show(job: JobId, as_json: AsJson = False) -> None:
    """Show a job: what holds it, its stage and window, and how it goes about it."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_one(client.get(job_path(job)), _SHOWN, as_json=as_json)


for part in (job_create, job_watch, job_steering, job_tasks, job_results):
    part.register(app)
