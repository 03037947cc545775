"""Simulated devices whose connection breaks at the worst moment."""

import asyncio
from contextlib import suppress

import pytest

from linkops.alink.firmware import Firmware, read_progress, write_firmware_push
from linkops.alink.topics import Channel, topic_for
from linkops.mqtt.decode import server_decoder
from linkops.mqtt.encode import encode, encode_puback, encode_publish
from linkops.mqtt.packets import MQTT_3_1_1, ConnAck, Connect, Publish
from linkops.simulator import DeviceIdentity, Fleet, Mix, Pace, ServerAddress

DEVICE = DeviceIdentity("waterPump01", "pump-1", "secret")
FIRMWARE = Firmware(size=5, version="2.0.0", url="http://127.0.0.1/files/x", md5="", sign="", sign_method="SHA256")
PROGRESS = topic_for(Channel.PROGRESS, DEVICE.product_key, DEVICE.device_name)


class Breaking:
    """A server that breaks the first connection on which a device reports a failure, instead of acknowledging it."""

    def __init__(self) -> None:
        self.broken = False
        self.reported = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak with a device."""
        decoder = server_decoder()
        with suppress(ConnectionError):
            while data := await reader.read(4_096):
                for packet in decoder.feed(data):
                    self._answer(packet, writer)
        writer.close()

    def _answer(self, packet: object, writer: asyncio.StreamWriter) -> None:
        if isinstance(packet, Connect):
            writer.write(encode(ConnAck(), MQTT_3_1_1))
        if not isinstance(packet, Publish):
            return
        failure = packet.topic == PROGRESS and read_progress(packet.payload).step < 0
        if failure and not self.broken:
            self.broken = True
            writer.transport.abort()
            return
        writer.write(encode_puback(packet.packet_id))
        if failure:
            self.reported.set()
        elif packet.topic != PROGRESS:
            push = topic_for(Channel.FIRMWARE_PUSH, DEVICE.product_key, DEVICE.device_name)
            writer.write(encode_publish(Publish(push, write_firmware_push(FIRMWARE, 1)), MQTT_3_1_1))


@pytest.mark.timeout(120)
async def test_a_failure_that_was_not_acknowledged_is_reported_on_the_next_connection() -> None:
    breaking = Breaking()
    server = await asyncio.start_server(breaking.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    pace = Pace(restart_s=0.01, reconnect_s=0.01, reconnect_at_most_s=0.1)
    async with server, Fleet(ServerAddress(host, port), [DEVICE], mix=Mix.parse("fail:-2"), pace=pace):
        await breaking.reported.wait()
