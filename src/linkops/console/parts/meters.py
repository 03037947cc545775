"""How far something is, as a bar of states: each with its own colour and pattern."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from linkops.console.texts import _
from linkops.ota.model import TaskStatus

S = TaskStatus
PARTS: tuple[tuple[str, tuple[TaskStatus, ...]], ...] = (
    ("good", (S.SUCCEEDED,)),
    ("bad", (S.FAILED,)),
    ("run", (S.NOTIFIED, S.IN_PROGRESS)),
    ("wait", (S.CONFIRM, S.QUEUED)),
    ("off", (S.CANCELED,)),
)


def progress_of(counts: Mapping[TaskStatus, int]) -> dict[str, Any] | None:
    """Return tasks, counted, as `linkops.console.parts.tables.Kind.PROGRESS` takes them; None if there are none."""
    total = sum(counts.values())
    if not total:
        return None
    parts = [{"kind": kind, "share": sum(counts.get(status, 0) for status in of)} for kind, of in PARTS]
    text = _(
        "{succeeded} of {total} succeeded, {failed} failed",
        succeeded=f"{counts.get(S.SUCCEEDED, 0):,}",
        total=f"{total:,}",
        failed=f"{counts.get(S.FAILED, 0):,}",
    )
    return {"parts": [part for part in parts if part["share"]], "text": text}


class Meter:
    """Such a bar, changed in place."""

    def __init__(self) -> None:
        with ui.element("div").classes("meter meter-tall").props("role=img") as self._bar:
            self._parts = {kind: ui.element("i").classes(f"meter-{kind}") for kind, _statuses in PARTS}

    def show(self, counts: Mapping[TaskStatus, int]) -> None:
        """Show tasks, counted."""
        found = progress_of(counts)
        self._bar.props["aria-label"] = found["text"] if found else _("No devices yet")
        self._bar.update()
        shares = {part["kind"]: part["share"] for part in found["parts"]} if found else {}
        for kind, part in self._parts.items():
            part.style(f"flex-grow: {shares.get(kind, 0)}")
