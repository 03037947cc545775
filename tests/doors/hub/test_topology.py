"""Gateways on the wire: what they say about sub-devices, and what they hear."""

import json
from typing import Any, NamedTuple

import msgspec
import pytest

from linkops.certificates import CertificateFiles
from linkops.clock import SystemClock
from linkops.db import Database
from linkops.devices.model import NewDevice, NodeType
from linkops.events.actor import SYSTEM
from linkops.mqtt.packets import PubAck, Publish
from tests.support.hub import HubDoor, open_hub
from tests.support.mqtt import MqttClient
from tests.support.topology import named, proof


class Yard(NamedTuple):
    """A gateway, another one, and three sub-devices."""

    east: NewDevice
    west: NewDevice
    subs: list[NewDevice]


@pytest.fixture
async def yard(door: HubDoor) -> Yard:
    gateways = await door.products.create(SYSTEM, "Gateways", node_type=NodeType.GATEWAY)
    sensors = await door.products.create(SYSTEM, "Sensors", node_type=NodeType.SUBDEVICE)
    east, west = [await door.devices.create(SYSTEM, gateways.product_key, name) for name in ("east", "west")]
    subs = [await door.devices.create(SYSTEM, sensors.product_key, f"sensor-{number}") for number in range(3)]
    return Yard(east, west, subs)


def topic(device: NewDevice, name: str) -> str:
    return f"/sys/{device.key.product_key}/{device.key.device_name}/thing/{name}"


async def ask(client: MqttClient, device: NewDevice, name: str, payload: bytes) -> dict[str, Any]:
    """Return the answer to a request; it is acknowledged before."""
    await client.publish(topic(device, name), payload)
    answer = await heard(client)
    assert answer.topic == topic(device, f"{name}_reply")
    assert b": " not in answer.payload
    decoded: dict[str, Any] = msgspec.json.decode(answer.payload)
    return decoded


async def heard(client: MqttClient) -> Publish:
    packet = await client.next()
    assert isinstance(packet, Publish)
    if packet.qos:
        await client.send(PubAck(packet.packet_id))
    return packet


def request(params: Any, message_id: str | int = "7", **more: Any) -> bytes:
    return json.dumps({"id": message_id, "version": "1.0", "params": params, **more}).encode()


async def test_add_get_delete(door: HubDoor, yard: Yard, version: int) -> None:
    one, two, _ = yard.subs
    async with await door.online(yard.east, version) as client:
        added = await ask(client, yard.east, "topo/add", request([proof(one), proof(two, digest="sha1")], 1))
        assert added == {
            "id": 1,
            "code": 200,
            "data": named(one, two),
            "message": "success",
            "method": "thing.topo.add",
            "version": "1.0",
        }
        got = await ask(client, yard.east, "topo/get", b'{"id":"2","version":"1.0","params":"{}","sys":{"ack":1}}')
        assert (got["id"], got["code"], got["data"]) == ("2", 200, named(one, two))
        deleted = await ask(client, yard.east, "topo/delete", request(named(one)))
        assert (deleted["code"], deleted["data"]) == (200, named(one))
        again = await ask(client, yard.east, "topo/delete", request(named(one)))
        assert (again["code"], again["data"]) == (6401, {})
        assert (await ask(client, yard.east, "topo/get", request({})))["data"] == named(two)
        assert (await ask(client, yard.east, "list/found", request(named(one))))["data"] == {}
    assert [found.key for found in await door.joining.found(SYSTEM, yard.east.key)] == [one.key]


