"""Who gets in, over TCP and TLS, in every version."""

import ssl

import pytest

from linkops.certificates import CertificateFiles
from linkops.clock import SystemClock
from linkops.db import Database
from linkops.devices.model import DeviceKey, NewDevice
from linkops.events.actor import SYSTEM
from linkops.mqtt.packets import ConnAck, Connect, PingReq, PingResp
from linkops.mqtt.properties import Properties
from tests.support.hub import HubDoor, open_hub
from tests.support.mqtt import MqttClient, connect_of

BAD_PASSWORD = {3: 4, 4: 4, 5: 0x86}
STATIC_RSA = "AES256-SHA256:AES256-SHA:AES128-SHA256:AES128-SHA"


def c_sdk_tls(door: HubDoor) -> ssl.SSLContext:
    """What C SDK 3 and 4 offer: TLS 1.2, static RSA, CBC."""
    context = door.trust()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(STATIC_RSA)
    return context


async def test_over_tcp(door: HubDoor, version: int) -> None:
    device = await door.device()
    async with await door.open(version) as client:
        assert (await client.login(connect_of(device, version))).reason == 0
        await client.send(PingReq())
        assert await client.next() == PingResp()
    assert await door.value("SELECT address FROM device WHERE id = :id", id=device.id) == "127.0.0.1"


@pytest.mark.parametrize("port", ["mqtt", "mqtt_tls"])
async def test_over_tls_on_both_ports(door: HubDoor, version: int, port: str) -> None:
    device = await door.device()
    async with await door.open(version, tls=door.trust(), at=getattr(door.addresses, port)) as client:
        assert (await client.login(connect_of(device, version))).reason == 0


@pytest.mark.parametrize("port", ["mqtt", "mqtt_tls"])
async def test_with_the_suites_of_old_c_sdks(door: HubDoor, port: str) -> None:
    device = await door.device()
    async with await door.open(4, tls=c_sdk_tls(door), at=getattr(door.addresses, port)) as client:
        assert (await client.login(connect_of(device))).reason == 0


async def test_those_suites_can_be_switched_off(sqlite_db: Database, certificates: CertificateFiles) -> None:
    async with open_hub(sqlite_db, SystemClock(), certificates, tls_legacy_suites=False) as door:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await door.open(4, tls=c_sdk_tls(door))


async def test_tcp_is_not_served_where_only_tls_is(door: HubDoor) -> None:
    device = await door.device()
    async with await door.open(4, at=door.addresses.mqtt_tls) as client:
        await client.send(connect_of(device))
        assert await client.until_closed() == []
    assert door.hub.counts.accepted == 0


@pytest.mark.parametrize("signmethod", ["hmacmd5", "hmacsha1", "hmacsha256", "HmacSha256"])
@pytest.mark.parametrize("timestamp", [",timestamp=2524608000000", ",timestamp=3566640", ""])
async def test_every_form_of_signature(door: HubDoor, signmethod: str, timestamp: str) -> None:
    device = await door.device()
    extension = f"securemode=3,signmethod={signmethod}{timestamp}"
    assert (await door.answer(device, extension=extension)).reason == 0


async def test_upper_case_signatures_and_line_breaks_between_keys(door: HubDoor) -> None:
    device = await door.device()
    connect = connect_of(device, extension="securemode=3,\n        signmethod=hmacsha1,\n        timestamp=1")
    assert connect.password is not None
    shouted = Connect(connect.client_id, 4, True, 60, connect.username, connect.password.upper())
    async with await door.open() as client:
        assert (await client.login(shouted)).reason == 0


async def test_the_connack_of_mqtt_5(door: HubDoor) -> None:
    answer = await door.answer(await door.device(), 5, properties=Properties(session_expiry_s=3_600), clean_start=False)
    assert answer == ConnAck(
        0,
        session_present=False,
        properties=Properties(
            session_expiry_s=3_600,
            server_keep_alive_s=60,
            topic_alias_maximum=20,
            maximum_qos=1,
            retain_available=1,
            maximum_packet_bytes=262_144,
            wildcards_available=1,
            subscription_ids_available=0,
            shared_available=1,
        ),
    )


