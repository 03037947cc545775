"""Two texts side by side: what is gone, what came, and what stayed near it. Signs say it as well as colours do."""

import asyncio
import difflib
from collections.abc import Iterator, Sequence
from typing import Any

from nicegui import ui

from linkops.console.texts import _

_NEAR = 3
_MAX_ROWS = 1_500
_MAX_LINES = 3_000
Row = dict[str, Any]
_BODY = """
<q-tr v-if="props.row.gap" class="gap"><q-td colspan="6">{{ props.row.gap }}</q-td></q-tr>
<q-tr v-else>
  <q-td class="at">{{ props.row.old_at }}</q-td>
  <q-td class="sign">{{ props.row.gone ? '\u2212' : '' }}</q-td>
  <q-td :class="props.row.gone ? 'gone' : ''">{{ props.row.old }}</q-td>
  <q-td class="at">{{ props.row.new_at }}</q-td>
  <q-td class="sign">{{ props.row.come ? '+' : '' }}</q-td>
  <q-td :class="props.row.come ? 'come' : ''">{{ props.row.new }}</q-td>
</q-tr>
"""
_HEAD = """
<q-tr><q-th colspan="3" class="text-left">{{ props.cols[0].label }}</q-th>
<q-th colspan="3" class="text-left">{{ props.cols[1].label }}</q-th></q-tr>
"""


async def differences(old: str, new: str, old_name: str, new_name: str) -> None:
    """Draw what differs; the names are in the viewer's language."""
    rows = await asyncio.to_thread(lambda: list(side_by_side(old.splitlines(), new.splitlines())))
    if not rows:
        ui.label(_("There is no difference.") if old == new else _("Only line ends differ.")).classes("muted")
        return
    shown = [{**_shown(row), "key": number} for number, row in enumerate(rows[:_MAX_ROWS])]
    columns = [{"name": name, "label": label, "field": name} for name, label in (("old", old_name), ("new", new_name))]
    table = ui.table(rows=shown, columns=columns, row_key="key").classes("differences")
    table.props("flat dense hide-pagination :rows-per-page-options=[0]").props('tabindex="0"')
    table.add_slot("header", _HEAD)
    table.add_slot("body", _BODY)
    if len(rows) > _MAX_ROWS:
        ui.label(_("There is more; only the beginning is shown.")).classes("warning")


def _shown(row: Row) -> Row:
    return {"gap": _("{lines} lines are the same", lines=f"{row['same']:,}")} if "same" in row else row


def side_by_side(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    """Yield the lines of both texts beside each other; of long parts that are the same only how long they are."""
    if old == new:
        return
    if max(len(old), len(new)) > _MAX_LINES:  # comparing them would take long
        yield from _other(old, new, (0, len(old)), (0, len(new)))
        return
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_NEAR)
    reached = 0
    for group in groups:
        if group[0][1] > reached:
            yield {"same": group[0][1] - reached}
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                for place in range(old_to - old_from):
                    yield _row(old, new, old_from + place, new_from + place, same=True)
            else:
                yield from _other(old, new, (old_from, old_to), (new_from, new_to))
        reached = group[-1][2]
    if reached < len(old):
        yield {"same": len(old) - reached}


def _other(old: Sequence[str], new: Sequence[str], olds: tuple[int, int], news: tuple[int, int]) -> Iterator[Row]:
    for place in range(max(olds[1] - olds[0], news[1] - news[0])):
        before, after = olds[0] + place, news[0] + place
        yield _row(old, new, before if before < olds[1] else None, after if after < news[1] else None, same=False)


def _row(old: Sequence[str], new: Sequence[str], old_at: int | None, new_at: int | None, *, same: bool) -> Row:
    return {
        "old_at": "" if old_at is None else old_at + 1,
        "new_at": "" if new_at is None else new_at + 1,
        "old": "" if old_at is None else old[old_at],
        "new": "" if new_at is None else new[new_at],
        "gone": not same and old_at is not None,
        "come": not same and new_at is not None,
    }
