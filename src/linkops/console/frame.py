"""What stands around every page: the bar above, the navigation beside, the title."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import context, ui

from linkops.console.ending import watch_session
from linkops.console.navigation import SECTIONS, Place, is_at
from linkops.console.parts.links import Link, go
from linkops.console.parts.names import named
from linkops.console.texts import _
from linkops.console.view import view

_REMEMBER = "document.cookie = 'linkops_{name}={value};path=/console;max-age=31536000;samesite=lax'; location.reload()"
_SETTLE = """
document.cookie = "linkops_zone=" + Intl.DateTimeFormat().resolvedOptions().timeZone
  + ";path=/console;max-age=31536000;samesite=lax";
"""
_THEMES = {"auto": None, "light": False, "dark": True}


@contextmanager
def around() -> Iterator["ui.element"]:
    """Draw the frame, and give its middle, where what is built inside stands."""
    seen = view()
    ui.dark_mode(_THEMES[seen.theme])
    # The theme holds from the first byte on, not from when the toolkit has loaded.
    ui.add_head_html(f"<script>document.documentElement.dataset.theme = '{seen.theme}'</script>")
    ui.add_body_html(f"<script>{_SETTLE}</script>")
    Link(_("Skip to the content"), "#content").classes("skip")
    drawer = _navigation()
    _bar(drawer)
    watch_session()
    with ui.element("main").props('id="content" tabindex="-1"').classes("page") as middle:
        yield middle


def heading(text: str, *, above: tuple[tuple[str, str], ...] = ()) -> "ui.row":
    """Write the title of a page and return the row at its right, for buttons.

    Args:
        text: may come from devices or people; it is shown as it is.
        above: the way here, as pairs of label and path below ``/console``.
    """
    with ui.element("header").classes("page-head"):
        with ui.element("div").classes("page-title"):
            if above:
                with named(ui.element("nav"), _("Path")).classes("crumbs"):
                    for label, path in above:
                        Link(label, f"/console{path}")
            ui.label(text).props("role=heading aria-level=1").classes("title")
        return ui.row().classes("page-actions")


def refusal(text: str, *, icon: str = "block") -> None:
    """Say why there is nothing to see."""
    with ui.element("div").classes("empty").props("role=alert"):
        ui.icon(icon).classes("empty-icon").props('aria-hidden="true"')
        ui.label(text)
        Link(_("To the overview"), "/console/")


def _navigation() -> "ui.left_drawer":
    path = context.client.request.url.path.removeprefix("/console")
    drawer = ui.left_drawer(value=False, bordered=True).props("breakpoint=1023 width=240 show-if-above").classes("nav")
    with drawer, named(ui.element("nav"), _("Main navigation")):
        for section in SECTIONS:
            places = [place for place in section.places if _sees(place)]
            if places and section.label:
                ui.label(_(section.label)).classes("nav-section")
            for place in places:
                _entry(place, here=is_at(place, path))
    return drawer


def _sees(place: Place) -> bool:
    actor = view().actor
    return actor.may(place.role) if place.of_all else max(actor.roles.values(), default=0) >= place.role


def _entry(place: Place, *, here: bool) -> None:
    link = Link(target=f"/console{place.path}").classes("nav-entry")
    if here:
        link.props('aria-current="page"')
    with link:
        ui.icon(place.icon).props('aria-hidden="true"')
        ui.label(_(place.label))


def _bar(drawer: "ui.left_drawer") -> None:
    seen = view()
    with ui.header().classes("bar"):
        menu = named(ui.button(icon="menu", on_click=drawer.toggle), _("Navigation")).props("flat dense round")
        menu.classes("bar-menu")
        with Link(target="/console/").classes("brand").props('aria-label="LinkOps"'):
            ui.html('<img src="/console/static/favicon.svg" alt="" width="24" height="24">', sanitize=False)
            ui.label("LinkOps")
        ui.space()
        with named(ui.button(icon="translate"), _("Language")).props("flat dense round"), ui.menu():
            for code, label in (("en", "English"), ("zh", "简体中文")):
                _choice("language", code, label, chosen=seen.language == code)
        with named(ui.button(icon="contrast"), _("Theme")).props("flat dense round"), ui.menu():
            for code, label in (("auto", _("Like the system")), ("light", _("Light")), ("dark", _("Dark"))):
                _choice("theme", code, label, chosen=seen.theme == code)
        with named(ui.button(icon="account_circle"), _("Account")).props("flat dense round"), ui.menu():
            ui.label(seen.actor.name).classes("menu-name")
            ui.separator()
            ui.menu_item(_("Change the password"), lambda: go("/console/password"))
            ui.menu_item(_("API tokens"), lambda: go("/console/tokens"))
            ui.menu_item(_("API documentation"), lambda: ui.run_javascript('window.open("/api/v1/docs")'))
            # A form, so that the browser sends the cookie and says where it comes from.
            ui.menu_item(_("Log out"), lambda: ui.run_javascript(_LOG_OUT))


_LOG_OUT = """
const form = document.createElement("form");
form.method = "post"; form.action = "/console/logout";
document.body.append(form); form.submit();
"""


def _choice(name: str, value: str, label: str, *, chosen: bool) -> None:
    script = _REMEMBER.replace("{name}", name).replace("{value}", value)
    item = ui.menu_item(label, lambda: ui.run_javascript(script))
    if chosen:
        item.props('active aria-current="true"')
