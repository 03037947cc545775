"""Choosing a list of devices and sending it: what became of each line, as it becomes (``list_import.js``)."""

from nicegui.element import Element

from linkops.console.parts.places import with_filters
from linkops.console.texts import _
from linkops.console.view import view
from linkops.devices.imports.lines import MAX_LIST_BYTES

MAX_MB = MAX_LIST_BYTES // 2**20


class ListImport(Element, component="list_import.js"):
    """A place to drop a file, and its report."""

    def __init__(self, product_key: str) -> None:
        """Draw it for a product."""
        super().__init__()
        self._props["address"] = with_filters("/console/device-imports", product_key=product_key)
        self._props["product_key"] = product_key
        self._props["language"] = {"zh": "zh-CN"}.get(view().language, "en")
        self._props["max_bytes"] = MAX_LIST_BYTES
        self._props["words"] = {
            "choose": _("Choose a file"),
            "or_drop": _("or drop it here"),
            "limits": _("CSV, at most {most} MB", most=MAX_MB),
            "too_large": _("The file has more than {most} MB.", most=MAX_MB),
            "sending": _("Sending: {percent} %"),
            "working": _("Creating: {made} created, {refused} refused"),
            "done": _("{made} devices created, {refused} lines refused"),
            "nothing": _("The file has no lines."),
            "lost": _(
                "The connection was lost. Lines before that may have become devices: send the file again, and those "
                "are refused as taken."
            ),
            "secrets": _("Download names and secrets (CSV)"),
            "keep": _("Download them now: the list is not kept."),
            "refused": _("Download the refused lines (CSV)"),
            "line": _("Line"),
            "name": _("Device name"),
            "reason": _("Reason"),
            "more": _("and {count} more: they are in the file"),
        }
