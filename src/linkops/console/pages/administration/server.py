"""The server itself: how it is, what it was set to, how it is backed up, and what it is made of."""

import asyncio
from collections.abc import Sequence
from typing import Any

from nicegui import ui

from linkops import __version__
from linkops.console import frame
from linkops.console.page import page
from linkops.console.pages.administration.backups import show_backups
from linkops.console.pages.administration.server_state import show_state
from linkops.console.parts.panels import Fact, facts, panel
from linkops.console.parts.tables import Column, Kind, PagedTable, Rows
from linkops.console.parts.tabs import Tab, tabs
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.events.actor import Role
from linkops.settings import Source
from linkops.upkeep.service import Licence, SettingLine, licences

_SOURCES = {
    Source.DEFAULT: n_("Default"),
    Source.FILE: n_("File"),
    Source.ENVIRONMENT: n_("Environment"),
    Source.ARGUMENT: n_("Command line"),
}
_SETTINGS = (
    Column("name", n_("Setting"), Kind.CODE),
    Column("value", n_("Value"), Kind.CODE),
    Column("source", n_("Set by"), rank=2),
    Column("default", n_("Default"), Kind.CODE, rank=3),
    Column("meaning", n_("Meaning"), rank=2, language="en"),
)
_LICENCES = (
    Column("name", n_("Name")),
    Column("version", n_("Version"), Kind.CODE),
    Column("licence", n_("Licence")),
)


@page("/server", n_("Server"), role=Role.ADMIN)
async def server(tab: str = "") -> None:
    """Show the server to those who run it."""
    view().actor.require(Role.ADMIN)
    frame.heading(_("Server"))
    await tabs(
        {
            "state": Tab(_("State"), show_state),
            "settings": Tab(_("Settings"), _settings),
            "backups": Tab(_("Backups"), show_backups),
            "about": Tab(_("About"), _about),
        },
        tab,
    )


async def _settings() -> None:
    seen = view()
    lines = seen.services.upkeep.settings(await seen.act())
    file = seen.settings.file
    told = _(
        "They are read at the start: from a file ({file}), then LINKOPS_… in the environment, then the command line.",
        file=file or _("there is none"),
    )
    ui.label(told).classes("muted")
    asked = {"text": "", "changed": False}

    async def load(cursor: str | None) -> Rows:
        del cursor
        return Rows([_setting_row(line) for line in lines if _is_asked(line, asked)], None)

    async def again() -> None:
        await table.show()

    with ui.row().classes("filters"):
        text = ui.input(_("Name or meaning")).props("outlined dense clearable debounce=200").classes("filter")
        text.bind_value_to(asked, "text", forward=lambda value: str(value or "").strip().lower())
        text.on_value_change(again)
        changed = ui.checkbox(_("Only those that are set")).bind_value_to(asked, "changed")
        changed.on_value_change(again)
    with ui.element("div").classes("wrapped unpaged"):
        table = PagedTable(_SETTINGS, load, empty=_("No setting matches."))
    await table.show()


def _is_asked(line: SettingLine, asked: dict[str, Any]) -> bool:
    wanted = asked["text"] in line.name or asked["text"] in line.meaning.lower()
    return wanted and (line.source is not Source.DEFAULT or not asked["changed"])


def _setting_row(line: SettingLine) -> dict[str, Any]:
    return {
        "key": line.name,
        "name": line.name,
        "value": line.value or "-",
        "source": _(_SOURCES[line.source]),
        "default": line.default or "-",
        "meaning": line.meaning,
    }


async def _about() -> None:
    with panel(_("About")):
        facts([Fact("LinkOps", __version__, code=True), Fact(_("Licence"), "Apache-2.0")])
    found = await asyncio.to_thread(licences)

    async def load(cursor: str | None) -> Rows:
        del cursor
        return Rows(_licence_rows(found), None)

    with panel(_("Made of")):
        ui.label(_("The programs of others that are installed beside it, and what they say of their licence.")).classes(
            "muted"
        )
        with ui.element("div").classes("wrapped unpaged"):
            table = PagedTable(_LICENCES, load, empty="")
    await table.show()


def _licence_rows(found: Sequence[Licence]) -> list[dict[str, Any]]:
    return [{"key": each.name, **each._asdict(), "licence": each.licence or _("Not said")} for each in found]
