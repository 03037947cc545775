"""What happened lately: to administrators what people did, to others what became of devices."""

from typing import Any, NamedTuple

from nicegui import ui

from linkops.accounts.trail.model import AuditFilter, AuditLine, EventFilter, EventLine
from linkops.console.pages.overview.words import DEEDS, EVENTS
from linkops.console.parts.lines import Lines, when
from linkops.console.parts.links import Link
from linkops.console.parts.panels import panel
from linkops.console.parts.places import device_place, product_place
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.model import DeviceKey
from linkops.devices.totals.model import Totals
from linkops.events.actor import Actor, Role

_MOST = 10
_EVENTS_READ = 100
_NEWEST = 2**62


class Happened(NamedTuple):
    """A line: somebody, what they did, and to what."""

    id: int
    at: int
    who: str
    did: str
    what: str
    place: str


class Activity:
    """The last lines that the viewer may read."""

    def __init__(self) -> None:
        self._trail = max(view().actor.roles.values(), default=0) >= Role.ADMIN
        with panel(_("Recent activity")) as head:
            with head:
                if self._trail:
                    Link(_("Audit trail"), "/console/trail")
            self._lines: Lines[Happened] = Lines(lambda each: each.id, _draw, _("Nothing has happened yet."))

    async def look(self, actor: Actor, totals: Totals) -> None:
        """Show them."""
        names = {each.product_key: each.name for each in totals.products}
        self._lines.show(await (self._deeds if self._trail else self._events)(actor, names))

    async def _deeds(self, actor: Actor, names: dict[str, str]) -> list[Happened]:
        lines = await view().services.trail.audit(actor, AuditFilter(), _NEWEST, _MOST)
        return [_deed(line, names) for line in lines]

    async def _events(self, actor: Actor, names: dict[str, str]) -> list[Happened]:
        lines = await view().services.trail.events(actor, EventFilter(), _NEWEST, _EVENTS_READ)
        return [_event(line, names) for line in lines if line.kind in EVENTS][:_MOST]


def _deed(line: AuditLine, names: dict[str, str]) -> Happened:
    kind, _colon, of = line.target.partition(":")
    product_key, slash, rest = of.partition("/")
    what, place = rest or of, ""
    if kind == "device" and slash:
        place = device_place(DeviceKey(product_key, rest))
    elif kind in {"product", "config", "module"}:
        what, place = rest or names.get(product_key, of), product_place(product_key, "modules" if slash else "")
    elif kind == "config_push":
        what, place = _("no. {number}", number=of), f"/console/configuration/pushes/{of}"
    elif kind in {"job", "group", "package"} and of.isdecimal():
        what, place = _name(line.details) or _("no. {number}", number=of), f"/console/{kind}s/{of}"
    elif kind == "account" and of == line.account_name:
        what = ""
    if line.action.endswith(".delete"):
        place = ""
    did = DEEDS.get(line.action)
    return Happened(line.id, line.at, line.account_name, _(did) if did else line.action, what, place)


def _name(details: dict[str, Any]) -> str:
    """Return what the line says that the thing is called; "" if it does not."""
    path = details.get("path")
    if isinstance(path, list) and path:
        return " / ".join(map(str, path))
    name, version = details.get("name", details.get("package")), details.get("version")
    return f"{name} {version}" if name and version else str(name or "")


def _event(line: EventLine, names: dict[str, str]) -> Happened:
    if line.device_name is None:
        who, place = names.get(line.product_key, line.product_key), product_place(line.product_key)
    else:
        who, place = line.device_name, device_place(DeviceKey(line.product_key, line.device_name))
    return Happened(line.id, line.at, "", _(EVENTS[line.kind]), who, place)


def _draw(each: Happened) -> None:
    with ui.element("div").classes("line-text line-words"):
        if each.who:
            ui.label(each.who).classes("line-who")
            ui.label(each.did)
            _what(each)
        else:
            _what(each)
            ui.label(each.did)
    when(each.at)


def _what(each: Happened) -> None:
    if each.place:
        Link(each.what, each.place).classes("cell-link")
    else:
        ui.label(each.what).classes("line-name")
