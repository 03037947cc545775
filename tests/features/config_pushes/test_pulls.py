"""A device that asks is told, whatever was pushed; a link opens one content for one device for half an hour."""

import pytest

from linkops.alink.configuration import NO_CONFIGURATION, SWITCHED_OFF, Configuration
from linkops.errors import Forbidden
from linkops.events.actor import SYSTEM
from linkops.links import LinkWriter, Opens, link_key
from tests.support.config_fleet import BASE_URL, ConfigFleet

HALF_HOUR_MS = 1_800_000


async def test_a_saved_document_can_be_pulled_though_nobody_pushed_it(fleet: ConfigFleet) -> None:
    [device] = await fleet.start(1, document='{ "a": 1 }')
    told = await fleet.pull(device)
    assert isinstance(told, Configuration)
    assert told.url.startswith(f"{BASE_URL}/files/")
    assert len(told.sign) == 64
    assert (told.sign_method, told.get_type, told.config_size) == ("Sha256", "file", 10)
    assert await fleet.fetch(told.url) == b'{ "a": 1 }'


async def test_nothing_saved_and_switched_off_have_codes_of_their_own(fleet: ConfigFleet) -> None:
    [device] = await fleet.start(1, document=None)
    assert await fleet.pull(device) == NO_CONFIGURATION
    await fleet.save("{}")
    await fleet.switch(on=False)
    assert await fleet.pull(device) == SWITCHED_OFF


async def test_many_pulls_of_many_devices_are_answered_together(fleet: ConfigFleet) -> None:
    devices = await fleet.start(3)
    await fleet.save('{"b":2}', device=devices[1])
    told = [await fleet.pull(device) for device in (*devices, devices[0])]
    bodies = [await fleet.fetch(each.url) for each in told if isinstance(each, Configuration)]
    assert bodies == [b'{"a":1}', b'{"a":1,"b":2}', b'{"a":1}', b'{"a":1}']


async def test_a_link_ends_after_half_an_hour(fleet: ConfigFleet) -> None:
    [device] = await fleet.start(1)
    told = await fleet.pull(device)
    assert isinstance(told, Configuration)
    fleet.clock.advance(HALF_HOUR_MS - 1_000)
    assert await fleet.fetch(told.url) == b'{"a":1}'
    fleet.clock.advance(1_000)
    with pytest.raises(Forbidden) as refused:
        await fleet.fetch(told.url)
    assert refused.value.code == "link.expired"


@pytest.mark.parametrize("lost", ["disabled", "deleted", "switched off"])
async def test_a_link_opens_nothing_for_a_device_that_may_not_have_it(fleet: ConfigFleet, lost: str) -> None:
    [device] = await fleet.start(1)
    told = await fleet.pull(device)
    assert isinstance(told, Configuration)
    if lost == "disabled":
        await fleet.services.devices.set_enabled(SYSTEM, [device.key], enabled=False)
    elif lost == "deleted":
        await fleet.services.devices.delete(SYSTEM, [device.key])
    else:
        await fleet.switch(on=False)
    with pytest.raises(Forbidden) as refused:
        await fleet.fetch(told.url)
    assert refused.value.code == "link.invalid"


async def test_a_link_to_a_package_or_to_another_products_content_opens_nothing(fleet: ConfigFleet) -> None:
    [device] = await fleet.start(1)
    told = await fleet.pull(device)
    assert isinstance(told, Configuration)
    stranger = await fleet.services.device(await fleet.services.product("Lamps"), "lamp-1")
    key, now = link_key(fleet.services.box.key), fleet.clock.now()
    for link in (
        LinkWriter(BASE_URL, key, 60, Opens.PACKAGE_FILE).url(device.id, 1, now),
        LinkWriter(BASE_URL, key, 60, Opens.CONFIGURATION).url(stranger.id, 1, now),
        LinkWriter(BASE_URL, key, 60, Opens.CONFIGURATION).url(device.id, 999, now),
    ):
        with pytest.raises(Forbidden):
            await fleet.fetch(link)
