"""``linkops product rule``: what holds for all jobs of a product."""

from typing import Annotated, Any

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.keys import ProductArgument, product_path
from linkops.cli.notation import WINDOW_HELP, read_all, read_window, write_window
from linkops.cli.output import AsJson, Column, print_one

app = typer.Typer(name="rule", help="What holds for all jobs of a product.", no_args_is_help=True)

_SHOWN = [
    Column("windows", lambda row: [write_window(window) for window in row["windows"]] or "always"),
    Column("approval", lambda row: "somebody else lets each job start" if row["needs_approval"] else "not needed"),
]


def _path(product: str) -> str:
    return f"{product_path(product)}/ota-rule"


@app.command()
def show(product: ProductArgument, as_json: AsJson = False) -> None:
    """Show the maintenance windows of a product, and whether jobs need approval."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_one(client.get(_path(product)), _SHOWN, as_json=as_json)


@app.command("set")
def set_rule(
    product: ProductArgument,
    window: Annotated[
        list[str] | None, typer.Option(metavar="WINDOW", help=f"{WINDOW_HELP} Instead of those before.")
    ] = None,
    no_windows: Annotated[bool, typer.Option("--no-windows", help="No windows any more.")] = False,
    approval: Annotated[
        bool | None, typer.Option("--approval/--no-approval", help="Somebody else lets each job start, or nobody must.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change what holds for all jobs of a product; windows hold for running jobs at once. What is not said stays.

    Jobs with windows of their own keep those.

    Example:
      linkops product rule set a1B2c3D4e5F --window "daily 01:00-05:00 Europe/Berlin" --approval
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    change = _change(window, approval, no_windows=no_windows)
    with connect() as client:
        rule = client.put(_path(product), client.get(_path(product)) | change)
    print_one(rule, _SHOWN, as_json=as_json)


def _change(windows: list[str] | None, approval: bool | None, *, no_windows: bool) -> dict[str, Any]:
    if bool(windows) and no_windows:
        raise CommandFailed("Say either the windows or --no-windows.")
    change: dict[str, Any] = {} if approval is None else {"needs_approval": approval}
    if windows or no_windows:
        change["windows"] = read_all(read_window, windows or [])
    if not change:
        raise CommandFailed("Say what is to be another: --window, --no-windows, --approval or --no-approval.")
    return change
