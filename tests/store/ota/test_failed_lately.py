"""The devices whose updates failed last, as an overview lists them."""

from linkops.events.actor import SYSTEM, Role
from linkops.ota.model import FailureKind
from tests.support.devices import actor
from tests.support.ota import Fleet


async def test_the_last_failures_come_first_to_those_who_may_see_them(fleet: Fleet) -> None:
    devices = await fleet.start(3)
    await fleet.connect(*devices)
    job = await fleet.job()
    await fleet.tick()
    for device, step in ((devices[0], -2), (devices[2], -3)):
        fleet.clock.advance(1_000)
        assert await fleet.progress(device, step, "no room")
    failures = await fleet.ota.tasks.failed_lately(SYSTEM)
    assert [(each.device_name, each.failure_kind, each.job_id) for each in failures] == [
        ("pump-2", FailureKind.VERIFY, job.id),
        ("pump-0", FailureKind.DOWNLOAD, job.id),
    ]
    assert (failures[0].description, failures[0].version, failures[0].ended_at) == ("no room", "2.0", fleet.clock.now())
    assert await fleet.ota.tasks.failed_lately(SYSTEM, limit=1) == failures[:1]
    other = await fleet.services.product("Lamps")
    assert await fleet.ota.tasks.failed_lately(actor(Role.VIEWER, other)) == []
    assert await fleet.ota.tasks.failed_lately(actor(Role.VIEWER, fleet.product)) == failures