async def test_a_foreign_sub_device_without_its_signature_is_refused_and_stays(door: HubDoor, yard: Yard) -> None:
    victim = yard.subs[0]
    await door.topology.bind(SYSTEM, yard.west.key, [victim.key])
    async with await door.online(yard.east) as client:
        for entry in (
            proof(victim, secret=yard.east.secret),
            {**proof(victim), "deviceName": "sensor-1"},
            {**proof(victim), "sign": ""},
            {**proof(victim), "clientId": "other"},
        ):
            refused = await ask(client, yard.east, "topo/add", request([proof(yard.subs[2]), entry]))
            assert (refused["code"], refused["message"]) == (401, "request auth error (params[1])")
        for name in ("topo/add", "topo/delete"):
            assert (await ask(client, yard.east, name, request(named(victim))))["code"] in {460, 6401}
    assert (await door.topology.place(SYSTEM, victim.key)).gateway == yard.west.key
    assert (await door.topology.place(SYSTEM, yard.east.key)).sub_devices == 0


async def test_what_is_no_request_is_answered(door: HubDoor, yard: Yard) -> None:
    async with await door.online(yard.east) as client:
        for payload, message_id in ((b"", ""), (b"[]", ""), (request({}), "7"), (request([{}] * 31, 5), 5)):
            for name in ("topo/add", "topo/delete", "list/found"):
                answer = await ask(client, yard.east, name, payload)
                assert (answer["id"], answer["code"], answer["data"]) == (message_id, 460, {})
        unknown = [{"productKey": "no\u0000", "deviceName": "no"}]
        assert (await ask(client, yard.east, "topo/delete", request(unknown)))["code"] == 6100
        assert (await ask(client, yard.east, "list/found", request(unknown)))["code"] == 6250
        assert (await ask(client, yard.east, "topo/add", request([proof(yard.east)])))["code"] == 6402


async def test_no_answer_where_none_is_wanted(door: HubDoor, yard: Yard) -> None:
    async with await door.online(yard.east) as client:
        await client.publish(topic(yard.east, "topo/add"), request([proof(yard.subs[0])], sys={"ack": 0}))
        assert (await ask(client, yard.east, "topo/get", request({})))["data"] == named(yard.subs[0])


@pytest.mark.parametrize("node_type", [NodeType.DEVICE, NodeType.SUBDEVICE])
async def test_only_gateways_have_sub_devices(door: HubDoor, yard: Yard, node_type: NodeType) -> None:
    product = await door.products.create(SYSTEM, "Others", node_type=node_type)
    device = await door.device(product)
    async with await door.online(device) as client:
        for name, params in (
            ("topo/add", [proof(yard.subs[0])]),
            ("topo/delete", named(yard.subs[0])),
            ("topo/get", {}),
            ("list/found", named(yard.subs[0])),
        ):
            assert (await ask(client, device, name, request(params)))["code"] == 6203
    assert await door.value("SELECT count(*) FROM topology") == 0
    assert await door.value("SELECT count(*) FROM found_device") == 0


async def test_a_move_is_told_to_the_old_gateway_only(door: HubDoor, yard: Yard) -> None:
    one, two, _ = yard.subs
    async with await door.online(yard.east) as east, await door.online(yard.west) as west:
        await ask(east, yard.east, "topo/add", request([proof(one), proof(two)]))
        moved = await ask(west, yard.west, "topo/add", request([proof(two, client_id="x|_ss=1,_v=sdk-c-3.2.0|")]))
        assert moved["data"] == named(two)
        told = await heard(east)
        change = msgspec.json.decode(told.payload)
        assert (told.topic, change["method"]) == (topic(yard.east, "topo/change"), "thing.topo.change")
        assert change["params"] == {"status": 1, "subList": named(two)}
        await east.publish(told.topic + "_reply", json.dumps({"id": change["id"], "code": 200, "data": {}}).encode())
        assert (await ask(west, yard.west, "topo/get", request({})))["data"] == named(two)
    (kept,) = await door.joining.requests(SYSTEM, yard.east.key)
    assert kept.answer_code == 200
    assert await door.joining.requests(SYSTEM, yard.west.key) == []


