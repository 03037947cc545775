"""``linkops job create`` and ``preview``: a rollout that is to be."""

from typing import Annotated, Any

import typer

from linkops.cli.job_scope import Scope, scope_body
from linkops.cli.job_strategy import Strategy, strategy_body
from linkops.cli.job_view import pace, when
from linkops.cli.job_watch import watch
from linkops.cli.option_groups import grouped
from linkops.cli.output import AsJson, Column, print_json, print_one, say

_PREVIEWED = [
    Column("devices", "devices"),
    Column("online now", "online"),
    Column("busy", lambda row: f"{row['busy']:,} have another update, and would fail at once" if row["busy"] else 0),
    Column("run now", lambda row: {version or "never reported": count for version, count in row["versions"].items()}),
    Column("offered within", lambda row: "no limit" if row["minutes"] is None else f"{row['minutes']:,} min"),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(create)
    app.command()(preview)


@grouped
def create(
    scope: Scope,
    strategy: Strategy,
    watch_it: Annotated[bool, typer.Option("--watch", "-w", help="Watch it then.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start or plan a rollout. Look first whom it would update: linkops job preview, with the same options.

    Examples:
      linkops job create --package 12 --all --rate 1000 --timeout-min 60 --watch
      linkops job create --package 12 --devices pump-7,pump-8 --unlimited
      linkops job create --package 12 --file names.csv --refusals refused.csv --rate 100
      linkops job create --package 12 --gray 12.5 --rate 100 --retry 2 --retry-after-min 10 --abort 20%/100
      linkops job create --package 12 --all --rate 500 --stage 1 --stage 10:95 --stage 50:98
      linkops job create --package 12 --all --unlimited --window "mon-fri 22:00-04:00 Europe/Berlin"
      linkops job create --package 12 --all --from 1.0.0 --dynamic --rate 100
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    how = strategy_body(strategy)
    with connect() as client:
        made = client.create("/ota/jobs", how | scope_body(client, scope))
    if as_json and not watch_it:
        print_json(made)
        return
    if not as_json:
        say(begun(made))
    if watch_it:
        watch(made["id"], as_json=as_json)


@grouped
def preview(scope: Scope, strategy: Strategy, as_json: AsJson = False) -> None:
    """Count whom a rollout would update if it was started now, and how long offering it takes. Starts nothing.

    Example:
      linkops job preview --package 12 --all --from 1.0.0 --rate 1000
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    how = strategy_body(strategy)
    with connect() as client:
        print_one(client.post("/ota/jobs/preview", how | scope_body(client, scope)), _PREVIEWED, as_json=as_json)


def begun(made: dict[str, Any]) -> str:
    """Return what is said of a job that was made just now."""
    verb = "Planned" if made["start_at"] else "Started"
    sentence = f"{verb} the job {made['id']}: {made['package_name']}, version {made['version']}, {pace(made)}."
    if made["hold"] == "approval":
        return f"{sentence} It waits for somebody else: linkops job approve {made['id']}"
    return f"{sentence} It starts {when(made['start_at'])}." if made["start_at"] else sentence
