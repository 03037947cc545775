"""Tables over lists of any length: the server hands out a page at a time, forwards and back."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.names import named
from linkops.console.parts.sizes import exact_size, size_text
from linkops.console.parts.status import look_of
from linkops.console.parts.times import ago, exact
from linkops.console.texts import _


class Kind(StrEnum):
    """How a cell is shown. All of them show text as text: nothing from a device becomes HTML."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    SHARE = "share"
    LINK = "link"
    STATUS = "status"
    TIME = "time"
    TAGS = "tags"
    PROGRESS = "progress"
    OPEN = "open"
    SIZE = "size"
    TREE = "tree"


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        key: of the value in a row. For `Kind.LINK` the row also has ``{key}_href``; for `Kind.TREE` this and
            ``{key}_level``, from 1.
        label: English, marked for translation; "" of a column of buttons.
        rank: 1 is always shown, 2 from 700 pixels on, 3 from 1,100.
        language: of its cells, where that is not the viewer's: programs that read a page aloud need to know.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    rank: int = 1
    language: str = ""


class Rows(NamedTuple):
    """A page of a list: its rows by column, the cursor of the next page, and how many there are, as people read it."""

    rows: Sequence[Mapping[str, Any]]
    next: str | None
    total: str = ""


Load: TypeAlias = Callable[[str | None], Awaitable[Rows]]
"""Takes a cursor (None: the first page)."""

_CELLS = {
    Kind.TEXT: "{{ props.value }}",
    Kind.CODE: '<span class="mono" :title="props.value">{{ props.value }}</span>',
    Kind.NUMBER: "{{ props.value }}",
    Kind.SHARE: "{{ props.value }}",
    Kind.LINK: (
        '<a v-if="props.value !== \'\' && props.value !== null" class="cell-link" '
        ":href=\"props.row[props.col.name + '_href']\">{{ props.value }}</a>"
    ),
    Kind.STATUS: '<span v-if="props.value" :class="\'chip chip-\' + props.value.kind">{{ props.value.word }}</span>',
    Kind.TIME: '<span v-if="props.value" :title="props.value.exact">{{ props.value.ago }}</span>',
    Kind.SIZE: '<span v-if="props.value" :title="props.value.exact">{{ props.value.text }}</span>',
    Kind.TAGS: (
        '<span v-for="(value, key) in props.value" :key="key" class="tag">'
        '{{ key }}<b v-if="value">{{ value }}</b></span>'
    ),
    Kind.PROGRESS: (
        '<div v-if="props.value" class="meter" role="img" :aria-label="props.value.text">'
        '<i v-for="part in props.value.parts" :key="part.kind" :class="\'meter-\' + part.kind" '
        ':style="{flexGrow: part.share}"></i></div>'
    ),
    Kind.TREE: (
        '<a class="cell-link cell-tree" :href="props.row[props.col.name + \'_href\']" '
        ":style=\"{marginLeft: (props.row[props.col.name + '_level'] - 1) * 22 + 'px'}\">{{ props.value }}</a>"
    ),
    Kind.OPEN: (
        '<q-btn v-if="props.value" flat dense round size="sm" icon="more_horiz" :title="props.value" '
        ':aria-label="props.value" @click="() => $parent.$emit(\'open\', props.row.key)"></q-btn>'
    ),
}


