"""Choosing from a long list: what is typed is looked for on the server, however many there are; and devices so."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from nicegui import ui
from nicegui.events import GenericEventArguments

from linkops.console.page import action
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.search.model import DeviceFilter

SHOWN = 50
"""So many are offered at a time."""
Find = Callable[[str], Awaitable[Mapping[Any, str]]]
"""Returns what a text is the beginning of, or a part: values, and what is shown of each."""


async def searched(label: str, find: Find, *, multiple: bool = False) -> ui.select:
    """Draw a choice among what ``find`` finds; what is chosen stays among the options."""
    return drawn(label, await find(""), find, multiple=multiple)


def drawn(
    label: str,
    options: Mapping[Any, str],
    find: Find,
    value: Any = None,
    *,
    multiple: bool = False,
    always: Mapping[Any, str] | None = None,
) -> ui.select:
    """Draw a choice that offers ``options`` until something is typed, and ``always`` some that stand before them."""
    offered = {**(always or {}), **options}
    select = ui.select(offered, label=label, value=value, with_input=True, multiple=multiple)
    select.props("outlined dense options-dense input-debounce=250" + (" use-chips" if multiple else ""))
    look_while_typing(select, find, always)
    return select


def look_while_typing(select: ui.select, find: Find, always: Mapping[Any, str] | None = None) -> None:
    """Let what is typed into a choice be looked for; what is chosen stays among the options, as ``always`` does."""
    multiple, latest = select.multiple, 0

    async def typed(event: GenericEventArguments) -> None:
        nonlocal latest
        latest = this = latest + 1
        # What is chosen is shown in the input of a single choice, which is not looked for.
        text = str(event.args or "")
        if not multiple and text and text == dict(select.options).get(select.value, ""):
            return
        kept = list(select.value or []) if multiple else [] if select.value is None else [select.value]
        chosen = {one: select.options[one] for one in kept if one in select.options}
        found = {**(always or {}), **chosen, **await find(text)}
        if this == latest and found != select.options:  # an older text may be answered later
            select.set_options(found, value=select.value)

    select.on("input-value", action(typed))


async def device_choice(label: str, product_key: str, *, module: str = "", version: str = "") -> ui.select:
    """Draw a choice of several devices of a product; with ``version``, of those whose module runs it."""
    wanted = DeviceFilter(
        product_key=product_key, module=module if version else None, version=version or None, enabled=True
    )
    return await searched(label, _devices(wanted), multiple=True)


async def single_device_choice(label: str, product_key: str) -> ui.select:
    """Draw a choice of one device of a product."""
    return await searched(label, _devices(DeviceFilter(product_key=product_key)))


def _devices(wanted: DeviceFilter) -> Find:
    seen = view()

    async def find(prefix: str) -> Mapping[str, str]:
        asked = msgspec.structs.replace(wanted, name_prefix=prefix)
        found = await seen.services.search.page(await seen.act(), asked, limit=SHOWN)
        words = {True: _("online"), False: _("offline")}
        return {
            row.device.key.device_name: f"{row.device.key.device_name} · {words[row.device.online]}"
            for row in found.items
        }

    return find
