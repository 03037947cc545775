"""What a sub-device hears over its gateway, and what is kept for it while it is away."""

import asyncio

import msgspec
import pytest

from linkops.certificates import CertificateFiles
from linkops.clock import SystemClock
from linkops.db import Database
from linkops.devices.model import NewDevice
from linkops.hub.subscriptions import MOST
from linkops.mqtt.outbox import MAX_IN_FLIGHT, MAX_WAITING
from linkops.mqtt.packets import PubAck, Publish, UnsubAck, Unsubscribe
from linkops.mqtt.reasons import Reason
from tests.doors.hub.test_sub_devices import inform, report, still_there
from tests.support.gateways import GatewayClient, Plant, bind, login_of, names_of, plant_of
from tests.support.hub import HubDoor, open_hub, reached


@pytest.fixture
async def plant(door: HubDoor) -> Plant:
    return await plant_of(door)


def custom(device: NewDevice, path: str = "get") -> str:
    return f"/{device.key.product_key}/{device.key.device_name}/user/{path}"


def system(device: NewDevice) -> str:
    return f"/sys/{device.key.product_key}/{device.key.device_name}/thing/service/property/set"


async def unsubscribe(client: GatewayClient, *filters: str) -> None:
    await client.client.send(Unsubscribe(9, filters))
    assert isinstance(await client.client.next(), UnsubAck)


async def test_system_topics_come_unasked_until_they_are_unsubscribed(plant: Plant) -> None:
    gateway, (meter, neighbour) = await plant.gateway(2)
    async with plant.online(gateway) as client:
        assert not await plant.door.deliver(meter, system(meter))
        await client.log_in(meter, neighbour)
        assert await plant.door.deliver(meter, system(meter), b"x")
        assert await client.hear(system(meter)) == Publish(system(meter), b"x")
        await unsubscribe(client, system(meter))
        assert not await plant.door.deliver(meter, system(meter))
        assert await plant.door.deliver(neighbour, system(neighbour))
        await client.hear(system(neighbour))
        assert await client.client.subscribe(system(meter)) == b"\x01"
        assert await plant.door.deliver(meter, system(meter))
        await client.hear(system(meter))


async def test_what_a_gateway_may_subscribe_to(plant: Plant, version: int) -> None:
    gateway, (meter, away) = await plant.gateway(2)
    other, (foreign,) = await plant.gateway(1)
    denied = Reason.NOT_AUTHORIZED if version == 5 else 0x80
    async with plant.online(gateway, version) as client, plant.online(other) as elsewhere:
        await elsewhere.log_in(foreign)
        names = f"{meter.key.product_key}/{meter.key.device_name}"
        login_reply = f"/ext/session/{names}/combine/login_reply"
        assert await client.client.subscribe(login_reply, custom(meter)) == bytes([denied, denied])
        await client.log_in(meter)
        granted = [
            login_reply,
            custom(meter),
            f"/sys/{names}/thing/event/+/post_reply",
            f"/ext/rrpc/+/{names}/user/get",
        ]
        assert await client.client.subscribe(*granted) == b"\x01\x01\x01\x01"
        pk = meter.key.product_key
        refused = [
            custom(away),
            custom(foreign),
            custom(other),
            f"/{pk}/+/user/get",
            f"/sys/{pk}/#",
            f"/broadcast/{pk}/all",
        ]
        assert await client.client.subscribe(*refused) == bytes([denied] * len(refused))
        assert not await plant.door.deliver(foreign, custom(foreign))
        await still_there(client)


async def test_filters_end_with_the_session(plant: Plant) -> None:
    """A subscription must not outlive the right to it (CVE-2021-34434)."""
    gateway, (meter,) = await plant.gateway(1)
    other, _ = await plant.gateway()
    async with plant.online(gateway) as client, plant.online(other) as elsewhere:
        await client.log_in(meter)
        await client.client.subscribe(custom(meter))
        await bind(plant.door.db, other, [meter])
        await elsewhere.log_in(meter)
        assert not await plant.door.deliver(meter, custom(meter))
        await client.error()
        await bind(plant.door.db, gateway, [meter])
        await client.log_in(meter)
        assert not await plant.door.deliver(meter, custom(meter))


