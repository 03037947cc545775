"""Changing a rollout while it runs: its rate, tags, limits and windows; of a dynamic one also versions and time-out."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from nicegui import ui

from linkops.console.pages.jobs.draft import Draft, aborts, growth, windows
from linkops.console.pages.jobs.limits import draw_aborts, draw_tags, draw_windows
from linkops.console.pages.jobs.strategy import draw_constant, draw_growing, number
from linkops.console.parts.forms import Form
from linkops.console.texts import _
from linkops.console.view import view
from linkops.errors import Invalid
from linkops.ota.model import Job, Selection
from linkops.ota.steering.service import JobChange
from linkops.ota.strategy_check import RATES


def ask_for_changes(job: Job, again: Callable[[], Awaitable[None]]) -> None:
    """Ask what is to be another, and change it for devices from then on."""
    draft, form = draft_of(job), Form()
    limited = job.strategy.growth is None
    with ui.dialog() as dialog, ui.card().classes("form edit-form"):
        ui.label(_("Edit the running rollout")).classes("dialog-title").props("role=heading aria-level=2")
        _section(_("Rate"))
        unlimited = ui.switch(_("As fast as it goes"), value=draft.rate_kind == "unlimited")
        unlimited.set_visibility(limited)
        with ui.element("div").classes("field-list"):
            if limited:
                with ui.element("div").bind_visibility_from(unlimited, "value", backward=lambda value: not value):
                    draw_constant(draft, form)
            else:
                draw_growing(draft, form)
        if job.selection is Selection.DYNAMIC:
            _draw_dynamic(job, draft, form)
        _section(_("Stop by itself"))
        draw_aborts(draft.aborts, form)
        _section(_("Push window"))
        draw_windows(draft.windows, form)
        _section(_("Tags"))
        draw_tags(draft.tags, form)

        async def save() -> None:
            seen = view()
            change = change_of(job, draft, unlimited=bool(unlimited.value))
            await seen.services.ota.steering.edit(await seen.act(), job.id, change)
            dialog.close()
            ui.notify(_("Changed"), type="positive")
            await again()

        with ui.row().classes("dialog-actions"):
            ui.button(_("Cancel"), on_click=dialog.close).props("flat")
            form.button(_("Save"), save)
    dialog.props["aria-label"] = _("Edit the running rollout")
    dialog.on("hide", dialog.delete)
    dialog.open()


def _draw_dynamic(job: Job, draft: Draft, form: Form) -> None:
    _section(_("For devices that are selected from now on"))
    label = _("Time for a device, in minutes")
    number(draft, form, "timeout_s", "timeout_min", label, _("Empty: never."))
    if job.source_versions:
        options = list(job.source_versions)
        chosen = ui.select(options, label=_("Only from these versions"), multiple=True, value=options)
        chosen.props("use-chips use-input").props["new-value-mode"] = "add-unique"
        form.field("source_versions", chosen).bind_value_to(draft, "versions", forward=lambda value: list(value or []))


def _section(text: str) -> None:
    ui.label(text).classes("section-title").props("role=heading aria-level=3")


def draft_of(job: Job) -> Draft:
    """Return what can be changed about a rollout, as it is now."""
    strategy, grows = job.strategy, job.strategy.growth
    draft = Draft(
        rate_kind="unlimited" if strategy.rate_per_minute is None and grows is None else "constant",
        timeout_min=None if strategy.timeout_s is None else strategy.timeout_s / 60,
        versions=list(job.source_versions),
        aborts=[_row(one, {"percent": None, "failures": None}) for one in strategy.abort],
        windows=[_row(one, {}) for one in strategy.windows],
        tags=[{"key": key, "value": value} for key, value in job.tags.items()],
    )
    if strategy.rate_per_minute is not None:
        draft.rate = strategy.rate_per_minute
    if grows is not None:
        draft.base, draft.factor, draft.most = grows.base_per_minute, grows.factor, grows.most_per_minute
        draft.notified, draft.succeeded = grows.notified, grows.succeeded
    return draft


def _row(thing: msgspec.Struct, missing: dict[str, Any]) -> dict[str, Any]:
    row = {**missing, **msgspec.structs.asdict(thing)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in row.items()}


def change_of(job: Job, draft: Draft, *, unlimited: bool) -> JobChange:
    """Return what was changed; what is as it was stays out, so that two who edit do not undo each other's changes.

    Raises:
        Invalid: a field that has to be filled in is empty.
    """
    strategy = job.strategy
    tags = {row["key"].strip(): row["value"] or "" for row in draft.tags if (row["key"] or "").strip()}
    wanted: dict[str, tuple[object, object]] = {
        "abort": (strategy.abort, aborts(draft.aborts)),
        "windows": (strategy.windows, windows(draft.windows)),
        "tags": (job.tags, tags),
    }
    if strategy.growth is not None:
        wanted["growth"] = (strategy.growth, growth(draft))
    else:
        wanted["rate_per_minute"] = (strategy.rate_per_minute, None if unlimited else _rate(draft))
    if job.selection is Selection.DYNAMIC:
        seconds = None if draft.timeout_min is None else int(draft.timeout_min * 60)
        wanted["timeout_s"] = (strategy.timeout_s, seconds)
        wanted["source_versions"] = (tuple(job.source_versions), tuple(draft.versions))
    changed: dict[str, Any] = {name: after for name, (before, after) in wanted.items() if before != after}
    return JobChange(**changed)


def _rate(draft: Draft) -> int:
    if draft.rate is None:
        raise Invalid("job.rate_invalid", field="rate_per_minute", least=RATES[0], most=RATES[-1])
    return int(draft.rate)
