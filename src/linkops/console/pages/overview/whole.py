"""The page itself: its parts side by side, looked at again every few seconds."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from nicegui import ui

from linkops.console import frame
from linkops.console.page import page
from linkops.console.pages.overview.activity import Activity
from linkops.console.pages.overview.beginning import Beginning
from linkops.console.pages.overview.failures import Failures
from linkops.console.pages.overview.fleet import FleetFigures, FleetTable
from linkops.console.pages.overview.health import Health
from linkops.console.pages.overview.running import Running
from linkops.console.parts.live import live
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.totals.model import Totals
from linkops.events.actor import Actor

_EVERY_S = 4.0


class Part(Protocol):
    """A part of the page: drawn once, then shown as it is now, again and again."""

    async def look(self, actor: Actor, totals: Totals) -> None:
        """Show what is there now."""


@page("/", n_("Overview"))
async def overview() -> None:
    """Show it; every number is a link to what it counts."""
    frame.heading(_("Overview"))
    beginning = Beginning()
    figures = FleetFigures()
    with ui.element("div").classes("overview"):
        with ui.element("div").classes("stack"):
            parts: list[Part] = [beginning, figures, Running(), Failures()]
        with ui.element("div").classes("stack"):
            parts += [FleetTable(), Activity(), Health()]
    look = _look_at(parts)
    await look()
    live(look, _EVERY_S)


def _look_at(parts: list[Part]) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        seen = view()
        actor = await seen.act()
        totals = await seen.services.totals.of(actor)
        for part in parts:
            await part.look(actor, totals)
        return True

    return look
