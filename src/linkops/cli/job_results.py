"""``linkops job results``: what became of every device, as a file."""

from pathlib import Path
from typing import Annotated

import typer

from linkops.cli.output import say
from linkops.cli.saving import save


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("results")(results)


def results(
    job: Annotated[int, typer.Argument(metavar="JOB", min=1, help="A job's number.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", dir_okay=False, help="A new file; else standard output.")
    ] = None,
    status: Annotated[str | None, typer.Option(help="As in FAILED.")] = None,
    why: Annotated[str | None, typer.Option(help="As in download, verify, timeout.")] = None,
) -> None:
    """Write what became of each device as comma-separated values.

    Text that a spreadsheet would take for a formula begins with an apostrophe.

    Examples:
      linkops job results 12 --output results.csv
      linkops job results 12 --status FAILED | column -s, -t
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        tasks = sum(client.get(f"/ota/jobs/{job}")["counts"].values())
        with client.download(f"/ota/jobs/{job}/tasks.csv", status=status, failure_kind=why) as pieces:
            save(pieces, output, tasks + 1)
    if output is not None:
        say(f"Wrote {output}.")
