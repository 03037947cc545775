"""``linkops stats``: what devices run, and how updates ended."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from linkops.cli.keys import ProductArgument
from linkops.cli.output import AsJson, Column, Most, Row, at, print_json, print_list, say
from linkops.cli.saving import CsvFile, save

app = typer.Typer(name="stats", help="Statistics: what devices run, and how updates ended.", no_args_is_help=True)

Module = Annotated[str, typer.Option(help="The part of the devices.")]
_BAR_CHARS = 25
_PAGE = 200
_LINES = {"versions": "versions", "outcomes": "source_versions"}
"""Which figure of a table says how many lines it has."""


def _percent(field: str) -> Callable[[Row], str | None]:
    return lambda row: None if row[field] is None else f"{row[field]:.2%}"


def _bar(row: Row) -> str:
    share: float = row["share"]
    return "█" * max(1, round(share * _BAR_CHARS))


_DRAWN = [Column("share", _percent("share"), right=True), Column("", _bar)]
_VERSIONS = [Column("version", "version"), Column("devices", "devices", right=True), *_DRAWN]
_SOURCES = [
    Column("from version", lambda row: row["source_version"] or "(never reported)"),
    Column("updates", "total", right=True),
    *_DRAWN,
    Column("succeeded", "succeeded", right=True),
    Column("rate", _percent("success_rate"), right=True),
    Column("failed", "failed", right=True),
    Column("rate", _percent("failure_rate"), right=True),
    Column("canceled", "canceled", right=True),
    Column("unfinished", "unfinished", right=True),
]
_FAILURES = [Column("failed because", "failure_kind"), Column("updates", "tasks", right=True), *_DRAWN]
_DEVICES = [Column("device", "device_name"), Column("version", "version"), Column("reported", at("reported_at"))]


@app.command()
def versions(
    product: ProductArgument, module: Module = "default", limit: Most = 20, csv: CsvFile = None, as_json: AsJson = False
) -> None:
    """Show how many devices run which version, the most frequent first.

    With --json the five most frequent versions and all others together stand beside the table, ready for a chart.

    Examples:
      linkops stats versions a1B2c3D4e5F
      linkops stats versions a1B2c3D4e5F --module mcu --csv versions.csv
    """
    asked = {"product_key": product, "module": module}
    shown = _counted("versions", asked, limit, csv)
    if csv is not None:
        say(f"Wrote {csv}.", shown, as_json=as_json)
    elif as_json:
        print_json(shown)
    else:
        _print_versions(shown)


def _counted(what: str, asked: dict[str, Any], limit: int, csv: Path | None) -> dict[str, Any]:
    """Return what the server counted; with ``csv`` the table goes there, and only its head is returned."""
    from linkops.cli.client import connect  # noqa: PLC0415

    path = f"/ota/statistics/{what}"
    with connect() as client:
        shown: dict[str, Any] = client.get(path, limit=1 if csv else min(limit, _PAGE), **asked)
        if csv is not None:
            with client.download(f"{path}.csv", **asked) as pieces:
                save(pieces, csv, shown[_LINES[what]] + 1)
    return shown


def _print_versions(shown: dict[str, Any]) -> None:
    print_list([*shown["items"], *_rest(shown)], _VERSIONS, as_json=False, none="No device has reported this module.")


def _rest(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row for the versions that are not listed, if there are any."""
    hidden = shown["versions"] - len(shown["items"])
    if not hidden:
        return []
    devices = shown["devices"] - sum(row["devices"] for row in shown["items"])
    return [{"version": f"({hidden:,} others)", "devices": devices, "share": devices / max(1, shown["devices"])}]


@app.command()
def devices(
    product: ProductArgument,
    module: Module = "default",
    version: Annotated[str | None, typer.Option(help="That run this version; else all that reported one.")] = None,
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List the devices that run a version.

    Example:
      linkops stats devices a1B2c3D4e5F --version 1.0.0
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items(
            "/ota/statistics/versions/devices", limit, product_key=product, module=module, version=version
        )
        print_list(rows, _DEVICES, as_json=as_json, none="No such devices.")


@app.command()
def outcomes(
    product: Annotated[str | None, typer.Option(help="Of this product.")] = None,
    module: Annotated[str | None, typer.Option(help="Of this module.")] = None,
    package: Annotated[int | None, typer.Option(min=1, help="Of this package.")] = None,
    job: Annotated[int | None, typer.Option(min=1, help="Of this job.")] = None,
    order: Annotated[str, typer.Option(help="total, succeeded or failed: the largest first.")] = "total",
    limit: Most = 20,
    csv: CsvFile = None,
    as_json: AsJson = False,
) -> None:
    """Show how updates ended, by the version that devices came from, and why they failed.

    Rates are of the updates that succeeded or failed; canceled ones count for neither.

    Examples:
      linkops stats outcomes --product a1B2c3D4e5F
      linkops stats outcomes --job 12 --csv outcomes.csv
    """
    asked = {"product_key": product, "module": module, "package_id": package, "job_id": job, "order": order}
    shown = _counted("outcomes", asked, limit, csv)
    if csv is not None:
        say(f"Wrote {csv}.", shown, as_json=as_json)
    elif as_json:
        print_json(shown)
    else:
        _print_outcomes(shown)


def _print_outcomes(shown: dict[str, Any]) -> None:
    if shown["success_rate"] is not None:
        typer.echo(f"{shown['success_rate']:.2%} succeeded, {shown['failure_rate']:.2%} failed.")
    print_list(shown["items"], _SOURCES, as_json=False, none="No updates yet.")
    if hidden := shown["source_versions"] - len(shown["items"]):
        typer.echo(f"{hidden:,} more source versions: --limit, or --csv FILE for all.")
    if shown["failures"]:
        print_list(shown["failures"], _FAILURES, as_json=False, none="")
