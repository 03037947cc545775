"""Which devices do not have what they should, by the last that they acknowledged or downloaded."""

from linkops.alink.configuration import Configuration
from linkops.devices.model import NewDevice
from linkops.events.actor import SYSTEM
from linkops.remote_config.states.drift.model import Standing
from tests.support.config_fleet import ConfigFleet
from tests.support.groups import static


async def take(fleet: ConfigFleet, device: NewDevice) -> None:
    told = await fleet.pull(device)
    assert isinstance(told, Configuration)
    await fleet.fetch(told.url)


async def summary(fleet: ConfigFleet) -> dict[str, int]:
    found = await fleet.delivery.drift.summary(SYSTEM, fleet.product.product_key)
    assert found.devices == sum(found.counts.values())
    return {str(standing): devices for standing, devices in found.counts.items() if devices}


async def drifting(fleet: ConfigFleet, standing: Standing | None = None, limit: int = 50) -> dict[str, str]:
    key, cursor = fleet.product.product_key, None
    found: dict[str, str] = {}
    while True:
        page = await fleet.delivery.drift.page(SYSTEM, key, standing=standing, cursor=cursor, limit=limit)
        found |= {device.device_name: str(device.standing) for device in page.items}
        cursor = page.next
        if cursor is None:
            return found


async def test_everybody_is_unknown_until_something_is_heard(fleet: ConfigFleet) -> None:
    devices = await fleet.start(3)
    assert await summary(fleet) == {"unknown": 3}
    await take(fleet, devices[0])
    assert await summary(fleet) == {"in_step": 1, "unknown": 2}
    assert await drifting(fleet, limit=1) == {"pump-1": "unknown", "pump-2": "unknown"}


async def test_a_newer_document_leaves_everybody_behind_until_they_take_it(fleet: ConfigFleet) -> None:
    devices = await fleet.start(2)
    for device in devices:
        await take(fleet, device)
    await fleet.save('{"a":2}')
    assert await summary(fleet) == {"behind": 2}
    await take(fleet, devices[1])
    assert await drifting(fleet) == {"pump-0": "behind"}
    await fleet.save('{"a":1}')
    assert await drifting(fleet) == {"pump-1": "behind"}, "the same bytes again are the same content"


async def test_who_refuses_does_not_have_it_though_it_was_downloaded(fleet: ConfigFleet) -> None:
    [device] = await fleet.start(1)
    await fleet.connect(device)
    push = await fleet.push()
    await fleet.tick()
    await fleet.fetch(fleet.take_pushes()["pump-0"][0].url)
    assert await summary(fleet) == {"in_step": 1}
    await fleet.answer(device, push, 400)
    assert await drifting(fleet, Standing.REFUSED) == {"pump-0": "refused"}
    fleet.clock.advance(61_000)
    await take(fleet, device)
    assert await summary(fleet) == {"in_step": 1}, "it asked again by itself"


async def test_an_answer_is_evidence_without_a_download(fleet: ConfigFleet) -> None:
    [device] = await fleet.start(1)
    await fleet.connect(device)
    push = await fleet.push()
    await fleet.tick()
    await fleet.answer(device, push)
    found = await fleet.delivery.drift.of_device(SYSTEM, device.key)
    assert (found.standing, found.evidence) == (Standing.IN_STEP, "acknowledged")
    await fleet.fetch(fleet.take_pushes()["pump-0"][0].url)
    found = await fleet.delivery.drift.of_device(SYSTEM, device.key)
    assert found.evidence == "acknowledged", "what it said counts more"


async def test_narrower_documents_are_what_their_devices_should_have(fleet: ConfigFleet) -> None:
    devices = await fleet.start(4)
    for device in devices:
        await take(fleet, device)
    group = await static(fleet.services, "Cellar", fleet.product)
    await fleet.services.members.add(SYSTEM, group.id, [devices[1].key, devices[2].key])
    await fleet.save('{"b":1}', group_id=group.id)
    await fleet.save('{"c":1}', device=devices[2])
    assert await summary(fleet) == {"in_step": 2, "behind": 2}
    assert await drifting(fleet, limit=1) == {"pump-1": "behind", "pump-2": "behind"}
    for device in devices:
        await take(fleet, device)
    assert await drifting(fleet) == {}
    await fleet.services.members.remove(SYSTEM, group.id, [devices[1].key])
    assert await drifting(fleet) == {"pump-1": "behind"}


async def test_without_a_document_nothing_is_wanted(fleet: ConfigFleet) -> None:
    devices = await fleet.start(2, document=None)
    await fleet.save("{}", device=devices[0])
    assert await summary(fleet) == {"none_wanted": 1, "unknown": 1}
    assert await drifting(fleet) == {"pump-0": "unknown"}


async def test_deleted_devices_are_forgotten(fleet: ConfigFleet) -> None:
    devices = await fleet.start(2)
    await take(fleet, devices[0])
    await fleet.services.devices.delete(SYSTEM, [devices[0].key])
    assert await summary(fleet) == {"unknown": 1}
