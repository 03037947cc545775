"""The live message log of a device: off, then bounded, and it shows what became of each message."""

from linkops.certificates import CertificateFiles
from linkops.clock import SystemClock
from linkops.db import Database
from linkops.hub.message_log import SHOWN_BYTES
from tests.support.hub import HubDoor, open_hub


async def test_nothing_is_kept_until_somebody_looks(door: HubDoor) -> None:
    device = await door.device()
    pk, name = device.key
    async with await door.online(device) as client:
        await client.publish(f"/{pk}/{name}/user/update", b"unseen")
        assert await door.bus.messages(device.id, 0) is None
        await door.bus.record_messages(device.id, on=True)
        await client.publish(f"/{pk}/{name}/user/update", b"up")
        await client.publish(f"/{pk}/somebody/user/update", b"not yours")
        assert await door.deliver(device, f"/sys/{pk}/{name}/thing/service/property/set", b"down")
        kept = await door.bus.messages(device.id, 0)
        assert kept is not None
        assert [(each.uplink, each.payload, each.outcome) for each in kept] == [
            (True, "up", "accepted"),
            (True, "not yours", "denied"),
            (False, "down", "delivered"),
        ]
        assert await door.bus.messages(device.id, kept[1].number) == kept[2:]
        await door.bus.record_messages(device.id, on=False)
        assert await door.bus.messages(device.id, 0) is None


async def test_it_outlives_the_connection(door: HubDoor) -> None:
    device = await door.device()
    pk, name = device.key
    await door.bus.record_messages(device.id, on=True)
    for text in (b"first", b"second"):
        async with await door.online(device) as client:
            await client.publish(f"/{pk}/{name}/user/update", text)
    kept = await door.bus.messages(device.id, 0)
    assert kept is not None
    assert [each.payload for each in kept] == ["first", "second"]


async def test_it_is_bounded(sqlite_db: Database, certificates: CertificateFiles) -> None:
    async with open_hub(sqlite_db, SystemClock(), certificates, message_log_entries=3) as door:
        device = await door.device()
        pk, name = device.key
        await door.bus.record_messages(device.id, on=True)
        async with await door.online(device) as client:
            for number in range(1, 6):
                await client.publish(f"/{pk}/{name}/user/update", b"\xff" * 5_000, number)
        kept = await door.bus.messages(device.id, 0)
        assert kept is not None
        assert [each.number for each in kept] == [3, 4, 5]
        assert [(len(each.payload), each.size_bytes) for each in kept] == [(SHOWN_BYTES, 5_000)] * 3
