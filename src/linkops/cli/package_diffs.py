"""``linkops package diff``: differential packages that the server makes of two whole ones."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.output import AsJson, Column, Most, at, moment, print_list, print_one, say, text

if TYPE_CHECKING:
    from linkops.cli.client import Client

Compressed = Annotated[str, typer.Option(help="How the patch is packed: heatshrink or crle.")]
_Whole = Annotated[int, typer.Argument(metavar="PACKAGE", min=1, help="A whole package's number.")]
_DiffId = Annotated[int, typer.Argument(metavar="DIFF", min=1, help="The number of a diff, of `package diffs`.")]
_LOOK_EVERY_S = 0.3


def saved(percent: float | None, whole_size_bytes: int | None) -> str:
    """Return how much devices need not download, as people read it."""
    return "-" if percent is None else f"{percent:.1f} % of {text(whole_size_bytes)} bytes"


def _outcome(row: Any) -> str:
    if row["status"] == "RUNNING":
        return f"{row['stage']}, {row['progress']} %"
    return _failure(row) if row["failure_code"] else str(row["status"])


def _failure(row: Any) -> str:
    from linkops.texts.refusals import text_of  # noqa: PLC0415

    return text_of(row["failure_code"], {}, "en")


_LISTED = [
    Column("id", "id", right=True),
    Column("name", "name"),
    Column("product", "product_key"),
    Column("module", "module"),
    Column("from", "source_version"),
    Column("to", "version"),
    Column("outcome", _outcome),
    Column("package", "package_id", right=True),
    Column("bytes", "patch_size_bytes", right=True),
    Column("saves", lambda row: saved(row["saved_percent"], row["whole_size_bytes"])),
    Column("asked for", at("created_at")),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("diff")(make)
    app.command("diffs")(list_diffs)
    app.command("diff-status")(show)
    app.command("cancel-diff")(cancel)


def make(
    from_package: _Whole,
    to_package: _Whole,
    name: Annotated[str, typer.Option(help="Of the new package; else made of name and versions.")] = "",
    compression: Compressed = "heatshrink",
    needs_verification: Annotated[bool, typer.Option(help="Only a verified package may go to many devices.")] = False,
    wait: Annotated[bool, typer.Option(help="Watch until it is made.")] = True,
    as_json: AsJson = False,
) -> None:
    """Make a differential package that brings devices from one whole package to another.

    It is offered only after it was applied to the first image and brought the second about, byte for byte.

    Example:
      linkops package diff 12 15
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    new = {"from_package_id": from_package, "to_package_id": to_package, "name": name, "compression": compression}
    with connect() as client:
        diff = client.create("/ota/diffs", {**new, "needs_verification": needs_verification})
        if not wait:
            say(f"Asked for the diff {diff['id']}, {diff['name']}.", diff, as_json=as_json)
            return
        made = follow(client, diff["id"], quiet=as_json)
        if as_json:
            say("", made, as_json=True)


def follow(client: "Client", diff_id: int, *, quiet: bool = False) -> dict[str, Any]:
    """Watch a differential package until it is made, say what it saves, and return it.

    Raises:
        CommandFailed: there is none.
    """
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = ("{task.description}", BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as progress:
        bar = progress.add_task("waiting", total=100)
        while (diff := client.get(f"/ota/diffs/{diff_id}"))["ended_at"] is None:
            progress.update(bar, completed=diff["progress"], description=diff["stage"] or "waiting")
            time.sleep(_LOOK_EVERY_S)
    if diff["status"] != "SUCCEEDED":
        why = _failure(diff) if diff["failure_code"] else "It was canceled."
        raise CommandFailed(f"No differential package was made. {why}")
    if not quiet:
        saves = saved(diff["saved_percent"], diff["whole_size_bytes"])
        size = text(diff["patch_size_bytes"])
        typer.echo(f"Created the package {diff['package_id']}, {diff['name']}: {size} bytes, which saves {saves}.")
    return diff


def list_diffs(
    product: Annotated[str | None, typer.Option(help="Of this product.")] = None,
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List the differential packages that are being made, or were, newest first."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items("/ota/diffs", limit, product_key=product)
        print_list(rows, _LISTED, as_json=as_json, none="None. Make one: linkops package diff FROM TO")


def show(diff: _DiffId, as_json: AsJson = False) -> None:
    """Show how far the making of a differential package is."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        columns = [*_LISTED, Column("ended", lambda row: moment(row["ended_at"]))]
        print_one(client.get(f"/ota/diffs/{diff}"), columns, as_json=as_json)


def cancel(diff: _DiffId, as_json: AsJson = False) -> None:
    """Let a differential package not be made."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        canceled = client.post(f"/ota/diffs/{diff}/cancel")
    say(f"The diff {diff} is not made.", canceled, as_json=as_json)