async def test_what_operators_do_is_told(door: HubDoor, yard: Yard) -> None:
    keys = [sub.key for sub in yard.subs]
    async with await door.online(yard.east) as east:

        async def told() -> tuple[str, Any]:
            message = await heard(east)
            return message.topic, msgspec.json.decode(message.payload)["params"]

        changed = topic(yard.east, "topo/change")
        await door.topology.bind(SYSTEM, yard.east.key, keys)
        assert await told() == (changed, {"status": 0, "subList": named(*yard.subs)})
        await door.devices.set_enabled(SYSTEM, keys[:1], enabled=False)
        assert await told() == (changed, {"status": 8, "subList": named(yard.subs[0])})
        await door.devices.set_enabled(SYSTEM, keys, enabled=True)
        assert await told() == (changed, {"status": 2, "subList": named(yard.subs[0])})
        await door.topology.unbind(SYSTEM, yard.east.key, keys[:1])
        assert await told() == (changed, {"status": 1, "subList": named(yard.subs[0])})
        await door.devices.delete(SYSTEM, keys[1:])
        assert await told() == (changed, {"status": 1, "subList": named(*yard.subs[1:])})
        await door.joining.ask_to_add(SYSTEM, yard.east.key, keys[:1])
        assert await told() == (topic(yard.east, "topo/add/notify"), named(yard.subs[0]))
        await door.joining.permit(SYSTEM, yard.east.key, keys[0].product_key, 60)
        permit = await heard(east)
        decoded = msgspec.json.decode(permit.payload)
        assert decoded["params"] == {"time": 60, "productKey": keys[0].product_key}
        await east.publish(topic(yard.east, "gateway/permit_reply"), b'{"id":%s,"code":"200"}' % decoded["id"].encode())
    answers = {each.kind.value: each.answer_code for each in await door.joining.requests(SYSTEM, yard.east.key)}
    assert answers == {"add": None, "change": None, "permit": 200}


async def test_answers_that_are_none(door: HubDoor, yard: Yard) -> None:
    """They are acknowledged and change nothing; the connection goes on."""
    async with await door.online(yard.east) as east:
        for payload in (b"", b"{}", b'{"id":"1","code":"fine"}', b'{"id":"1","code":200}', b'{"id":1e9}'):
            for name in ("topo/change_reply", "topo/add/notify_reply", "gateway/permit_reply"):
                await east.publish(topic(yard.east, name), payload)
        assert (await ask(east, yard.east, "topo/get", request({})))["data"] == []


async def test_the_limits_are_settings(sqlite_db: Database, certificates: CertificateFiles) -> None:
    async with open_hub(sqlite_db, SystemClock(), certificates, max_sub_devices=2, topology_entries=2) as door:
        gateways = await door.products.create(SYSTEM, "Gateways", node_type=NodeType.GATEWAY)
        sensors = await door.products.create(SYSTEM, "Sensors", node_type=NodeType.SUBDEVICE)
        gateway = await door.device(gateways)
        subs = [await door.device(sensors) for _ in range(3)]
        async with await door.online(gateway) as client:
            assert (await ask(client, gateway, "topo/add", request([proof(sub) for sub in subs])))["code"] == 460
            assert (await ask(client, gateway, "topo/add", request([proof(sub) for sub in subs[:2]])))["code"] == 200
            assert (await ask(client, gateway, "topo/add", request([proof(subs[2])])))["code"] == 6400


async def test_two_thousand_sub_devices_are_one_answer(door: HubDoor, yard: Yard) -> None:
    product_key = yard.subs[0].key.product_key
    await door.devices.create_many(SYSTEM, product_key, 1_997)

    def bind_all(tx: Any) -> None:
        tx.run(
            "INSERT INTO topology (sub_id, gateway_id, added_at) SELECT d.id, :gateway, 0 FROM device d "
            "JOIN product p ON p.id = d.product_id WHERE p.product_key = :key",
            gateway=yard.east.id,
            key=product_key,
        )

    await door.db.write(bind_all)
    async with await door.online(yard.east) as client:
        assert len((await ask(client, yard.east, "topo/get", request({})))["data"]) == 2_000
