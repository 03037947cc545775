"""The wizard's second step: when, how fast, and what is done about devices that fail."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from linkops.console.pages.jobs.draft import Draft
from linkops.console.pages.jobs.limits import draw_aborts, draw_stages, draw_tags, draw_windows
from linkops.console.parts.forms import Form
from linkops.console.parts.panels import panel
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.ota.strategy import DownloadProtocol

_STARTS = {"now": n_("At once"), "at": n_("At a time")}
_RATES = {"constant": n_("Constant"), "growing": n_("Growing"), "unlimited": n_("As fast as it goes")}
_SWITCHES = (
    ("need_push", n_("Push to devices"), n_("Off: devices get the update only when they ask for it.")),
    ("need_confirm", n_("Confirm by device"), n_("Nothing is offered before somebody confirms the device's task.")),
    (
        "overwrite",
        n_("Replace unfinished updates"),
        n_("Cancels an older update that its device is not at. Off: this one fails for such a device."),
    ),
    (
        "multi_module",
        n_("Several modules at once"),
        n_("Devices may update other modules meanwhile; their SDK must support it. Not together with replacing."),
    ),
    ("approval", n_("Needs approval"), n_("Somebody other than you lets the rollout start.")),
)


def draw_strategy(draft: Draft, form: Form, changed: Callable[[], None]) -> None:
    """Draw the step; ``changed`` is called whenever the number of devices may be another."""
    with ui.element("div").classes("columns"):
        with panel(_("When")), ui.element("div").classes("field-list"):
            _draw_when(draft, form)
        with panel(_("How fast")), ui.element("div").classes("field-list"):
            draw_rate(draft, form)
        with panel(_("When a device fails")), ui.element("div").classes("field-list"):
            _draw_failing(draft, form)
        with panel(_("What devices do")), ui.element("div").classes("field-list"):
            _draw_delivery(draft, form, changed)
        with panel(_("Stages")), ui.element("div").classes("field-list"):
            draw_stages(draft, form)
        with panel(_("Stop by itself")), ui.element("div").classes("field-list"):
            draw_aborts(draft.aborts, form)
        with panel(_("Push window")), ui.element("div").classes("field-list"):
            draw_windows(draft.windows, form)
        with panel(_("Tags")), ui.element("div").classes("field-list"):
            draw_tags(draft.tags, form)


def number(draft: Any, form: Form, name: str, attribute: str, label: str, hint: str, **limits: Any) -> ui.number:
    """Draw a number; ``name`` is what refusals call it, ``attribute`` where it is kept.

    It has no limits of its own: the toolkit would put another number in place of one beyond them, without a word.
    """
    given: ui.number = form.field(name, ui.number(label, value=getattr(draft, attribute), **limits))
    given.bind_value_to(draft, attribute)
    if hint:
        given.props["hint"] = hint
    return given


def _draw_when(draft: Draft, form: Form) -> None:
    start = ui.radio({name: _(label) for name, label in _STARTS.items()}, value=draft.start)
    start.props("inline").bind_value_to(draft, "start").props["aria-label"] = _("When")
    with ui.element("div").classes("field-list").bind_visibility_from(start, "value", value="at"):
        zone = str(view().zone)
        given = form.field("start_at", ui.input(_("Start"), value=draft.start_at))
        given.props("type=datetime-local stack-label").bind_value_to(draft, "start_at")
        given.props["hint"] = _("In {zone}; 5 minutes to 7 days ahead.", zone=zone)
        ends = form.field("finish_at", ui.input(_("End by force (may be left empty)"), value=draft.finish_at))
        ends.props("type=datetime-local stack-label").bind_value_to(draft, "finish_at")
        ends.props["hint"] = _("What is unfinished then is canceled; 1 hour to 30 days after the start.")
    ui.label(_("Dynamic rollouts always start at once.")).classes("hint")


def draw_rate(draft: Draft, form: Form) -> None:
    """Draw the choice of a rate."""
    kind = ui.radio({name: _(label) for name, label in _RATES.items()}, value=draft.rate_kind)
    kind.props("inline").bind_value_to(draft, "rate_kind").props["aria-label"] = _("How fast")
    with ui.element("div").classes("field-list").bind_visibility_from(kind, "value", value="constant"):
        draw_constant(draft, form)
    with ui.element("div").classes("field-list").bind_visibility_from(kind, "value", value="growing"):
        draw_growing(draft, form)


def draw_constant(draft: Draft, form: Form) -> None:
    """Draw the fields of a constant rate."""
    hint = _("Pushes are spaced evenly; 10 to 10,000. It can be changed while the rollout runs.")
    number(draft, form, "rate_per_minute", "rate", _("Devices a minute"), hint, precision=0)


def draw_growing(draft: Draft, form: Form) -> None:
    """Draw the fields of a growing rate."""
    whole = {"precision": 0}
    with ui.element("div").classes("field-pair"):
        number(draft, form, "growth.base_per_minute", "base", _("Devices a minute at first"), "", **whole)
        number(draft, form, "growth.most_per_minute", "most", _("Devices a minute at most"), "", **whole)
    hint = _("The rate is multiplied by this at each step; 1.1 to 5.")
    number(draft, form, "growth.factor", "factor", _("Factor"), hint, step=0.1)
    with ui.element("div").classes("field-pair"):
        number(draft, form, "growth.notified", "notified", _("A step each time so many were pushed"), "", **whole)
        number(draft, form, "growth.succeeded", "succeeded", _("…or so many succeeded"), "", **whole)


def _draw_failing(draft: Draft, form: Form) -> None:
    hint = _("From its first progress report; empty: never. Long enough for a slow download.")
    number(draft, form, "timeout_s", "timeout_min", _("Time for a device, in minutes"), hint)
    hint = _("A device that says nothing at all fails then, and is free for other updates; empty: never.")
    label = _("Silent for so many hours after the push")
    number(draft, form, "notify_timeout_s", "notify_timeout_h", label, hint)
    with ui.element("div").classes("field-pair"):
        retries = number(draft, form, "retry.count", "retries", _("Tries again"), "", precision=0)
        interval = number(draft, form, "retry.interval_s", "retry_min", _("Minutes between"), "")
        backoff = number(draft, form, "retry.backoff", "backoff", _("Growing by"), "", step=0.5)
    also = ui.switch(_("Also after a time-out"), value=draft.retry_timeouts).bind_value_to(draft, "retry_timeouts")
    for field in (interval, backoff, also):
        field.bind_enabled_from(retries, "value", backward=bool)
    ui.label(
        _("0: a device that fails has failed. The time between tries is multiplied by the last number each time.")
    ).classes("hint")


def _draw_delivery(draft: Draft, form: Form, changed: Callable[[], None]) -> None:
    for name, label, hint in _SWITCHES:
        with ui.element("div").classes("switch-line"):
            given = ui.switch(_(label), value=getattr(draft, name)).bind_value_to(draft, name)
            if name in {"overwrite", "multi_module"}:
                given.on_value_change(changed)
            ui.label(_(hint)).classes("hint")
    protocols = {DownloadProtocol.HTTPS: "HTTPS", DownloadProtocol.MQTT: "MQTT"}
    download = form.field("download", ui.select(protocols, label=_("Download over"), value=draft.download))
    download.bind_value_to(draft, "download").on_value_change(changed)
    download.props["hint"] = _("MQTT: one file of at most 16 MB, and a device that can do it.")
