"""Topologies on both engines: what gateways ask, what operators do, and who is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable

import pytest

from linkops.alink.topology import TopologyFault
from linkops.clock import FixedClock
from linkops.db import Database, Tx, open_database
from linkops.devices.model import DeviceKey, NewDevice
from linkops.devices.topology.judging import Refused
from linkops.devices.topology.model import MAX_FOUND, FoundDevice, Place, RequestKind
from linkops.devices.topology.uplinks.model import Answering
from linkops.errors import Conflict, Forbidden, Invalid, NotFound
from linkops.events.actor import SYSTEM, Role
from tests.support.devices import SUB_DEVICES_MOST, DeviceServices, actor, waited
from tests.support.topology import RecordingHub, Yard, addition, changed


@pytest.fixture
async def yard(services: DeviceServices) -> Yard:
    return await Yard(services).build()


@pytest.fixture
async def hub(services: DeviceServices, yard: Yard) -> RecordingHub:
    """Both gateways are online, and all sub-devices are logged in over them."""
    hub = RecordingHub()
    await yard.online(yard.east, yard.west)
    hub.connected.update(device.id for device in (yard.east, yard.west, *yard.subs))
    services.bus.attach(hub, asyncio.get_running_loop())
    return hub


async def names(yard: Yard, gateway: NewDevice) -> list[str]:
    return [key.device_name for key in await yard.topology(gateway)]


async def rows(db: Database) -> dict[str, int]:
    def read(tx: Tx) -> dict[str, int]:
        return {table: tx.scalar(f"SELECT count(*) FROM {table}") for table in ("topology", "event", "audit")}  # noqa: S608

    return await db.read(read)


async def test_what_a_gateway_adds_it_has_and_gives_up(yard: Yard, hub: RecordingHub) -> None:
    one, two, three, _ = yard.subs
    assert await yard.add(yard.east, addition(one), addition(two, digest="sha1")) is None
    assert await yard.add(yard.east, addition(two), addition(three)) is None
    assert await names(yard, yard.east) == ["sensor-0", "sensor-1", "sensor-2"]
    assert await yard.remove(yard.east, two) is None
    assert await names(yard, yard.east) == ["sensor-0", "sensor-2"]
    # The gateway knows what it asked for; only the session of what it gave up ends.
    assert hub.taken() == [([two.id], "removed from its gateway")]
    assert await yard.remove(yard.east, two) == Refused(TopologyFault.NO_RELATION, 0)


async def test_one_wrong_entry_changes_nothing(yard: Yard, hub: RecordingHub, db: Database) -> None:
    good, victim = addition(yard.subs[0]), yard.subs[1]
    await yard.add(yard.west, addition(victim))
    nobody = victim._replace(key=DeviceKey(victim.key.product_key, "nobody"))
    wrong = [
        (addition(victim, secret=yard.subs[0].secret), TopologyFault.WRONG_SIGNATURE),
        (addition(nobody), TopologyFault.UNKNOWN_DEVICE),
        (addition(victim._replace(key=DeviceKey("s\0", "x" * 400))), TopologyFault.UNKNOWN_DEVICE),
        (addition(yard.lamp), TopologyFault.BAD_PARAMETERS),
        (addition(yard.east), TopologyFault.ITSELF),
    ]
    before = await rows(db)
    for entry, fault in wrong:
        assert await yard.add(yard.east, good, entry) == Refused(fault, 1)
    assert await yard.remove(yard.east, yard.subs[0]) == Refused(TopologyFault.NO_RELATION, 0)
    assert await yard.remove(yard.east, victim) == Refused(TopologyFault.NO_RELATION, 0)
    assert await yard.remove(yard.east, nobody) == Refused(TopologyFault.UNKNOWN_DEVICE, 0)
    assert await rows(db) == before
    assert (await names(yard, yard.east), await names(yard, yard.west)) == ([], ["sensor-1"])
    assert hub.taken() == []


async def test_a_sub_device_that_proves_itself_elsewhere_moves(yard: Yard, hub: RecordingHub) -> None:
    one, two, *_ = yard.subs
    await yard.add(yard.east, addition(one), addition(two))
    assert await yard.add(yard.west, addition(two)) is None
    assert (await names(yard, yard.east), await names(yard, yard.west)) == (["sensor-0"], ["sensor-1"])
    assert hub.taken() == [changed(yard.east, 1, two), ([two.id], "moved to another gateway")]
    assert await yard.add(yard.west, addition(two)) is None
    assert hub.taken() == []


async def test_a_gateway_has_so_many_and_no_more(services: DeviceServices, yard: Yard, hub: RecordingHub) -> None:
    more = [await services.device(yard.sub_product, f"more-{number}") for number in range(2)]
    await yard.add(yard.east, *map(addition, yard.subs))
    assert await yard.add(yard.east, *map(addition, more)) == Refused(TopologyFault.TOO_MANY)
    with pytest.raises(Conflict, match=r"gateway\.full"):
        await services.topology.bind(SYSTEM, yard.east.key, [sub.key for sub in more])
    assert await yard.add(yard.east, addition(more[0])) is None
    assert await services.topology.bind(SYSTEM, yard.east.key, [sub.key for sub in yard.subs]) == 0
    assert len(await yard.topology(yard.east)) == SUB_DEVICES_MOST


async def test_wrong_signatures_are_counted_per_gateway_and_sub_device(
    services: DeviceServices, yard: Yard, clock: FixedClock
) -> None:
    one, two, *_ = yard.subs
    for _ in range(5):
        assert await yard.add(yard.east, addition(one, secret="x" * 32)) == Refused(TopologyFault.WRONG_SIGNATURE, 0)
    assert await yard.add(yard.east, addition(two), addition(one)) == Refused(TopologyFault.TOO_OFTEN, 1)
    assert await yard.add(yard.east, addition(two)) is None
    assert await yard.add(yard.west, addition(one)) is None
    clock.advance(60_000)
    assert await yard.add(yard.east, addition(one)) is None


async def test_messages_that_wait_together_are_judged_one_after_the_other(yard: Yard) -> None:
    one, two, *_ = yard.subs
    answers = await asyncio.gather(
        yard.add(yard.east, addition(one)),
        yard.add(yard.west, addition(one)),
        yard.add(yard.west, addition(two, secret="x" * 32)),
        yard.add(yard.east, addition(two)),
    )
    assert [*answers] == [None, None, Refused(TopologyFault.WRONG_SIGNATURE, 0), None]
    assert (await names(yard, yard.east), await names(yard, yard.west)) == (["sensor-1"], ["sensor-0"])


async def test_a_message_of_a_gateway_that_was_deleted_meanwhile(services: DeviceServices, yard: Yard) -> None:
    await services.devices.delete(SYSTEM, [yard.east.key])
    gone = Refused(TopologyFault.NO_GATEWAY)
    assert await yard.add(yard.east, addition(yard.subs[0])) == gone
    assert await yard.remove(yard.east, yard.subs[0]) == gone
    assert await yard.find(yard.east, yard.subs[0].key) == gone


async def test_an_operator_binds_and_unbinds(services: DeviceServices, yard: Yard, hub: RecordingHub) -> None:
    one, two, three, _ = yard.subs
    keys = [sub.key for sub in (one, two, three)]
    assert await services.topology.bind(SYSTEM, yard.east.key, [*keys, one.key]) == 3
    assert hub.taken() == [changed(yard.east, 0, one, two, three)]
    assert await services.topology.bind(SYSTEM, yard.east.key, keys) == 0
    assert await services.topology.bind(SYSTEM, yard.west.key, [two.key]) == 1
    assert hub.taken() == [
        changed(yard.east, 1, two),
        changed(yard.west, 0, two),
        ([two.id], "moved to another gateway"),
    ]
    assert await services.topology.unbind(SYSTEM, yard.east.key, keys) == 2
    assert hub.taken() == [changed(yard.east, 1, one, three), ([one.id, three.id], "removed from its gateway")]
    assert await services.topology.unbind(SYSTEM, yard.east.key, keys) == 0
    assert await services.topology.place(SYSTEM, two.key) == Place(yard.west.key, 0)
    assert await services.topology.place(SYSTEM, yard.west.key) == Place(None, 1)
    assert await services.topology.place(SYSTEM, one.key) == Place(None, 0)


async def test_who_may_change_what(services: DeviceServices, yard: Yard, db: Database) -> None:
    sub, gateways = yard.subs[0].key, yard.gateway_product
    of_gateways, of_subs = actor(Role.OPERATOR, gateways), actor(Role.OPERATOR, yard.sub_product)
    looking = actor(Role.VIEWER, gateways, yard.sub_product)
    before = await rows(db)
    for change in (services.topology.bind, services.topology.unbind):
        for who, refusal in ((of_gateways, NotFound), (of_subs, NotFound), (looking, Forbidden)):
            with pytest.raises(refusal):
                await change(who, yard.east.key, [sub])
        with pytest.raises(Conflict, match=r"not_a_gateway"):
            await change(SYSTEM, yard.lamp.key, [sub])
        with pytest.raises(Conflict, match=r"not_sub_devices"):
            await change(SYSTEM, yard.east.key, [sub, yard.lamp.key])
        with pytest.raises(NotFound, match=r"device\.not_found"):
            await change(SYSTEM, yard.east.key, [sub, DeviceKey(yard.sub_product.product_key, "nobody")])
        with pytest.raises(Invalid):
            await change(SYSTEM, yard.east.key, [])
    assert await rows(db) == before
    both = actor(Role.OPERATOR, gateways, yard.sub_product)
    assert await services.topology.bind(both, yard.east.key, [sub]) == 1


async def test_the_list_of_sub_devices(services: DeviceServices, yard: Yard) -> None:
    others = await services.product("Valves", yard.sub_product.node_type)
    valve = await services.device(others, "valve-1")
    await services.topology.bind(SYSTEM, yard.east.key, [valve.key, *(sub.key for sub in yard.subs)])
    await services.devices.change_tags(SYSTEM, [yard.subs[1].key], {"site": "berlin"})
    await yard.online(yard.subs[1])

    async def listed(who=SYSTEM, **wanted) -> list[str]:  # type: ignore[no-untyped-def]  # what page() takes
        found, cursor = [], None
        while True:
            page = await services.topology.page(who, yard.east.key, cursor=cursor, limit=2, **wanted)
            found += [sub.device.key.device_name for sub in page.items]
            cursor = page.next
            if cursor is None:
                assert page.total == len(found)
                return found

    sensors = [f"sensor-{number}" for number in range(4)]
    assert await listed() == [*sensors, "valve-1"]
    assert await listed(online=True) == ["sensor-1"]
    assert await listed(online=False) == ["sensor-0", "sensor-2", "sensor-3", "valve-1"]
    assert await listed(prefix="sens") == sensors
    assert await listed(actor(Role.VIEWER, yard.gateway_product, others)) == ["valve-1"]
    page = await services.topology.page(SYSTEM, yard.east.key, online=True)
    assert (page.items[0].tags, page.items[0].added_at) == ({"site": "berlin"}, services.clock.now())
    with pytest.raises(NotFound):
        await services.topology.page(actor(Role.VIEWER, yard.sub_product), yard.east.key)
    with pytest.raises(Conflict, match="not_a_gateway"):
        await services.topology.page(SYSTEM, yard.lamp.key)


async def test_what_a_gateway_found(services: DeviceServices, yard: Yard, db: Database, clock: FixedClock) -> None:
    one, two, *_ = yard.subs
    product_key = yard.sub_product.product_key
    await yard.add(yard.west, addition(two))
    assert await yard.find(yard.east, one.key, two.key, (product_key, "brand-new")) is None
    first = clock.now()
    found = [
        FoundDevice(DeviceKey(product_key, "brand-new"), first, registered=False, gateway=None),
        FoundDevice(one.key, first, registered=True, gateway=None),
        FoundDevice(two.key, first, registered=True, gateway=yard.west.key),
    ]
    assert await services.joining.found(SYSTEM, yard.east.key) == found
    before = await rows(db)
    clock.advance(1_000)
    assert await yard.find(yard.east, one.key) is None  # nothing new, but seen again
    assert await rows(db) == before
    newest, *_ = await services.joining.found(SYSTEM, yard.east.key)
    assert newest.key == one.key
    assert await yard.add(yard.east, addition(one)) is None
    assert await yard.find(yard.east, one.key) is None  # its own by now
    assert [each.key.device_name for each in await services.joining.found(SYSTEM, yard.east.key)] == [
        "brand-new",
        "sensor-1",
    ]
    assert await services.joining.found(actor(Role.VIEWER, yard.gateway_product), yard.east.key) == []
    lamp = (yard.lamp_product.product_key, "lamp-2")
    assert await yard.find(yard.east, one.key, lamp) == Refused(TopologyFault.UNKNOWN_PRODUCT, 1)
    assert await yard.find(yard.east, (product_key, "\0")) == Refused(TopologyFault.BAD_DEVICE_NAME, 0)
    assert await yard.find(yard.east, ("\0", "sensor-1")) == Refused(TopologyFault.UNKNOWN_PRODUCT, 0)


async def test_only_the_newest_found_devices_are_kept(services: DeviceServices, yard: Yard, clock: FixedClock) -> None:
    product_key = yard.sub_product.product_key
    for start in range(0, MAX_FOUND + 30, 30):
        clock.advance(1)
        await yard.find(yard.east, *((product_key, f"found-{start + each:04}") for each in range(30)))
    kept = await services.joining.found(SYSTEM, yard.east.key)
    assert len(kept) == MAX_FOUND
    assert {each.key.device_name for each in kept} > {f"found-{number:04}" for number in range(60, 240)}


async def test_what_a_gateway_is_asked_and_answers(
    services: DeviceServices, yard: Yard, hub: RecordingHub, clock: FixedClock
) -> None:
    one, two, *_ = yard.subs
    await services.joining.ask_to_add(SYSTEM, yard.east.key, [one.key, two.key, one.key])
    await services.joining.permit(SYSTEM, yard.east.key, yard.sub_product.product_key, 60)
    asked, permitted = hub.taken()
    base = f"/sys/{yard.gateway_product.product_key}/east/thing"
    keys = [{"productKey": sub.key.product_key, "deviceName": sub.key.device_name} for sub in (one, two)]
    assert asked[1:] == (f"{base}/topo/add/notify", keys)
    assert permitted[1:] == (f"{base}/gateway/permit", {"time": 60, "productKey": yard.sub_product.product_key})
    now = clock.now()
    assert await services.joining.requests(SYSTEM, yard.east.key) == [
        (RequestKind.ADD, now, None, None, None),
        (RequestKind.PERMIT, now, now + 60_000, None, None),
    ]
    add_id, permit_id = hub.message_ids
    clock.advance(500)
    answers = [
        Answering(yard.east.id, RequestKind.ADD, permit_id, 200),  # of something else
        Answering(yard.west.id, RequestKind.ADD, add_id, 200),  # of somebody else
        Answering(yard.east.id, RequestKind.PERMIT, int(permit_id), 200),
        Answering(yard.east.id, RequestKind.PERMIT, permit_id, 500),  # again
    ]
    assert await waited(services.gateways.answer.put, answers) == [False, False, True, False]
    assert await services.joining.requests(SYSTEM, yard.east.key) == [
        (RequestKind.ADD, now, None, None, None),
        (RequestKind.PERMIT, now, now + 60_000, 200, now + 500),
    ]
    await services.joining.permit(SYSTEM, yard.east.key, yard.sub_product.product_key, 30)
    assert (await services.joining.requests(SYSTEM, yard.east.key))[1][2:] == (clock.now() + 30_000, None, None)


async def test_a_gateway_that_is_away_is_asked_nothing(services: DeviceServices, yard: Yard, db: Database) -> None:
    services.bus.attach(RecordingHub(), asyncio.get_running_loop())
    before = await rows(db)
    product_key = yard.sub_product.product_key

    async def refused(call: Awaitable[object], code: str) -> None:
        with pytest.raises((Conflict, Invalid, NotFound)) as refusal:
            await call
        assert refusal.value.code == code

    await refused(services.joining.ask_to_add(SYSTEM, yard.east.key, [yard.subs[0].key]), "gateway.offline")
    await refused(services.joining.permit(SYSTEM, yard.east.key, product_key, 60), "gateway.offline")
    assert await rows(db) == before
    await yard.online(yard.east)
    before = await rows(db)
    permit, ask = services.joining.permit, services.joining.ask_to_add
    await refused(permit(SYSTEM, yard.east.key, product_key, 0), "gateway.permit_seconds")
    await refused(permit(SYSTEM, yard.east.key, yard.lamp_product.product_key, 60), "gateway.not_sub_devices")
    await refused(permit(SYSTEM, yard.east.key, "nothing", 60), "product.not_found")
    await refused(permit(SYSTEM, yard.lamp.key, product_key, 60), "gateway.not_a_gateway")
    await refused(ask(SYSTEM, yard.east.key, [yard.lamp.key]), "gateway.not_sub_devices")
    await refused(ask(SYSTEM, yard.east.key, [DeviceKey(product_key, "nobody")]), "device.not_found")
    both = actor(Role.OPERATOR, yard.gateway_product)
    await refused(ask(both, yard.east.key, [yard.subs[0].key]), "device.not_found")
    await refused(permit(both, yard.east.key, product_key, 60), "product.not_found")
    assert await rows(db) == before


@pytest.fixture
async def second_server(postgres_url: str, clock: FixedClock) -> AsyncIterator[tuple[DeviceServices, DeviceServices]]:
    """Two servers over one database."""
    databases = [open_database(postgres_url) for _ in range(2)]
    yield DeviceServices(databases[0], clock), DeviceServices(databases[1], clock)
    for database in databases:
        database.close()


@pytest.mark.postgres
async def test_two_servers_at_once(second_server: tuple[DeviceServices, DeviceServices]) -> None:
    here, there = second_server
    yard = await Yard(here).build(subs=8)
    elsewhere = Yard(there)
    for _ in range(5):
        # Eight for a gateway that may have five; and one that both gateways claim.
        results = await asyncio.gather(
            yard.add(yard.east, *map(addition, yard.subs[:4])),
            elsewhere.add(yard.east, *map(addition, yard.subs[4:])),
            yard.add(yard.west, addition(yard.subs[0])),
            elsewhere.add(yard.west, addition(yard.subs[7])),
        )
        assert all(refused is None or refused.fault is TopologyFault.TOO_MANY for refused in results)
        east, west = await yard.topology(yard.east), await yard.topology(yard.west)
        assert len(east) <= SUB_DEVICES_MOST
        assert not set(east) & set(west)
        await here.topology.unbind(SYSTEM, yard.east.key, [sub.key for sub in yard.subs])
        await there.topology.unbind(SYSTEM, yard.west.key, [sub.key for sub in yard.subs])
