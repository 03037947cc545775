"""Which devices a rollout is for: options, and what REST makes of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.name_lists import send_names
from linkops.cli.notation import read_all, read_region

if TYPE_CHECKING:
    from linkops.cli.client import Client

_PANEL = "Which devices (one of them)"
_FURTHER = "Which of them"
_ONE_OF = (
    "Say which devices: one of --all, --gray PERCENT, --devices NAME,NAME…, --file FILE, --group ID "
    "or --region PROVINCE[/CITY]."
)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which devices, as somebody says it."""

    package: Annotated[int, typer.Option(min=1, help="The package's number.")]
    every: Annotated[bool, typer.Option("--all", rich_help_panel=_PANEL, help="All devices of the product.")] = False
    gray: Annotated[
        float | None,
        typer.Option(metavar="PERCENT", rich_help_panel=_PANEL, help="So many percent of them, chosen by lot."),
    ] = None
    devices: Annotated[
        str | None, typer.Option(metavar="NAME,NAME…", rich_help_panel=_PANEL, help="These devices.")
    ] = None
    file: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, rich_help_panel=_PANEL, help="The devices of this file, up to a million lines."
        ),
    ] = None
    group: Annotated[
        int | None, typer.Option(min=1, rich_help_panel=_PANEL, help="The devices of this group, and of those below.")
    ] = None
    region: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PROVINCE[/CITY]", rich_help_panel=_PANEL, help="Devices whose tags say so; may be repeated."
        ),
    ] = None
    source_version: Annotated[
        list[str] | None,
        typer.Option("--from", rich_help_panel=_FURTHER, help="Only devices on this version; may be repeated."),
    ] = None
    dynamic: Annotated[
        bool, typer.Option("--dynamic", rich_help_panel=_FURTHER, help="Also devices that come to match later.")
    ] = False
    only_new_reports: Annotated[
        bool,
        typer.Option(
            "--only-new-reports",
            rich_help_panel=_FURTHER,
            help="With --dynamic: only devices that report such a version from now on.",
        ),
    ] = False
    refusals: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, rich_help_panel=_FURTHER, help="With --file: write refused lines, and why, to this new CSV."
        ),
    ] = None


def check_scope(scope: Scope) -> None:
    """Do nothing if it is said once which devices.

    Raises:
        CommandFailed: when it is not.
    """
    ways = (scope.every, scope.gray is not None, scope.devices is not None, scope.file is not None,
            scope.group is not None, bool(scope.region))  # fmt: skip
    if sum(ways) != 1:
        raise CommandFailed(_ONE_OF)
    if scope.refusals is not None and scope.file is None:
        raise CommandFailed("--refusals belongs to --file.")
    if scope.only_new_reports and not scope.dynamic:
        raise CommandFailed("--only-new-reports belongs to --dynamic.")


def scope_body(client: "Client", scope: Scope) -> dict[str, Any]:
    """Return the scope as REST wants it; a file of names is uploaded.

    Raises:
        CommandFailed: when it is not said once which devices, or no line of the file names one.
    """
    check_scope(scope)
    body: dict[str, Any] = {
        "package_id": scope.package,
        "selection": "DYNAMIC" if scope.dynamic else "STATIC",
        "source_versions": scope.source_version or [],
        "targets": _targets(scope),
    }
    if scope.only_new_reports:
        body["dynamic_mode"] = "new_reports"
    return body | _which(client, scope)


def _targets(scope: Scope) -> str:
    ways = {"GRAY": scope.gray is not None, "GROUP": scope.group is not None, "REGION": bool(scope.region)}
    named = scope.devices is not None or scope.file is not None
    return "SPECIFIC" if named else next((targets for targets, chosen in ways.items() if chosen), "ALL")


def _which(client: "Client", scope: Scope) -> dict[str, Any]:
    if scope.gray is not None:
        return {"percent": scope.gray}
    if scope.group is not None:
        return {"group_id": scope.group}
    if scope.region:
        return {"regions": read_all(read_region, scope.region)}
    if scope.devices is not None:
        return {"device_names": names(scope.devices)}
    if scope.file is not None:
        product_key = client.get(f"/ota/packages/{scope.package}")["product_key"]
        return {"device_list_id": send_names(client, product_key, scope.file, scope.refusals)}
    return {}


def names(devices: str) -> list[str]:
    """Return device names that are separated by commas."""
    return [name.strip() for name in devices.split(",") if name.strip()]
