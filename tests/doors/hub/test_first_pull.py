"""The pull of the first SDKs: `/ota/device/request`, which has no reply of its own."""

from pathlib import Path

import msgspec

from linkops.certificates import CertificateFiles
from linkops.clock import FixedClock
from linkops.db import Database
from linkops.mqtt.packets import PingReq, PingResp, Publish
from tests.support.hub import open_hub
from tests.support.ota import Fleet


async def test_it_is_answered_by_a_push_or_not_at_all(
    sqlite_db: Database, clock: FixedClock, certificates: CertificateFiles, tmp_path: Path
) -> None:
    fleet = Fleet(sqlite_db, clock, tmp_path)
    asking, idle = await fleet.start(2)
    await fleet.job(targets="SPECIFIC", device_names=("pump-0",), need_push=False)
    async with open_hub(sqlite_db, clock, certificates, fleet.blobs) as door:
        async with await door.online(asking) as client:
            await client.publish(
                f"/ota/device/request/{fleet.product.product_key}/pump-0", b'{"id":"1","params":{}}', 1
            )
            push = await client.next()
            assert isinstance(push, Publish)
            assert push.topic == f"/ota/device/upgrade/{fleet.product.product_key}/pump-0"
            told = msgspec.json.decode(push.payload)
            assert (told["code"], told["data"]["version"]) == ("1000", "2.0")
        async with await door.online(idle) as client:
            await client.publish(
                f"/ota/device/request/{fleet.product.product_key}/pump-1", b'{"id":"1","params":{}}', 1
            )
            await client.send(PingReq())
            assert await client.next() == PingResp()