async def test_every_sub_device_may_have_as_many_filters_as_a_device(plant: Plant) -> None:
    gateway, meters = await plant.gateway(3)
    async with plant.online(gateway) as client:
        await client.log_in(*meters)
        for device in (*meters, gateway):
            filters = [custom(device, f"x/{number}") for number in range(MOST)]
            assert await client.client.subscribe(*filters) == b"\x01" * MOST
            assert await client.client.subscribe(custom(device, "more")) == b"\x80"


async def test_a_lasting_session_is_found_again_with_what_was_missed(plant: Plant) -> None:
    door = plant.door
    gateway, (meter, brief) = await plant.gateway(2)
    async with plant.online(gateway) as client:
        await client.log_in(meter, clean="false")
        await client.log_in(brief)
        assert await client.client.subscribe(custom(meter), custom(brief)) == b"\x01\x01"
        assert await door.deliver(meter, custom(meter), b"unacknowledged", qos=1, keep=True)
    await door.until("SELECT count(*) FROM device WHERE online = 1", 0)
    await door.until("SELECT count(*) FROM stored_downlink", 1)
    assert await door.kept(meter, custom(meter), b"later")
    assert not await door.kept(brief, custom(brief), b"later")
    async with plant.online(gateway) as client:
        await client.log_in(meter, brief, clean="false")
        for text in (b"unacknowledged", b"later"):
            heard = await client.hear(custom(meter))
            assert (heard.payload, heard.qos) == (text, 1)
            await client.client.send(PubAck(heard.packet_id))
        await door.until("SELECT count(*) FROM stored_downlink", 0)
        assert await door.deliver(meter, custom(meter))
        await client.hear(custom(meter))
        assert not await door.deliver(brief, custom(brief))


async def test_a_clean_login_drops_what_was_kept(plant: Plant) -> None:
    gateway, (meter,) = await plant.gateway(1)
    async with plant.online(gateway) as client:
        await client.log_in(meter, clean="false")
        await client.client.subscribe(custom(meter))
        await client.log_out(meter)
        assert await plant.door.kept(meter, custom(meter), b"later")
        await client.log_in(meter)
        assert not await plant.door.deliver(meter, custom(meter))
        assert await plant.door.value("SELECT count(*) FROM stored_downlink") == 0


async def test_what_a_moved_sub_device_did_not_acknowledge_goes_with_it(plant: Plant) -> None:
    old, (meter,) = await plant.gateway(1)
    new, _ = await plant.gateway()
    async with plant.online(old) as before, plant.online(new) as after:
        await before.log_in(meter, clean="false")
        await before.client.subscribe(custom(meter))
        assert await plant.door.deliver(meter, custom(meter), b"unacknowledged", qos=1, keep=True)
        await bind(plant.door.db, new, [meter])
        await after.log_in(meter, clean="false")
        await plant.door.until("SELECT count(*) FROM stored_downlink", 1)
        await after.log_out(meter)
        await after.log_in(meter, clean="false")
        assert (await after.hear(custom(meter))).payload == b"unacknowledged"


async def test_the_gateway_s_own_session_resumes(plant: Plant) -> None:
    gateway, (meter,) = await plant.gateway(1)
    async with plant.online(gateway, clean_start=False) as client:
        await client.client.subscribe(custom(gateway))
        await client.log_in(meter, clean="false")
        await client.client.subscribe(custom(meter))
    await reached(lambda: plant.door.hub.counts.connections == 0)
    await plant.door.until("SELECT count(*) FROM device WHERE online = 1", 0)
    async with plant.online(gateway, clean_start=False) as client:
        assert await plant.door.deliver(gateway, custom(gateway))
        await client.hear(custom(gateway))
        assert not await plant.door.deliver(meter, custom(meter))
        await client.log_in(meter, clean="false")
        assert await plant.door.deliver(meter, custom(meter))
        await client.hear(custom(meter))


