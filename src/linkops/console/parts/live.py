"""Figures that change by themselves: looked at again every few seconds, for as long as somebody looks."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from linkops.console.page import action


def live(look: Callable[[], Awaitable[bool]], every_s: float = 3.0) -> ui.timer:
    """Call ``look`` every ``every_s`` seconds until it returns False; a look that is slow is not overtaken.

    Whatever is refused is told once, and ends it.
    """
    looking = False

    async def tick() -> None:
        nonlocal looking
        if looking:
            return
        looking = True
        going_on = await action(look)()
        looking = False
        if not going_on:
            timer.deactivate()

    timer = ui.timer(every_s, tick, immediate=False)
    return timer
