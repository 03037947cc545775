"""Sub-devices log in over their gateway's connection and are devices of their own from then on."""

from typing import Any

import msgspec
import pytest

from linkops.certificates import CertificateFiles
from linkops.clock import FixedClock, SystemClock
from linkops.db import Database
from linkops.devices.model import DeviceState, NewDevice
from linkops.events.actor import SYSTEM
from linkops.mqtt.packets import PingReq, PingResp, PubAck, Publish
from linkops.mqtt.reasons import Reason
from tests.support.gateways import Answered, GatewayClient, Plant, bind, login_of, names_of, plant_of
from tests.support.hub import HubDoor, open_hub, reached


@pytest.fixture
async def plant(door: HubDoor) -> Plant:
    return await plant_of(door)


async def still_there(gateway: GatewayClient) -> None:
    await gateway.client.send(PingReq())
    assert await gateway.client.next() == PingResp()


async def test_login_and_logout(plant: Plant) -> None:
    gateway, (meter,) = await plant.gateway(1)
    async with plant.online(gateway) as client:
        said = login_of(meter, client_id="a.b|lan=Python,_v=2.2.1,_ss=1|")
        await client.client.send(Publish(client.topic("login"), msgspec.json.encode({"id": 3, "params": said})))
        heard = await client.hear(client.topic("login_reply"))
        names = f'{{"productKey":"{meter.key.product_key}","deviceName":"{meter.key.device_name}"}}'
        assert heard == Publish(
            client.topic("login_reply"),
            f'{{"id":3,"code":200,"data":{names},"message":"success","version":"1.0"}}'.encode(),
        )
        shown = await plant.door.devices.get(SYSTEM, meter.key)
        assert (shown.state, shown.address) == (DeviceState.ONLINE, "127.0.0.1")
        assert (shown.sdk_language, shown.sdk_version) == ("Python", "2.2.1")
        assert shown.activated_at is not None
        assert await client.ask("logout", names_of(meter)) == Answered("7", 200, names_of(meter))
        assert await plant.who_is_online() == {gateway.id}
        assert await client.ask("logout", names_of(meter)) == Answered("7", 520, names_of(meter))
        assert await plant.events(meter) == ["device.online", "device.offline logged out by its gateway"]


async def test_a_batch(plant: Plant) -> None:
    gateway, meters = await plant.gateway(50)
    async with plant.online(gateway) as client:
        listed = [login_of(meter) for meter in meters]
        for each in listed:
            del each["signMethod"]
        answer = await client.ask("batch_login", {"signMethod": "hmacSha256", "deviceList": listed})
        assert answer == Answered("7", 200, [names_of(meter) for meter in meters])
        assert await plant.who_is_online() == {gateway.id, *(meter.id for meter in meters)}
        answer = await client.ask("batch_logout", [names_of(meter) for meter in meters])
        assert answer == Answered("7", 200, [names_of(meter) for meter in meters])
        assert await plant.who_is_online() == {gateway.id}


@pytest.mark.parametrize(
    "said",
    [
        {"client_id": "spk.sub1|lan=Python,_v=2.2.1,_ss=1|"},
        {"client_id": "spk&sub1", "timestamp": 3566640},
        {"client_id": "", "timestamp": None},
        {"timestamp": "2524608000000", "method": "HMACSHA1"},
        {"method": "hmacmd5", "clean": "false"},
        {"method": "hmacsha256", "clean": True},
        {"clean": None},
    ],
    ids=str,
)
async def test_what_sdks_sign(plant: Plant, said: dict[str, Any]) -> None:
    gateway, (meter,) = await plant.gateway(1)
    async with plant.online(gateway) as client:
        login = login_of(meter, **said)
        assert (await client.ask("login", {**login, "sign": login["sign"].upper()})).code == 200
        assert (await client.ask("batch_login", {"deviceList": [login]})).code == 200


async def test_who_is_refused_and_why(plant: Plant) -> None:
    door = plant.door
    gateway, (meter, disabled, foreign) = await plant.gateway(3)
    other, _ = await plant.gateway()
    await bind(door.db, other, [foreign])
    await door.devices.set_enabled(SYSTEM, [disabled.key], enabled=False)
    unknown = meter._replace(key=meter.key._replace(device_name="nobody"))
    unbound = await door.device(plant.meters)
    async with plant.online(gateway) as client:
        for device, said, code in [
            (meter, {"secret": "wrong"}, 6287),
            (disabled, {}, 522),
            (foreign, {}, 6401),
            (foreign, {"secret": "guessed"}, 6401),
            (unbound, {}, 6401),
            (gateway, {}, 6401),
            (unknown, {}, 6100),
        ]:
            assert await client.ask("login", login_of(device, **said)) == Answered("7", code, names_of(device))
            batch = {
                "deviceList": [login_of(meter), login_of(device, **said)]
                if device != meter
                else [login_of(meter, **said)]
            }
            assert await client.ask("batch_login", batch) == Answered("7", code, [names_of(device)])
        assert await plant.who_is_online() == {gateway.id}
        assert await plant.events(meter) == []
        await still_there(client)