async def test_the_message_log_of_a_sub_device(plant: Plant) -> None:
    gateway, (meter, neighbour) = await plant.gateway(2)
    await plant.door.bus.record_messages(meter.id, on=True)
    async with plant.online(gateway) as client:
        await client.log_in(meter, neighbour)
        await plant.door.bus.record_messages(gateway.id, on=True)
        await client.client.publish(custom(meter, "update"), b"mine")
        await client.client.publish(custom(neighbour, "update"), b"not shown", 2)
        assert await plant.door.deliver(meter, system(meter), b"down")
        await client.hear(system(meter))
        kept = await plant.door.bus.messages(meter.id, 0)
        assert kept is not None
        assert [(each.uplink, each.payload, each.outcome) for each in kept] == [
            (True, "mine", "accepted"),
            (False, "down", "delivered"),
        ]
        await client.ask("login", login_of(meter))
        of_gateway = await plant.door.bus.messages(gateway.id, 0)
        assert of_gateway is not None
        assert [each.topic for each in of_gateway] == [client.topic("login"), client.topic("login_reply")]
        await plant.door.bus.record_messages(meter.id, on=False)
        await client.client.publish(custom(meter, "update"), b"unseen", 3)


async def test_last_seen_is_when_it_said_something_itself(plant: Plant) -> None:
    gateway, (meter, silent) = await plant.gateway(2)
    async with plant.online(gateway) as client:
        await client.log_in(meter, silent)
        await plant.door.db.write(lambda tx: tx.run("UPDATE device SET last_seen_at = 5"))
        await asyncio.sleep(0.01)
        await plant.door.thread.run(plant.door.hub.record_seen())
        await plant.door.db.write(lambda tx: tx.run("UPDATE device SET last_seen_at = 5"))
        await client.client.publish(inform(meter), report("1.0"))
        await plant.door.thread.run(plant.door.hub.record_seen())
        seen = await plant.door.db.read(
            lambda tx: {row[0] for row in tx.all("SELECT id FROM device WHERE last_seen_at > 5")}
        )
        assert seen == {gateway.id, meter.id}


async def test_acknowledgements_keep_their_order_whoever_the_messages_are_of(plant: Plant) -> None:
    gateway, meters = await plant.gateway(40)
    async with plant.online(gateway) as client:
        await client.log_in(*meters)
        packets = []
        for number in range(1, 401):
            meter = meters[number * 7 % 40]
            topic, payload = inform(meter), report(f"1.{number}")
            if number % 3 == 1:
                topic = topic.replace("inform", "progress")
                payload = msgspec.json.encode({"id": 1, "params": {"step": "5", "desc": ""}})
            if number % 10 == 5:
                topic, payload = custom(meter, "update"), b""
            packets.append(Publish(topic, payload, 1, number))
        await client.client.send(*packets)
        assert [await client.client.next() for _ in packets] == [PubAck(number) for number in range(1, 401)]
        last: dict[int, str] = {}
        for packet in packets:
            if "inform" in packet.topic:
                last[next(m.id for m in meters if m.key.device_name in packet.topic)] = msgspec.json.decode(
                    packet.payload
                )["params"]["version"]
        rows = await plant.door.db.read(lambda tx: tx.all("SELECT device_id, version FROM module_version"))
        assert {device_id: version for device_id, version in rows} == last  # noqa: C416 - rows are tuples of any length


async def test_as_much_waits_for_a_gateway_as_for_some_devices(
    sqlite_db: Database, certificates: CertificateFiles
) -> None:
    async with open_hub(sqlite_db, SystemClock(), certificates, gateway_share=3) as door:
        plant = await plant_of(door)
        gateway, meters = await plant.gateway(5)
        async with plant.online(gateway) as client:
            await client.log_in(*meters)
            taken = 0
            while await door.deliver(meters[taken % 5], system(meters[taken % 5]), b"{}", qos=1):
                taken += 1
            assert taken == MAX_IN_FLIGHT + 3 * MAX_WAITING


async def test_an_error_names_who_was_meant(plant: Plant) -> None:
    gateway, _ = await plant.gateway()
    async with plant.online(gateway) as client:
        await client.client.send(Publish("/sys/nobody/nowhere/thing/topo/get", b"{}"))
        assert await client.error() == (520, {"productKey": "nobody", "deviceName": "nowhere"})
        await client.client.send(Publish("nonsense", b"{}"))
        await still_there(client)
        assert names_of(gateway)["productKey"] == gateway.key.product_key
