"""What the services of documents ask, on both engines."""

import pytest

from linkops.clock import FixedClock
from linkops.db import Database, Tx
from linkops.errors import Invalid
from linkops.events.actor import SYSTEM
from linkops.remote_config.documents.contents import store as contents
from tests.support.configuration import Office
from tests.support.groups import static


async def test_a_life_of_documents(db: Database, clock: FixedClock) -> None:
    office = await Office(db, clock).start()
    pump = await office.device("pump-1")
    group = await static(office.devices, "beta", office.product)
    await office.devices.members.add(SYSTEM, group.id, [pump.key])
    switches, key = office.config.switches, office.product.product_key
    await office.save(office.of_product, '{ "a":1, "b":"\\u0000" }')
    await office.save(office.of_group(group.id), '{"b":2}', priority=3)
    await office.save(office.of_device("pump-1"), '{"c":3}')
    assert await office.preview(pump) == {"a": 1, "b": 2, "c": 3}
    assert [document.device_name for document in await switches.devices(SYSTEM, key, 0, 9)] == ["pump-1"]
    assert [document.group_id for document in await switches.groups(SYSTEM, key)] == [group.id]
    assert (await switches.switch(SYSTEM, key, on=True)).enabled
    assert (await switches.switch(SYSTEM, key, on=True)).enabled
    await office.config.editing.remove(SYSTEM, office.of_device("pump-1"), 1)
    await office.config.editing.restore(SYSTEM, office.of_device("pump-1"), 1, 2)
    with pytest.raises(Invalid):
        await office.save(office.of_product, '{"a":"' + "x" * 65_526 + '"}', 1)
    assert (await office.get(office.of_product)).content == '{ "a":1, "b":"\\u0000" }'
    found = await office.config.documents.compare(SYSTEM, office.of_device("pump-1"), 2, 3)
    assert [change.path for change in found.changes.items] == ["/c"]
    await office.devices.groups.delete(SYSTEM, group.id)
    await office.devices.devices.delete(SYSTEM, [pump.key])
    await office.devices.products.delete(SYSTEM, key)
    assert await db.read(lambda tx: tx.scalar("SELECT count(*) FROM config_content")) == 0


async def test_listed_devices_are_looked_up_one_by_one(sqlite_db: Database, clock: FixedClock) -> None:
    office = await Office(sqlite_db, clock).start()

    def plan(tx: Tx) -> list[str]:
        product_id = office.product.id
        statement = "EXPLAIN QUERY PLAN " + contents._NARROWER
        return [str(row[3]) for row in tx.all(statement, product_id=product_id, devices=[(1,), (2,)])]

    steps = await sqlite_db.read(plan)
    assert any("device_id=?" in step for step in steps), steps
    assert not any(step.startswith("SCAN d") for step in steps), steps
