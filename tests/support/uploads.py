"""A device that uploads files by blocks over MQTT, exactly as a test tells it to."""

from typing import Any, NamedTuple

import msgspec
from fastcrc import crc16, crc64

from linkops.devices.model import DeviceKey
from linkops.mqtt.packets import PubAck, Publish
from tests.support.mqtt import MqttClient


class Reply(NamedTuple):
    """What came on the reply topic."""

    code: int
    id: Any
    data: dict[str, Any]


def sum_of(content: bytes) -> str:
    """Return the CRC-64 of a file as devices write it."""
    return f"{crc64.xz(content):016x}"


def init_payload(name: str, size: object, *, message_id: object = "1", **params: object) -> bytes:
    """Return a request to upload a file."""
    return msgspec.json.encode({"id": message_id, "params": {"fileName": name, "fileSize": size, **params}})


def block_payload(upload_id: str, offset: int, content: bytes, *, last: bool = False, damaged: bool = False) -> bytes:
    """Return a block."""
    params = {"uploadId": upload_id, "offset": offset, "bSize": len(content), "isComplete": last}
    head = msgspec.json.encode({"id": "2", "params": params})
    trailer = (crc16.arc(content) ^ damaged).to_bytes(2, "little")
    return len(head).to_bytes(2, "big") + head + content + trailer


class Uploader:
    """One device on one connection."""

    def __init__(self, client: MqttClient, key: DeviceKey) -> None:
        self.client = client
        self.root = f"/sys/{key.product_key}/{key.device_name}/thing/file/upload/mqtt"

    async def begin(self, name: str, size: object, **params: Any) -> Reply:
        """Ask to upload a file."""
        return await self.ask("init", init_payload(name, size, **params))

    async def block(self, upload_id: str, offset: int, content: bytes, **how: bool) -> Reply:
        """Send a block."""
        return await self.ask("send", block_payload(upload_id, offset, content, **how))

    async def cancel(self, upload_id: str) -> Reply:
        """Give an upload up."""
        return await self.ask("cancel", msgspec.json.encode({"id": "3", "params": {"uploadId": upload_id}}))

    async def ask(self, what: str, payload: bytes, qos: int = 0) -> Reply:
        """Send a payload and return the reply to it."""
        await self.client.send(Publish(f"{self.root}/{what}", payload, qos, qos))
        return await self.reply(what)

    async def reply(self, what: str) -> Reply:
        """Return the next reply; acknowledgements of QoS 1 before it are taken."""
        packet = await self.client.next()
        while isinstance(packet, PubAck):
            packet = await self.client.next()
        assert isinstance(packet, Publish)
        assert packet.topic == f"{self.root}/{what}_reply"
        read = msgspec.json.decode(packet.payload)
        assert b": " not in packet.payload
        return Reply(read["code"], read["id"], read["data"])

    async def upload(self, name: str, content: bytes, block_bytes: int = 1_024, **params: Any) -> Reply:
        """Upload a whole file and return the reply to its last block."""
        begun = await self.begin(name, len(content), **params)
        assert begun.code == 200, begun
        return await self.send_from(begun.data["uploadId"], begun.data["offset"], content, block_bytes)

    async def send_from(self, upload_id: str, offset: int, content: bytes, block_bytes: int = 1_024) -> Reply:
        """Send what follows ``offset`` and return the last reply."""
        reply = Reply(0, "", {})
        for at in range(offset, len(content), block_bytes):
            reply = await self.block(upload_id, at, content[at : at + block_bytes])
            assert reply.code == 200, reply
        return reply
