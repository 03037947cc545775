"""``linkops config results`` and ``drift``: what became of pushes, and who does not have what they should."""

from pathlib import Path
from typing import Annotated

import typer

from linkops.cli.config_documents import configuration_path
from linkops.cli.config_push import PushArgument
from linkops.cli.keys import ProductArgument
from linkops.cli.output import AsJson, Column, Most, at, print_json, print_list, say
from linkops.cli.saving import save

_RESULTS = [
    Column("device", "device_name"),
    Column("status", "status"),
    Column("why", "failure_kind"),
    Column("code", "code", right=True),
    Column("said", "message"),
    Column("sent", "attempt", right=True),
    Column("last sent", at("sent_at")),
    Column("downloaded", at("downloaded_at")),
    Column("answered", at("answered_at")),
]
_DRIFT = [
    Column("device", "device_name"),
    Column("stands", "standing"),
    Column("should have", lambda row: row["wanted_sha256"][:12]),
    Column("has", lambda row: row["known_sha256"][:12]),
    Column("known by", "evidence"),
    Column("since", at("known_at")),
    Column("refused", at("refused_at")),
    Column("last sent", at("sent_at")),
]
_STANDINGS = {
    "in_step": "have what they should",
    "behind": "have something else",
    "refused": "refused what they should have",
    "unknown": "never fetched or acknowledged anything",
    "none_wanted": "no document applies to them",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (results, drift):
        app.command()(command)


def results(
    push: PushArgument,
    status: Annotated[str | None, typer.Option(help="As in FAILED, OFFLINE, SENT.")] = None,
    why: Annotated[str | None, typer.Option(help="As in refused, not_fetched.")] = None,
    prefix: Annotated[str | None, typer.Option(help="Device names that begin so.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", dir_okay=False, help="Write all of them to this new CSV file.")
    ] = None,
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List what became of a push, device by device; or write all of it to a file.

    Examples:
      linkops config results 12 --status FAILED
      linkops config results 12 --output results.csv
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    path = f"/configuration/pushes/{push}"
    with connect() as client:
        if output is None:
            asked = {"status": status, "failure_kind": why, "device_name_prefix": prefix}
            rows = client.items(f"{path}/results", limit, **asked)
            print_list(rows, _RESULTS, as_json=as_json, none="No such results.")
            return
        total = client.get(path)["total"]
        with client.download(f"{path}/results.csv", status=status, failure_kind=why) as pieces:
            save(pieces, output, total + 1)
    say(f"Wrote {output}.")


def drift(
    product: ProductArgument,
    devices: Annotated[bool, typer.Option("--devices", help="List the devices that do not have it.")] = False,
    standing: Annotated[str | None, typer.Option(help="Only those: behind, refused or unknown.")] = None,
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """Count the devices that have the configuration that they should, or list those that have not.

    Examples:
      linkops config drift a1B2c3D4e5F
      linkops config drift a1B2c3D4e5F --devices --standing behind
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    path = f"{configuration_path(product)}/drift"
    with connect() as client:
        if devices or standing is not None:
            rows = client.items(path, limit, standing=standing)
            print_list(rows, _DRIFT, as_json=as_json, none="No device drifts.")
            return
        found = client.get(f"{path}/summary")
    if as_json:
        print_json(found)
        return
    for name, count in found["counts"].items():
        typer.echo(f"{count:>12,}  {_STANDINGS[name]}")