async def test_a_wrong_signature(door: HubDoor, version: int) -> None:
    assert (await door.answer(await door.device(), version, secret="0" * 32)).reason == BAD_PASSWORD[version]


async def test_a_device_that_does_not_exist_is_answered_the_same(door: HubDoor, version: int) -> None:
    device = await door.device()
    stranger = NewDevice(0, DeviceKey(device.key.product_key, "nobody-here"), "0" * 32)
    assert (await door.answer(stranger, version)).reason == BAD_PASSWORD[version]


async def test_the_signature_of_another_device(door: HubDoor) -> None:
    mine, theirs = await door.device(), await door.device()
    connect = connect_of(mine)
    stolen = Connect(connect.client_id, 4, True, 60, connect_of(theirs).username, connect.password)
    async with await door.open() as client:
        assert (await client.login(stolen)).reason == 4


@pytest.mark.parametrize(
    "name",
    [
        "a/b/c",
        "dev+ce",
        "dev#ce",
        "x" * 65,
        "abc",
        "\u202edevice",
        "gerät",
        "dev%2fce",
        "🙂🙂🙂🙂",
        "a b c d",
        "",
        "$SYS",
    ],
)
@pytest.mark.parametrize("part", ["device name", "product key"])
async def test_names_that_no_device_can_have(door: HubDoor, name: str, part: str) -> None:
    key = (await door.device()).key
    username = f"{name}&{key.product_key}" if part == "device name" else f"{key.device_name}&{name}"
    async with await door.open() as client:
        answer = await client.login(Connect("x|signmethod=hmacsha1|", 4, True, 60, username, b"0" * 40))
        assert answer.reason == 4


@pytest.mark.parametrize("username", [None, "dev1&pk"])
async def test_no_credentials(door: HubDoor, username: str | None) -> None:
    async with await door.open() as client:
        assert (await client.login(Connect("x", 4, True, 60, username))).reason == 4


@pytest.mark.parametrize(
    ("keep_alive_s", "accepted"), [(0, False), (29, False), (30, True), (1_200, True), (1_201, False)]
)
async def test_keep_alive_is_30_to_1200_seconds(door: HubDoor, keep_alive_s: int, *, accepted: bool) -> None:
    answer = await door.answer(await door.device(), keep_alive_s=keep_alive_s)
    assert (answer.reason == 0) is accepted


async def test_failures_throttle_that_address_and_that_device_only(door: HubDoor) -> None:
    product = await door.products.create(SYSTEM, "Pumps")
    attacked, other = await door.device(product), await door.device(product)
    for _ in range(5):
        assert (await door.answer(attacked, secret="0" * 32)).reason == 4
    assert (await door.answer(attacked)).reason == 3
    assert (await door.answer(other)).reason == 0


async def test_a_disabled_device_is_refused_and_an_online_one_thrown_out(door: HubDoor) -> None:
    device = await door.device()
    async with await door.online(device) as client:
        await door.devices.set_enabled(SYSTEM, [device.key], enabled=False)
        assert await client.until_closed() == []
    assert (await door.answer(device)).reason == 5


async def test_a_second_login_takes_over(door: HubDoor) -> None:
    device = await door.device()
    async with await door.online(device, 5) as first, await door.online(device, 5) as second:
        (goodbye,) = await first.until_closed()
        assert getattr(goodbye, "reason", None) == 0x8E
        await second.send(PingReq())
        assert await second.next() == PingResp()
        assert await door.value("SELECT online FROM device WHERE id = :id", id=device.id) == 1


async def test_two_clones_cannot_fight_for_ever(door: HubDoor) -> None:
    device = await door.device()
    answers = []
    clients: list[MqttClient] = []
    for _ in range(10):
        clients.append(await door.open())
        answers.append((await clients[-1].login(connect_of(device))).reason)
    for client in clients:
        await client.__aexit__(None, None, None)
    assert 3 in answers


async def test_a_device_is_offline_once_it_has_gone(door: HubDoor) -> None:
    device = await door.device()
    async with await door.online(device):
        assert door.hub.counts.connections == 1
        assert await door.value("SELECT online FROM device WHERE id = :id", id=device.id) == 1
    await door.until("SELECT count(*) FROM device WHERE online = 1", 0)