async def test_what_cannot_be_read(plant: Plant) -> None:
    gateway, (meter,) = await plant.gateway(1)
    good = login_of(meter)
    async with plant.online(gateway) as client:
        unreadable: list[tuple[str, Any]] = [
            ("login", None),
            ("login", []),
            ("login", "{}"),
            ("login", {**good, "sign": 7}),
            ("login", {**good, "deviceName": "a/b"}),
            ("login", {**good, "deviceName": "x" * 33}),
            ("login", {**good, "signMethod": "rot13"}),
            ("login", {**good, "timestamp": {}}),
            ("login", {name: value for name, value in good.items() if name != "clientId"}),
            ("batch_login", {}),
            ("batch_login", {"deviceList": []}),
            ("batch_login", {"deviceList": [good, good]}),
            ("batch_login", {"deviceList": [{**good, "deviceName": f"meter-{n}"} for n in range(51)]}),
            ("logout", [names_of(meter)]),
            ("batch_logout", names_of(meter)),
            ("batch_logout", []),
            ("batch_logout", [names_of(meter)] * 2),
        ]
        for name, params in unreadable:
            assert await client.ask(name, params) == Answered("7", 460, {}), (name, params)
        assert await client.ask_bytes("login", b"\xff") == Answered("", 460, {})
        assert await client.ask_bytes("batch_login", b"[" * 2_000) == Answered("", 460, {})
        assert await plant.who_is_online() == {gateway.id}


async def test_sdks_that_send_commas_too_many(plant: Plant) -> None:
    gateway, (meter,) = await plant.gateway(1)
    async with plant.online(gateway) as client:
        payload = msgspec.json.encode({"id": "1", "params": login_of(meter)})
        assert (await client.ask_bytes("login", payload[:-1] + b",}")).code == 200


async def test_a_device_that_is_no_gateway(plant: Plant) -> None:
    pump = await plant.door.device()
    _, (meter,) = await plant.gateway(1)
    async with plant.online(pump) as client:
        for name in ("login", "batch_login", "logout", "batch_logout"):
            assert await client.ask(name, login_of(meter)) == Answered("7", 6401, {})
        assert await client.ask_bytes("login", b"no") == Answered("", 460, {})


async def test_limits(sqlite_db: Database, certificates: CertificateFiles) -> None:
    async with open_hub(sqlite_db, SystemClock(), certificates, max_sub_devices=3, login_failures=2) as door:
        plant = await plant_of(door)
        gateway, meters = await plant.gateway(5)
        async with plant.online(gateway) as client:
            await client.log_in(*meters[:3])
            assert await client.ask("login", login_of(meters[3])) == Answered("7", 428, names_of(meters[3]))
            await client.log_in(meters[0])
            await client.log_out(meters[0])
            for code in (6287, 6287, 429):
                assert (await client.ask("login", login_of(meters[3], secret="guess"))).code == code
            assert (await client.ask("login", login_of(meters[3]))).code == 429
            await client.log_in(meters[4])


async def test_a_gateway_that_storms_is_told_so(sqlite_db: Database, certificates: CertificateFiles) -> None:
    clock = FixedClock(1_800_000_000_000)
    async with open_hub(sqlite_db, clock, certificates, sub_logins_per_second=3) as door:
        plant = await plant_of(door)
        gateway, meters = await plant.gateway(6)
        async with plant.online(gateway) as client:
            await client.log_in(*meters[:4])
            assert (await client.ask("login", login_of(meters[4]))).code == 429
            clock.advance(1_000)
            await client.log_in(meters[4])


async def test_a_gateway_acts_for_who_is_online_over_it(plant: Plant, version: int) -> None:
    door = plant.door
    gateway, (meter, away) = await plant.gateway(2)
    other, (foreign,) = await plant.gateway(1)
    denied = Reason.NOT_AUTHORIZED if version == 5 else 0
    async with plant.online(gateway, version) as client, plant.online(other) as elsewhere:
        await elsewhere.log_in(foreign)
        await client.log_in(meter)
        assert await client.client.publish(inform(meter), report("1.2.3")) == PubAck(1)
        assert await door.value("SELECT version FROM module_version WHERE device_id = :id", id=meter.id) == "1.2.3"
        for stranger in (away, foreign, other):
            assert await client.client.publish(inform(stranger), report("6.6.6")) == PubAck(1, denied)
            assert await client.error() == (520, names_of(stranger))
        assert await door.value("SELECT count(*) FROM module_version") == 1
        await client.log_out(meter)
        assert await client.client.publish(inform(meter), report("2.0.0")) == PubAck(1, denied)
        assert await client.error() == (520, names_of(meter))
        assert await door.value("SELECT version FROM module_version WHERE device_id = :id", id=meter.id) == "1.2.3"
        await still_there(elsewhere)


