"""Custom information for devices: any text, mostly JSON; where it stops being JSON is told while it is typed."""

import json

from nicegui import ui

from linkops.console.parts.forms import Form
from linkops.console.texts import _
from linkops.ota.names import MAX_CUSTOM_INFO_CHARS


def custom_info_field(form: Form, value: str = "") -> ui.textarea:
    """Draw the field."""
    label = _("Custom information for devices")
    field = ui.textarea(label, value=value).props(f"autogrow maxlength={MAX_CUSTOM_INFO_CHARS} counter debounce=300")
    field.classes("mono-input")
    form.field("custom_info", field)
    said = ui.label().classes("muted hint").props("aria-live=polite")

    def judge() -> None:
        said.text = verdict(str(field.value or ""))

    field.on_value_change(judge)
    judge()
    return field


def verdict(text: str) -> str:
    """Return what kind of text this is, in the viewer's language."""
    if not text.strip():
        return _("Handed on with the update as it is, as extData._package_udi.")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return _(
            "No JSON from line {line}, column {column} on: devices get it as plain text.",
            line=error.lineno,
            column=error.colno,
        )
    except RecursionError:
        return _("JSON that is nested too deeply: devices get it as plain text.")
    return _("JSON.")
