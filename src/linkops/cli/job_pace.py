"""How fast a rollout goes: options, and what REST makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from linkops.cli.failures import CommandFailed

_PANEL = "How fast (one of them)"
_GROWING = "A rate that grows"
_SAY = "Say how fast: --rate N (devices a minute), --unlimited, or a rate that grows, with --rate-base N."
_FACTOR = 2.0


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast, as somebody says it."""

    rate: Annotated[
        int | None, typer.Option(min=1, rich_help_panel=_PANEL, help="Offer it to so many devices a minute.")
    ] = None
    unlimited: Annotated[
        bool, typer.Option("--unlimited", rich_help_panel=_PANEL, help="Offer it as fast as it goes.")
    ] = False
    rate_base: Annotated[
        int | None,
        typer.Option(min=1, rich_help_panel=_PANEL, help="Begin with so many a minute; it grows with success."),
    ] = None
    rate_factor: Annotated[
        float | None, typer.Option(min=1, rich_help_panel=_GROWING, help="It grows so many times each step; else 2.")
    ] = None
    rate_per_notified: Annotated[
        int | None, typer.Option(min=1, rich_help_panel=_GROWING, help="A step each time so many were notified.")
    ] = None
    rate_per_succeeded: Annotated[
        int | None, typer.Option(min=1, rich_help_panel=_GROWING, help="A step each time so many have succeeded.")
    ] = None
    rate_most: Annotated[
        int | None, typer.Option(min=1, rich_help_panel=_GROWING, help="It grows no further; else 10,000.")
    ] = None


def pace_body(pace: Pace, *, required: bool, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a pace as REST wants it; nothing if none is said, and none is ``required``.

    Args:
        pace: what was said.
        required: whether something must be.
        before: the growing rate of a job, of which only what was said becomes another.

    Raises:
        CommandFailed: when it is said not at all, or in two ways.
    """
    growth = _growth(pace)
    ways = (pace.rate is not None) + pace.unlimited + bool(growth)
    if ways > 1 or (required and not ways):
        raise CommandFailed(_SAY)
    if growth:
        return {"growth": _complete(growth, before)}
    return {"rate_per_minute": pace.rate} if ways else {}


def _growth(pace: Pace) -> dict[str, Any]:
    said = {
        "base_per_minute": pace.rate_base,
        "factor": pace.rate_factor,
        "notified": pace.rate_per_notified,
        "succeeded": pace.rate_per_succeeded,
        "most_per_minute": pace.rate_most,
    }
    return {name: value for name, value in said.items() if value is not None}


def _complete(growth: dict[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    whole = {**({"factor": _FACTOR} if before is None else before), **growth}
    if "base_per_minute" not in whole:
        raise CommandFailed("Say the rate at the beginning: --rate-base N.")
    if whole.get("notified") is None and whole.get("succeeded") is None:
        raise CommandFailed("Say when the rate grows: --rate-per-notified N or --rate-per-succeeded N.")
    return whole
