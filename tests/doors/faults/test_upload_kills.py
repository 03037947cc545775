"""A server that is killed in the middle of an upload goes on where the device was told that it is."""

import os
import random
from pathlib import Path
from typing import Any

import pytest

from linkops.devices.model import DeviceKey, NewDevice
from linkops.mqtt.packets import Publish
from tests.support.mqtt import MqttClient, connect_of
from tests.support.operator import Operator
from tests.support.restarts import RestartedServer
from tests.support.uploads import Uploader, block_payload, sum_of

pytestmark = pytest.mark.long

CONTENT = os.urandom(200_000)
BLOCK_BYTES = 8_192
KILLS = 2


@pytest.mark.slow
async def test_kill_and_resume(tmp_path: Path) -> None:
    server = RestartedServer(tmp_path / "data")
    server.start()
    operator = server.operator()
    device = add_device(operator)
    acknowledged = 0
    try:
        for _ in range(KILLS):
            acknowledged = await upload_until_killed(server, device, acknowledged)
            server.start()
        async with await connected(server, device) as client:
            done = await Uploader(client, device.key).upload("crash.bin", CONTENT, **RESUME)
            assert done.data["ficValueServer"] == sum_of(CONTENT)
        (file,) = operator.get("/device-files")["items"]
        assert operator.client.get(f"/device-files/{file['id']}/content").content == CONTENT
    finally:
        operator.client.close()
        server.kill()
    assert server.sound(), server.log.read_text()[-8_000:]


RESUME: dict[str, Any] = {"conflictStrategy": "append", "ficMode": "crc64", "ficValue": sum_of(CONTENT)}


def add_device(operator: Operator) -> NewDevice:
    key = operator.post("/products", {"name": "Pumps"})["product_key"]
    made = operator.add_device(key, "pump-1")
    return NewDevice(1, DeviceKey(key, "pump-1"), made["device_secret"])


async def connected(server: RestartedServer, device: NewDevice) -> MqttClient:
    client = await MqttClient.open((server.mqtt.host, server.mqtt.port))
    assert (await client.login(connect_of(device))).reason == 0
    return client


async def upload_until_killed(server: RestartedServer, device: NewDevice, acknowledged: int) -> int:
    """Send a few blocks, kill the server while one is on its way, and return up to where blocks were acknowledged."""
    async with await connected(server, device) as client:
        uploader = Uploader(client, device.key)
        begun = await uploader.begin("crash.bin", len(CONTENT), **RESUME)
        # The block on its way when the server was killed may have been kept, or not.
        assert begun.data["offset"] in (acknowledged, acknowledged + BLOCK_BYTES)
        upload_id, at = begun.data["uploadId"], int(begun.data["offset"])
        for _ in range(random.randrange(4)):
            assert (await uploader.block(upload_id, at, CONTENT[at : at + BLOCK_BYTES])).code == 200
            at += BLOCK_BYTES
        block = block_payload(upload_id, at, CONTENT[at : at + BLOCK_BYTES])
        await client.send(Publish(f"{uploader.root}/send", block))
        server.kill()
        return at
