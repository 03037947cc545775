"""Tabs that are built when they are first opened, and that the address remembers."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from nicegui import context, ui

from linkops.console.page import action


class Tab(NamedTuple):
    """A tab: its word (in the viewer's language), and what builds its content."""

    label: str
    build: Callable[[], Awaitable[None]]


async def tabs(given: Mapping[str, Tab], opened: str = "") -> None:
    """Draw tabs, by their names in the address (``?tab=…``); ``opened`` is that of the request."""
    first = opened if opened in given else next(iter(given))
    built: set[str] = set()
    with ui.tabs().props("align=left inline-label dense outside-arrows mobile-arrows") as bar:
        for name, tab in given.items():
            ui.tab(name, label=tab.label)
    with ui.tab_panels(bar, value=first, animated=False) as panels:
        places = {name: ui.tab_panel(name) for name in given}

    async def show(name: str) -> None:
        if name in built:
            return
        built.add(name)
        with places[name]:
            await given[name].build()

    async def turned() -> None:
        name = str(panels.value)
        path = context.client.request.url.path
        ui.navigate.history.replace(f"{path}?tab={name}")
        await show(name)

    panels.on_value_change(action(turned))
    await show(first)