@pytest.mark.parametrize(
    ("how", "code"), [("disabled", 522), ("deleted", 521), ("removed from its gateway", 6401), ("secret reset", 520)]
)
async def test_a_session_that_ends_is_told_with_the_reason(plant: Plant, how: str, code: int) -> None:
    devices = plant.door.devices
    gateway, (meter, neighbour) = await plant.gateway(2)
    async with plant.online(gateway) as client:
        await client.log_in(meter, neighbour)
        match how:
            case "disabled":
                await devices.set_enabled(SYSTEM, [meter.key], enabled=False)
            case "deleted":
                await devices.delete(SYSTEM, [meter.key])
            case "removed from its gateway":
                await plant.door.bus.kick([meter.id], how)
            case _:
                await devices.reset_secret(SYSTEM, meter.key)
        assert await client.error() == (code, names_of(meter))
        await client.client.publish(inform(meter), report("1.0.0"))
        assert await client.error() == (code, names_of(meter))
        await plant.door.until("SELECT count(*) FROM device WHERE online = 1", 2)
        assert await client.client.publish(inform(neighbour), report("1.0.0"), 2) == PubAck(2)
        assert await plant.door.value("SELECT count(*) FROM module_version") == 1


async def test_who_is_kicked_with_its_gateway(plant: Plant) -> None:
    gateway, meters = await plant.gateway(3)
    async with plant.online(gateway) as client:
        await client.log_in(*meters)
        await plant.door.devices.set_enabled(SYSTEM, [gateway.key], enabled=False)
        await client.client.until_closed()
        await plant.door.until("SELECT count(*) FROM device WHERE online = 1", 0)
    assert [await plant.events(meter) for meter in meters] == [["device.online", "device.offline gateway offline"]] * 3


async def test_the_newer_login_wins(plant: Plant) -> None:
    door = plant.door
    old, (meter,) = await plant.gateway(1)
    new, _ = await plant.gateway()
    topic = f"/sys/{meter.key.product_key}/{meter.key.device_name}/thing/service/property/set"
    async with plant.online(old) as before, plant.online(new) as after:
        await before.log_in(meter)
        await bind(door.db, new, [meter])
        await after.log_in(meter)
        assert await before.error() == (427, names_of(meter))
        assert await door.deliver(meter, topic)
        await after.hear(topic)
        await before.client.publish(inform(meter), report("6.6.6"))
        assert await before.error() == (427, names_of(meter))
        assert (await before.ask("logout", names_of(meter))).code == 520
        await before.client.__aexit__(None, None, None)
        await reached(lambda: door.hub.counts.connections == 1)
        assert await plant.who_is_online() >= {meter.id}
        async with await door.online(meter) as itself:
            assert await after.error() == (427, names_of(meter))
            assert await door.deliver(meter, topic)
            assert await itself.next() == Publish(topic, b"{}")
            await after.log_in(meter)
            await itself.until_closed()
            assert await door.deliver(meter, topic)
            await after.hear(topic)
    await door.until("SELECT count(*) FROM device WHERE online = 1", 0)


async def test_all_go_with_the_connection_however_it_ends(plant: Plant) -> None:
    gateway, meters = await plant.gateway(120)
    async with plant.online(gateway) as client:
        await client.log_in(*meters)
        assert len(await plant.who_is_online()) == 121
        assert plant.door.hub.counts.sub_devices == 120
    await plant.door.until("SELECT count(*) FROM device WHERE online = 1", 0)
    assert plant.door.hub.counts.sub_devices == 0
    async with plant.online(gateway) as client, plant.online(gateway) as again:
        await again.log_in(*meters)
        await client.client.until_closed()
        assert len(await plant.who_is_online()) == 121
        await plant.door.stop()
    await plant.door.until("SELECT count(*) FROM device WHERE online = 1", 0)
    assert await plant.events(meters[7]) == ["device.online", "device.offline gateway offline"] * 2


async def test_a_login_that_comes_through_after_its_gateway_has_gone_leaves_nobody_online(plant: Plant) -> None:
    gateway, meters = await plant.gateway(50)
    for _ in range(5):
        async with plant.online(gateway) as client:
            listed = {"deviceList": [login_of(meter) for meter in meters]}
            payload = msgspec.json.encode({"id": 1, "params": listed})
            await client.client.send(Publish(client.topic("batch_login"), payload))
    await plant.door.stop()
    await plant.door.until("SELECT count(*) FROM device WHERE online = 1", 0)


async def test_a_login_that_is_said_twice_is_no_news(plant: Plant) -> None:
    gateway, (meter,) = await plant.gateway(1)
    custom = f"/{meter.key.product_key}/{meter.key.device_name}/user/get"
    async with plant.online(gateway) as client:
        await client.log_in(meter)
        assert await client.client.subscribe(custom) == b"\x01"
        for _ in range(8):
            await client.log_in(meter)
        assert await plant.door.deliver(meter, custom)
        await client.hear(custom)
        assert await plant.events(meter) == ["device.online"]
        await client.log_out(meter)
        assert await plant.events(meter) == ["device.online", "device.offline logged out by its gateway"]


def inform(device: NewDevice) -> str:
    return f"/ota/device/inform/{device.key.product_key}/{device.key.device_name}"


def report(version: str) -> bytes:
    return msgspec.json.encode({"id": "1", "params": {"version": version}})
