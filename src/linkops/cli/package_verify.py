"""``linkops package verify``: a package is tried out on a few devices before it goes to many."""

from typing import Annotated

import typer

from linkops.cli.job_create import begun
from linkops.cli.job_scope import names
from linkops.cli.job_strategy import Delivery, delivery_body, seconds
from linkops.cli.job_watch import watch
from linkops.cli.option_groups import grouped
from linkops.cli.output import AsJson, print_json, say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(verify)


@grouped
def verify(
    package: Annotated[int, typer.Argument(metavar="PACKAGE", min=1, help="A package's number.")],
    devices: Annotated[str, typer.Option(metavar="NAME,NAME…", help="One to ten devices of the product.")],
    delivery: Delivery,
    timeout_min: Annotated[
        float | None, typer.Option(min=0, help="A device fails so many minutes after its first progress.")
    ] = None,
    watch_it: Annotated[bool, typer.Option("--watch", "-w", help="Watch it then.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try a package out on a few devices; it is verified once all of them have succeeded.

    Example:
      linkops package verify 12 --devices pump-7,pump-8 --timeout-min 30 --watch
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    body = {"device_names": names(devices), "timeout_s": seconds(timeout_min or 0), **delivery_body(delivery)}
    with connect() as client:
        made = client.create(f"/ota/packages/{package}/verify", body)
    if as_json and not watch_it:
        print_json(made)
        return
    if not as_json:
        say(begun(made))
    if watch_it:
        watch(made["id"], as_json=as_json)
