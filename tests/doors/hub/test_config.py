"""Configuration over sockets: told without SUBSCRIBE, and without what SDKs in C leave out; pushes are answered."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from linkops.certificates import CertificateFiles
from linkops.clock import FixedClock
from linkops.db import Database
from linkops.mqtt.packets import PingReq, PingResp, Publish
from linkops.remote_config.delivery import ConfigDelivery
from tests.support.config_fleet import BASE_URL, ConfigFleet
from tests.support.hub import open_hub
from tests.support.mqtt import MqttClient

ASKS = b'{"id":"9","sys":{"ack":0},"params":{"configScope":"product","getType":"file"}}'


async def answer(client: MqttClient) -> tuple[str, dict[str, Any]]:
    message = await client.next()
    assert isinstance(message, Publish)
    assert b": " not in message.payload
    assert b", " not in message.payload
    return message.topic, msgspec.json.decode(message.payload)


@pytest.fixture
async def fleet(sqlite_db: Database, clock: FixedClock, tmp_path: Path) -> ConfigFleet:
    return ConfigFleet(sqlite_db, clock, tmp_path)


async def test_a_pull_is_answered_whatever_it_leaves_out(fleet: ConfigFleet, certificates: CertificateFiles) -> None:
    [device] = await fleet.start(1, document='{"a":1}')
    base = f"/sys/{device.key.product_key}/pump-0/thing/config/get"
    async with open_hub(fleet.db, fleet.clock, certificates) as door, await door.online(device) as client:
        await client.publish(base, ASKS)
        topic, told = await answer(client)
        assert (topic, told["id"], told["code"]) == (f"{base}_reply", "9", 200)
        assert sorted(told["data"]) == ["configId", "configSize", "getType", "sign", "signMethod", "url"]
        await client.publish(base, b'{"id":10,"params":{"configScope":"device","getType":"file"}}')
        assert (await answer(client))[1] | {"message": ""} == {
            "id": 10,
            "code": 460,
            "data": {},
            "message": "",
            "method": "thing.config.get",
            "version": "1.0",
        }
        await client.publish(base, b"\xff")
        assert (await answer(client))[1]["code"] == 460
        await fleet.switch(on=False)
        await client.publish(base, ASKS)
        said = (await answer(client))[1]
        assert (said["code"], said["message"]) == (6713, "thing config function is not available")


async def test_a_product_without_a_document_has_no_data(fleet: ConfigFleet, certificates: CertificateFiles) -> None:
    [device] = await fleet.start(1, document=None)
    async with open_hub(fleet.db, fleet.clock, certificates) as door, await door.online(device) as client:
        await client.publish(f"/sys/{device.key.product_key}/pump-0/thing/config/get", ASKS)
        said = (await answer(client))[1]
        assert (said["code"], said["message"]) == (6710, "no data")


async def test_a_push_needs_no_subscribe_and_its_answer_is_kept(
    fleet: ConfigFleet, certificates: CertificateFiles
) -> None:
    [device] = await fleet.start(1)
    base = f"/sys/{device.key.product_key}/pump-0/thing/config/push"
    async with open_hub(fleet.db, fleet.clock, certificates) as door, await door.online(device) as client:
        fleet.delivery = ConfigDelivery(
            fleet.db, door.bus, fleet.clock, fleet.settings, fleet.services.box, BASE_URL, fleet.interest
        )
        push = await fleet.push()
        await fleet.tick()
        topic, told = await answer(client)
        assert (topic, told["id"], told["method"]) == (base, str(push.id), "thing.config.push")
        assert told["params"]["signMethod"] == "Sha256"
        for garbage in (
            b"{",
            b'{"id":"x|y","code":200}',
            b'{"id":"99","code":200}',
            b'{"id":"%d","code":[]}' % push.id,
        ):
            await client.publish(f"{base}_reply", garbage)
        assert await fleet.status(device, push) == "SENT"
        await client.publish(f"{base}_reply", b'{"id":"%d","code":406,"message":"bad value"}' % push.id)
        result = await fleet.result(device, push)
        assert (result.status, result.code, result.message) == ("FAILED", 406, "bad value")
        await client.send(PingReq())
        assert await client.next() == PingResp()


async def test_a_device_answers_for_itself_only(fleet: ConfigFleet, certificates: CertificateFiles) -> None:
    device, other = await fleet.start(2)
    async with open_hub(fleet.db, fleet.clock, certificates) as door, await door.online(other) as client:
        push = await fleet.push(devices=(device,))
        reply = b'{"id":"%d","code":200}' % push.id
        await client.publish(f"/sys/{device.key.product_key}/pump-0/thing/config/push_reply", reply)
        await client.publish(f"/sys/{device.key.product_key}/pump-1/thing/config/push_reply", reply)
        assert await fleet.status(device, push) == "OFFLINE"
