"""Which devices the list shows: what is asked stands in the address."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from nicegui import ui

from linkops.console.page import action
from linkops.console.parts.group_choice import group_choice, named_groups
from linkops.console.parts.links import go
from linkops.console.parts.names import named
from linkops.console.parts.places import with_filters
from linkops.console.parts.product_choice import searched_product
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.search.model import DeviceFilter, Order

STATES = {
    "": n_("Any state"),
    "online": n_("Online"),
    "offline": n_("Offline"),
    "inactive": n_("Inactive"),
    "disabled": n_("Disabled"),
    "activated": n_("Ever activated"),
}
_ENABLED = {"online": True, "offline": True, "inactive": True, "disabled": False}
_ACTIVATED = {"offline": True, "inactive": False, "activated": True}
_ORDERS = {
    Order.NAME: n_("By name"),
    Order.NEWEST: n_("Newest first"),
    Order.OLDEST: n_("Oldest first"),
    Order.LAST_SEEN: n_("Last seen first"),
}
_SIZES = (50, 100, 200)
Again = Callable[[], Awaitable[None]]


class Asked(msgspec.Struct):
    """What is asked, as the address says it; "" leaves it open.

    Attributes:
        tag: ``key`` or ``key=value``.
        module: of the product; likewise ``version``.
        group: its number.
    """

    product: str = ""
    state: str = ""
    name: str = ""
    tag: str = ""
    module: str = ""
    version: str = ""
    group: str = ""
    order: str = ""
    rows: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """Return what an address asks for, without what no page of ours puts there."""
        asked = cls(**{name: query[name] for name in cls.__struct_fields__ if name in query})
        return msgspec.structs.replace(
            asked,
            state=asked.state if asked.state in STATES else "",
            order=asked.order if asked.order in set(Order) else "",
            rows=asked.rows if asked.rows in map(str, _SIZES) else "",
            group=asked.group if asked.group.isascii() and asked.group.isdecimal() and len(asked.group) < 18 else "",
            module=asked.module if asked.product else "",
            version=asked.version if asked.product and asked.module else "",
        )

    def address(self) -> str:
        """Return the address of the list that shows this."""
        return with_filters("/console/devices", **msgspec.structs.asdict(self))

    @property
    def limit(self) -> int:
        """How many rows a page has."""
        return int(self.rows or _SIZES[0])

    @property
    def sorting(self) -> Order:
        """In which order."""
        return Order(self.order or Order.NAME)

    @property
    def narrow(self) -> bool:
        """Whether anything is left out."""
        return any((self.product, self.state, self.name, self.tag, self.module, self.group))

    def filter(self) -> DeviceFilter:
        """Return what the service is asked."""
        key, sign, value = self.tag.strip().partition("=")
        return DeviceFilter(
            product_key=self.product or None,
            name_prefix=self.name.strip(),
            online={"online": True, "offline": False}.get(self.state),
            enabled=_ENABLED.get(self.state),
            activated=_ACTIVATED.get(self.state),
            tag_key=key.strip() or None,
            tag_value=value.strip() if sign and key.strip() and value.strip() else None,
            module=self.module or None,
            version=self.version.strip() or None,
            group_id=int(self.group) if self.group else None,
        )


async def draw_filters(asked: Asked, again: Again) -> None:
    """Draw the filters; ``again`` is called when ``asked`` has changed."""

    async def changed() -> None:
        ui.navigate.history.replace(asked.address())
        await again()

    async def other_product() -> None:
        # Modules and groups are those of the product: the page is another one, and Back leads to this one.
        there = msgspec.structs.replace(asked, product=product.value or "", module="", version="", group="")
        go(there.address())

    with named(ui.row(), _("Filters")).classes("filters").props("role=search"):
        product = await searched_product(_("Product"), asked.product or None)
        product.classes("filter filter-wide").props("clearable").on_value_change(action(other_product))
        _text(asked, "name", _("Name begins with"), changed)
        _choice(asked, "state", _("State"), {state: _(word) for state, word in STATES.items()}, changed)
        _text(asked, "tag", _("Tag, as key or key=value"), changed)
        if asked.product:
            _choice(asked, "module", _("Module"), await _modules(asked.product), changed)
            _text(asked, "version", _("Version of the module"), changed)
        await _group(asked, changed)
        orders = {("" if order is Order.NAME else order.value): _(word) for order, word in _ORDERS.items()}
        _choice(asked, "order", _("Order"), orders, changed)
        sizes = {("" if size == _SIZES[0] else str(size)): f"{size}" for size in _SIZES}
        _choice(asked, "rows", _("Rows"), sizes, changed)


def _text(asked: Asked, name: str, label: str, changed: Again) -> None:
    field = ui.input(label, value=getattr(asked, name)).props("outlined dense clearable debounce=300").classes("filter")
    field.bind_value_to(asked, name, forward=lambda value: value or "").on_value_change(action(changed))


def _choice(asked: Asked, name: str, label: str, options: dict[str, str], changed: Again) -> None:
    value = getattr(asked, name)
    options.setdefault(value, value)
    choice = ui.select(options, value=value, label=label).props("outlined dense options-dense").classes("filter")
    choice.bind_value_to(asked, name).on_value_change(action(changed))


async def _modules(product_key: str) -> dict[str, str]:
    seen = view()
    modules = await seen.services.ota.modules.list(seen.actor, product_key)
    return {"": _("Any module"), **{one.name: one.alias or one.name for one in modules}}


async def _group(asked: Asked, changed: Again) -> None:
    product, group = asked.product or None, int(asked.group) if asked.group else None
    known = await named_groups(product, *([] if group is None else [group]))
    choice = group_choice(known, product, _("Group"), _("Any group"), group).classes("filter")
    choice.bind_value_to(asked, "group", forward=lambda value: str(value or "")).on_value_change(action(changed))
