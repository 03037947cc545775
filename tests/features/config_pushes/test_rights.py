"""Whoever may not look at a product sees nothing of its pushes; whoever may only look changes nothing."""

from collections.abc import Awaitable, Callable

import pytest

from linkops.errors import Forbidden, Invalid, NotFound
from linkops.events.actor import SYSTEM, Actor, Role
from linkops.remote_config.pushes.creating import NewPush
from linkops.remote_config.pushes.lists.service import ResultFilter
from tests.support.config_fleet import ConfigFleet
from tests.support.devices import actor
from tests.support.groups import static

Ask = Callable[[ConfigFleet, Actor, int], Awaitable[object]]

LOOKING: dict[str, Ask] = {
    "get": lambda fleet, who, push: fleet.delivery.pushes.get(who, push),
    "page": lambda fleet, who, _: fleet.delivery.pushes.page(who, fleet.product.product_key),
    "results": lambda fleet, who, push: fleet.delivery.results.of_push(who, push, ResultFilter()),
    "by name": lambda fleet, who, push: fleet.delivery.results.by_device_name(who, push, ResultFilter()),
    "all": lambda fleet, who, push: anext(fleet.delivery.results.all_of_push(who, push, ResultFilter())),
    "of device": lambda fleet, who, _: fleet.delivery.results.of_device(who, fleet.keys[0]),
    "drift": lambda fleet, who, _: fleet.delivery.drift.page(who, fleet.product.product_key),
    "summary": lambda fleet, who, _: fleet.delivery.drift.summary(who, fleet.product.product_key),
    "drift of device": lambda fleet, who, _: fleet.delivery.drift.of_device(who, fleet.keys[0]),
}
CHANGING: dict[str, Ask] = {
    "begin": lambda fleet, who, _: fleet.delivery.pushes.begin(who, NewPush(product_key=fleet.product.product_key)),
    "preview": lambda fleet, who, _: fleet.delivery.pushes.preview(who, NewPush(product_key=fleet.product.product_key)),
    "continue": lambda fleet, who, push: fleet.delivery.pushes.go_on(who, push, 0),
    "cancel": lambda fleet, who, push: fleet.delivery.pushes.cancel(who, push),
}


@pytest.mark.parametrize("what", [*LOOKING, *CHANGING])
async def test_strangers_see_nothing(fleet: ConfigFleet, what: str) -> None:
    await fleet.start(1)
    push = await fleet.push()
    await fleet.tick()
    stranger = actor(Role.ADMIN, await fleet.services.product("Lamps"))
    with pytest.raises(NotFound):
        await (LOOKING | CHANGING)[what](fleet, stranger, push.id)


@pytest.mark.parametrize("what", list(CHANGING))
async def test_viewers_change_nothing(fleet: ConfigFleet, what: str) -> None:
    await fleet.start(1)
    push = await fleet.push()
    await fleet.tick()
    viewer, before = actor(Role.VIEWER, fleet.product), await fleet.look(push)
    for look in LOOKING.values():
        await look(fleet, viewer, push.id)
    with pytest.raises(Forbidden):
        await CHANGING[what](fleet, viewer, push.id)
    assert await fleet.look(push) == before


async def test_groups_and_devices_of_others_are_refused(fleet: ConfigFleet) -> None:
    await fleet.start(1)
    lamps = await fleet.services.product("Lamps")
    lamp = await fleet.services.device(lamps, "lamp-1")
    group = await static(fleet.services, "Lamps of the cellar", lamps)
    operator = actor(Role.OPERATOR, fleet.product)
    key = fleet.product.product_key
    with pytest.raises(NotFound):
        await fleet.delivery.pushes.begin(operator, NewPush(product_key=key, group_id=group.id))
    with pytest.raises(Invalid):
        await fleet.delivery.pushes.begin(SYSTEM, NewPush(product_key=key, group_id=group.id))
    names = ("pump-0", lamp.key.device_name)
    with pytest.raises(Invalid):
        await fleet.delivery.pushes.begin(operator, NewPush(product_key=key, device_names=names))
    assert (await fleet.delivery.pushes.page(SYSTEM, key)).items == []
