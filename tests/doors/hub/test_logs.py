"""Devices upload their logs while that is switched on, and are told when it is turned."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import msgspec
import pytest

from linkops.certificates import CertificateFiles
from linkops.clock import FixedClock
from linkops.db import Database
from linkops.devices.logs.model import LogFilter
from linkops.devices.logs.service import Logs
from linkops.devices.model import NewDevice
from linkops.events.actor import SYSTEM
from linkops.mqtt.packets import Publish
from tests.support.hub import open_hub
from tests.support.mqtt import MqttClient

NEWEST = 2**62
ENTRY = {"utcTime": "2026/11/24 6:52:10", "logLevel": "INFO", "module": "net", "code": "200", "traceContext": "0"}


class Logger(NamedTuple):
    """A device that is online."""

    device: NewDevice
    client: MqttClient
    logs: Logs

    async def ask(self, path: str, params: Any, **more: Any) -> Any:
        payload = msgspec.json.encode({"id": "1", "version": "1.0", "params": params, **more})
        await self.client.send(Publish(self.topic(path), payload))
        return await self.heard(f"{path}_reply")

    async def heard(self, path: str) -> Any:
        packet = await self.client.next()
        assert isinstance(packet, Publish)
        assert packet.topic == self.topic(path)
        return msgspec.json.decode(packet.payload)

    def topic(self, path: str) -> str:
        return f"/sys/{self.device.key.product_key}/{self.device.key.device_name}/thing/{path}"

    async def post(self, *contents: str) -> int:
        reply = await self.ask("log/post", [{**ENTRY, "logContent": content} for content in contents])
        assert reply["data"] == {}
        return int(reply["code"])

    async def stored(self) -> list[str]:
        lines = await self.logs.page(SYSTEM, self.device.key, LogFilter(), before=NEWEST, limit=200)
        return [line.content for line in lines]


@pytest.fixture
async def logger(sqlite_db: Database, clock: FixedClock, certificates: CertificateFiles) -> AsyncIterator[Logger]:
    async with open_hub(sqlite_db, clock, certificates, log_entries_per_minute=10) as door:
        device = await door.device()
        async with await door.online(device) as client:
            yield Logger(device, client, Logs(sqlite_db, clock, door.bus))


async def mode(logger: Logger) -> int:
    reply = await logger.ask("config/log/get", {"getType": "content", "configScope": "device"})
    assert (reply["code"], reply["data"]["getType"]) == (200, "content")
    return int(reply["data"]["content"]["mode"])


async def test_nothing_is_kept_until_it_is_switched_on(logger: Logger) -> None:
    assert await mode(logger) == 0
    assert await logger.post("too early") == 403
    await logger.logs.switch(SYSTEM, logger.device.key, on=True)
    pushed = await logger.heard("config/log/push")
    assert pushed["params"] == {"getType": "content", "content": {"mode": 1}}
    assert await mode(logger) == 1
    assert await logger.post("one", "two") == 200
    assert await logger.post("three") == 200
    assert await logger.stored() == ["three", "two", "one"]
    await logger.logs.switch(SYSTEM, logger.device.key, on=None)
    assert (await logger.heard("config/log/push"))["params"]["content"] == {"mode": 0}
    assert await logger.post("too late") == 403
    assert len(await logger.stored()) == 3


async def test_a_products_switch_reaches_its_online_devices(logger: Logger) -> None:
    await logger.logs.switch_product(SYSTEM, logger.device.key.product_key, on=True)
    assert await logger.logs.tell_devices()
    assert (await logger.heard("config/log/push"))["params"]["content"] == {"mode": 1}
    assert not await logger.logs.tell_devices()
    assert await logger.post("one") == 200


async def test_a_device_that_logs_too_much_is_refused_for_a_while(logger: Logger, clock: FixedClock) -> None:
    await logger.logs.switch(SYSTEM, logger.device.key, on=True)
    await logger.heard("config/log/push")
    assert await logger.post(*"0123456789") == 200
    assert await logger.post("more") == 429
    clock.advance(60_000)
    assert await logger.post("later") == 200
    assert await logger.stored() == ["later", *"9876543210"]


async def test_what_is_no_log_is_answered_and_changes_nothing(logger: Logger) -> None:
    await logger.logs.switch(SYSTEM, logger.device.key, on=True)
    await logger.heard("config/log/push")
    assert (await logger.ask("log/post", "nothing"))["code"] == 460
    assert (await logger.ask("log/post", [{}] * 201))["code"] == 460
    assert (await logger.ask("log/post", []))["code"] == 200
    assert await logger.stored() == []


async def test_who_wants_no_answer_gets_none(logger: Logger) -> None:
    await logger.logs.switch(SYSTEM, logger.device.key, on=True)
    await logger.heard("config/log/push")
    payload = msgspec.json.encode({"id": "1", "params": [{"logContent": "hush"}], "sys": {"ack": 0}})
    await logger.client.send(Publish(logger.topic("log/post"), payload))
    assert await mode(logger) == 1
    assert await logger.stored() == ["hush"]


async def test_control_characters_are_kept_as_they_are(logger: Logger) -> None:
    await logger.logs.switch(SYSTEM, logger.device.key, on=True)
    await logger.heard("config/log/push")
    nasty = "<img onerror=1>{{7*7}}\x1b]52;c;x\x07\u202e=cmd|"
    assert await logger.post(nasty) == 200
    assert await logger.stored() == [nasty]
