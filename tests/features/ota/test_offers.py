"""What a job hands to devices beside the file, and to which devices a package may go at all."""

import msgspec
import pytest

from linkops.errors import Conflict, Invalid
from linkops.events.actor import SYSTEM
from linkops.ota.model import Package, PackageKind, TaskStatus
from linkops.ota.packages.creating import NewFile, NewPackage
from linkops.ota.uplinks.reports import Pull
from tests.support.ota import IMAGE, Fleet, chunks, new_job

S = TaskStatus


async def a_package(fleet: Fleet, version: str, **fields: object) -> Package:
    upload = await fleet.ota.uploads.receive(SYSTEM, "image.bin", chunks(IMAGE))
    new = NewPackage(
        product_key=fleet.product.product_key,
        name=f"p-{version.replace('.', '-')}",
        version=version,
        files=(NewFile(upload.id),),
    )
    return await fleet.ota.packages.create(SYSTEM, msgspec.structs.replace(new, **fields))


async def test_devices_get_the_tags_of_the_job(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    await fleet.job(tags={"campaign": "spring", "ring": "1"})
    await fleet.tick()
    [push] = fleet.take_pushes()
    assert push["data"]["extData"] == {"campaign": "spring", "ring": "1"}  # type: ignore[index]


async def test_a_download_over_mqtt_names_the_task_as_its_stream(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    job = await fleet.job(download="MQTT")
    await fleet.tick()
    [push] = fleet.take_pushes()
    task = await fleet.task(device, job)
    data = push["data"]
    assert isinstance(data, dict)
    assert (data["dProtocol"], data["streamId"], data["streamFileId"], "url" in data) == ("mqtt", task.id, 1, False)
    answer = await fleet.ota.uplinks.pull(Pull(device.id, "default", fleet.clock.now()))
    assert answer is not None
    assert answer.stream_id == task.id


async def test_devices_go_through_the_versions_that_a_package_requires(fleet: Fleet) -> None:
    devices = await fleet.start(3)
    for device, version in zip(devices, ("1.0", "2.0", "2.1"), strict=True):
        await fleet.version(device, version)
    package = await a_package(fleet, "3.0", required_versions=("2.0", "2.1"))
    job = await fleet.job(package)
    assert await fleet.counts(job) == {S.QUEUED: 2}
    assert job.source_versions == ["2.0", "2.1"]
    with pytest.raises(Invalid) as refused:
        await fleet.ota.maker.create(SYSTEM, new_job(package.id, source_versions=("1.0",)))
    assert refused.value.code == "job.source_versions_mismatch"


async def test_a_dynamic_job_brings_devices_on_once_they_went_through(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.version(device, "1.0")
    package = await a_package(fleet, "3.0", required_versions=("2.0",))
    job = await fleet.job(package, selection="DYNAMIC", source_versions=("2.0",))
    assert await fleet.counts(job) == {}
    await fleet.version(device, "2.0")
    assert await fleet.counts(job) == {S.QUEUED: 1}


async def test_a_differential_package_goes_only_to_its_source_version(fleet: Fleet) -> None:
    devices = await fleet.start(3)
    for device, version in zip(devices, ("1.0", "1.1", "1.0"), strict=True):
        await fleet.version(device, version)
    package = await a_package(fleet, "2.0", kind=PackageKind.DIFF, source_version="1.0")
    job = await fleet.job(package)
    assert await fleet.counts(job) == {S.QUEUED: 2}
    await fleet.version(devices[0], "1.5")
    task = await fleet.task(devices[0], job)
    assert (task.status, task.failure_kind) == (S.FAILED, "wrong_version")


async def test_an_unverified_package_goes_to_a_few_devices_first(fleet: Fleet) -> None:
    devices = await fleet.start(3)
    package = await a_package(fleet, "2.0", needs_verification=True)
    with pytest.raises(Conflict) as refused:
        await fleet.ota.maker.create(SYSTEM, new_job(package.id))
    assert refused.value.code == "package.not_verified"
    await fleet.job(package, kind="VERIFY", targets="SPECIFIC", device_names=("pump-0",))
    assert (await fleet.ota.packages.get(SYSTEM, package.id)).status == "verifying"
    await fleet.version(devices[0], "2.0")
    await fleet.tick()
    assert (await fleet.ota.packages.get(SYSTEM, package.id)).status == "verified"
    assert await fleet.counts(await fleet.job(package)) == {S.QUEUED: 2}
