"""Rules about custom topics, stored and read again."""

import pytest

from linkops.alink.topics import Address, Channel, Direction
from linkops.db import Database
from linkops.devices.topics import store
from linkops.devices.topics.model import VENDOR_RULES, Access, TopicRule
from linkops.devices.topics.service import Topics
from linkops.errors import Forbidden, Invalid, NotFound
from linkops.events.actor import SYSTEM, Role
from tests.support.devices import DeviceServices, actor

PUBLISH, SUBSCRIBE, BOTH = Access
RULES = [TopicRule("z", PUBLISH), TopicRule("cmd/#", SUBSCRIBE)]


@pytest.fixture
def topics(services: DeviceServices) -> Topics:
    return Topics(services.db, services.clock, services.bus)


async def audited(db: Database) -> int:
    counted: int = await db.read(lambda tx: tx.scalar("SELECT count(*) FROM audit WHERE action = 'product.set_topics'"))
    return counted


async def test_rules_are_replaced_whole_and_only_changes_are_recorded(services: DeviceServices, topics: Topics) -> None:
    key = (await services.product()).product_key
    assert await topics.of(SYSTEM, key) == []
    assert await topics.replace(SYSTEM, key, RULES) == await topics.of(SYSTEM, key) == sorted(RULES)
    await topics.replace(SYSTEM, key, list(reversed(RULES)))
    assert await audited(services.db) == 1
    await topics.replace(SYSTEM, key, VENDOR_RULES)
    assert await topics.of(SYSTEM, key) == list(VENDOR_RULES)
    await topics.replace(SYSTEM, key, [])
    assert await topics.of(SYSTEM, key) == []
    assert await audited(services.db) == 3


async def test_what_may_not_be_changes_nothing(services: DeviceServices, topics: Topics) -> None:
    key = (await services.product()).product_key
    await topics.replace(SYSTEM, key, RULES)
    with pytest.raises(Invalid):
        await topics.replace(SYSTEM, key, [TopicRule("a//b", BOTH)])
    assert await topics.of(SYSTEM, key) == sorted(RULES)


async def test_viewers_look_and_administrators_change(services: DeviceServices, topics: Topics) -> None:
    pumps, lamps = await services.product("Pumps"), await services.product("Lamps")
    assert await topics.of(actor(Role.VIEWER, pumps), pumps.product_key) == []
    with pytest.raises(Forbidden):
        await topics.replace(actor(Role.OPERATOR, pumps), pumps.product_key, RULES)
    for call in (
        topics.of(actor(Role.ADMIN, pumps), lamps.product_key),
        topics.replace(actor(Role.ADMIN, pumps), lamps.product_key, RULES),
    ):
        with pytest.raises(NotFound):
            await call
    await topics.replace(actor(Role.ADMIN, pumps), pumps.product_key, RULES)


async def test_all_are_there_after_a_restart(services: DeviceServices, topics: Topics) -> None:
    products = [await services.product(f"Pumps {number}") for number in range(5)]
    for product in products[1:]:
        await topics.replace(SYSTEM, product.product_key, RULES)
    pages, after = [], 0
    while page := await services.db.read(store.some_rules, after, 3):
        pages.append(page)
        after = max(page)
    assert [list(page) for page in pages] == [[p.id for p in products[1:4]], [products[4].id]]
    assert all(rules == sorted(RULES) for page in pages for rules in page.values())

    again = Topics(services.db, services.clock, services.bus)
    await again.load()
    other = Address(Channel.CUSTOM, "pk", "dn", Direction.BOTH, "other")
    may = [again.permissions.may_publish(product.id, other) for product in products]
    assert may == [True, False, False, False, False]


async def test_a_product_takes_its_rules_with_it(services: DeviceServices, topics: Topics) -> None:
    product = await services.product()
    await topics.replace(SYSTEM, product.product_key, RULES)
    await services.products.delete(SYSTEM, product.product_key)
    assert await services.db.read(store.some_rules, 0, 10) == {}
