"""``python -m bench [NAME…] [--quick] [--json FILE]``: measure, and print one table. Nothing is asserted."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import (
    backups,
    blocks,
    configuration,
    connects,
    console,
    documents,
    downloads,
    dynamics,
    gateways,
    jobs,
    lists,
    memory,
    messages,
    millions,
    rates,
    reports,
    start,
    statistics,
    uploads,
)
from bench.figures import Row, Run, load_average, table

SUBJECTS = {
    "reports": reports.rows,
    "connects": connects.rows,
    "memory": memory.rows,
    "messages": messages.rows,
    "jobs": jobs.rows,
    "millions": millions.rows,
    "rates": rates.rows,
    "dynamics": dynamics.rows,
    "gateways": gateways.rows,
    "downloads": downloads.rows,
    "blocks": blocks.rows,
    "configuration": configuration.rows,
    "documents": documents.rows,
    "uploads": uploads.rows,
    "lists": lists.rows,
    "statistics": statistics.rows,
    "start": start.rows,
    "console": console.rows,
    "backups": backups.rows,
}


def main(
    names: Annotated[list[str] | None, typer.Argument(help=f"What to measure: {', '.join(SUBJECTS)}.")] = None,
    *,
    quick: Annotated[bool, typer.Option(help="Small and once: shows that the scripts work.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the rows there too.")] = None,
) -> None:
    """Measure the figures that LinkOps promises, beside Mosquitto and nginx on the same machine."""
    unknown = set(names or ()) - set(SUBJECTS)
    if unknown:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: not one of {', '.join(SUBJECTS)}")
    terminal = Console()
    measured: list[Row] = []
    terminal.print(f"{os.cpu_count()} cores, load average {load_average():.2f} at the start")
    with terminal.status("…") as status:
        run = Run(quick=quick, say=lambda what: status.update(f"Measuring {what}"))
        for name in names or SUBJECTS:
            for row in _measured(name, run, terminal):
                # Also at once: who stops a long run keeps what it has measured.
                terminal.print(f"{row.what}: {row.measured}", highlight=False)
                measured.append(row)
    terminal.print(table(measured))
    if json_file is not None:
        json_file.write_text(json.dumps([asdict(row) for row in measured], ensure_ascii=False, indent=2) + "\n")


def _measured(name: str, run: Run, terminal: Console) -> list[Row]:
    try:
        return list(SUBJECTS[name](run))
    except Exception:  # noqa: BLE001 - one subject that fails must not cost the figures of the others
        terminal.print_exception()
        return [Row(name, "failed, see above", "", met=False)]


if __name__ == "__main__":
    typer.run(main)