class PagedTable:
    """A table that shows one page of a list, and gets the others when they are asked for."""

    def __init__(
        self,
        columns: Sequence[Column],
        load: Load,
        *,
        empty: str,
        row_key: str = "key",
        selection: bool = False,
        on_open: Callable[[str], Awaitable[None]] | None = None,
        on_select: Callable[[], None] | None = None,
    ) -> None:
        """Draw an empty table; `show` fills it.

        Args:
            columns: what a row has.
            load: gives a page; called again with every change of place.
            empty: what to say, and to do, when there is nothing (already in the viewer's language).
            row_key: names the value that tells rows apart.
            selection: whether rows can be ticked.
            on_open: called with the key of a row whose button (`Kind.OPEN`) is pressed.
            on_select: called when other rows are ticked.
        """
        self._columns = tuple(columns)
        self._load = load
        self._places: list[str | None] = [None]
        self._next: str | None = None
        self._row_key = row_key
        self._table = _table(self._columns, row_key, empty, selection=selection)
        if on_open is not None:
            pressed = action(on_open)
            self._table.on("open", lambda event: pressed(str(event.args)))
        if on_select is not None:
            self._table.on_select(on_select)
        with ui.element("div").classes("table-foot"):
            self._total = ui.label().classes("table-total").props("aria-live=polite")
            ui.space()
            self._back = named(ui.button(icon="chevron_left", on_click=action(self._previous)), _("Previous page"))
            self._back.props("flat dense round")
            self._on = named(ui.button(icon="chevron_right", on_click=action(self._following)), _("Next page"))
            self._on.props("flat dense round")

    @property
    def selected(self) -> list[dict[str, Any]]:
        """The rows that are ticked."""
        return list(self._table.selected)

    async def show(self, *, first: bool = False) -> None:
        """Get the page that is shown again; ``first``: go back to the first one."""
        if first:
            self._places = [None]
        with self._busy():
            found = await self._load(self._places[-1])
        self._fill(found, ticked=frozenset())

    async def refresh(self) -> None:
        """Get the page that is shown again, and leave what is ticked; nothing is sent when nothing has changed."""
        ticked = frozenset(row[self._row_key] for row in self._table.selected)
        self._fill(await self._load(self._places[-1]), ticked=ticked)

    @contextmanager
    def _busy(self) -> Iterator[None]:
        """Show, and say, that other rows are on their way."""
        self._table.props("aria-busy=true")
        try:
            yield
        finally:
            self._table.props(remove="aria-busy")

    def _fill(self, found: Rows, *, ticked: frozenset[Any]) -> None:
        self._next = found.next
        rows = [self._cells(row) for row in found.rows]
        selected = [row for row in rows if row[self._row_key] in ticked]
        if rows != self._table.rows or selected != self._table.selected:
            self._table.rows = rows
            self._table.selected = selected
            self._table.update()
        self._total.text = found.total
        self._back.set_enabled(len(self._places) > 1)
        self._on.set_enabled(found.next is not None)

    def _cells(self, row: Mapping[str, Any]) -> dict[str, Any]:
        shown = dict(row)
        for column in self._columns:
            shown[column.key] = _cell(column.kind, row.get(column.key))
        return shown

    async def _following(self) -> None:
        if self._next is not None:
            self._places.append(self._next)
            await self.show()

    async def _previous(self) -> None:
        if len(self._places) > 1:
            self._places.pop()
            await self.show()


def total_of(total: int, *, more: bool) -> str:
    """Return how long a list is, as people read it; counting ends somewhere."""
    return _("more than {total}", total=f"{total:,}") if more else _("{total} in all", total=f"{total:,}")


def _cell(kind: Kind, value: Any) -> Any:
    if kind is Kind.TIME:
        return None if value is None else {"ago": ago(value), "exact": exact(value)}
    if kind is Kind.STATUS:
        return None if value is None else {"kind": look_of(value).kind, "word": _(look_of(value).word)}
    if kind is Kind.NUMBER:
        return "" if value is None else f"{value:,}"
    if kind is Kind.SIZE:
        return None if value is None else {"text": size_text(value), "exact": exact_size(value)}
    return value


def _table(columns: Sequence[Column], row_key: str, empty: str, *, selection: bool) -> ui.table:
    shown = [_column(column) for column in columns]
    table = ui.table(rows=[], columns=shown, row_key=row_key, selection="multiple" if selection else None)
    table.props("flat dense hide-pagination hide-selected-banner :rows-per-page-options=[0]").classes("table")
    for column in columns:
        spoken = f' lang="{column.language}"' if column.language else ""
        table.add_slot(f"body-cell-{column.key}", f'<q-td :props="props"{spoken}>{_CELLS[column.kind]}</q-td>')
    if selection:
        table.props("hide-selected-banner")
        # Boxes have names, so that whoever hears the page knows what they tick.
        box = '<q-checkbox dense v-model="props.selected" :aria-label="{}"></q-checkbox>'
        table.add_slot("header-selection", box.format(f"'{_('All rows of this page')}'"))
        table.add_slot("body-selection", box.format(f"String(props.row['{columns[0].key}'])"))
    with table.add_slot("no-data"):
        ui.label(empty).classes("empty-line")
    return table


def _column(column: Column) -> dict[str, Any]:
    classes = f"rank-{column.rank}"
    return {
        "name": column.key,
        "label": _(column.label),
        "field": column.key,
        "align": "right" if column.kind in {Kind.NUMBER, Kind.SHARE, Kind.SIZE} else "left",
        "classes": classes,
        "headerClasses": classes,
    }
