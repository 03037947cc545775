"""Differential packages that are made by the real tool, proven, and offered."""

import asyncio
import io
from pathlib import Path
from typing import Any

import detools
import pytest

from linkops.clock import FixedClock
from linkops.db import Database
from linkops.errors import Conflict, Forbidden, Invalid, Refused, TooMany
from linkops.events.actor import SYSTEM, Role
from linkops.ota.diffs import child
from linkops.ota.diffs.child import NotMade, Order
from linkops.ota.diffs.model import MAX_WAITING, Compression, Diff, DiffStatus, NewDiff, Stage
from linkops.ota.model import Package, PackageKind, PackageStatus
from linkops.ota.packages.creating import NewFile, NewPackage
from linkops.ota.packages.service import PackageFilter
from linkops.settings import load_settings
from tests.support.devices import actor
from tests.support.images import AFTER, BEFORE
from tests.support.ota import Fleet, chunks, sha256


async def two_packages(fleet: Fleet) -> tuple[Package, Package]:
    """Return whole packages of the versions 1.0 and 2.0."""
    await fleet.start()
    return await fleet.package("1.0", image=BEFORE), await fleet.package("2.0", image=AFTER)


async def slow_diff(fleet: Fleet) -> Diff:
    """Ask for a patch that takes seconds to make."""
    await fleet.start()
    image = BEFORE * 20
    before, after = await fleet.package("1.0", image=image), await fleet.package("2.0", image=AFTER + image)
    return await ask(fleet, before, after, compression=Compression.CRLE)


async def ask(fleet: Fleet, before: Package, after: Package, **asked: Any) -> Diff:
    new = NewDiff(from_package_id=before.id, to_package_id=after.id, **asked)
    return await fleet.ota.diffs.create(SYSTEM, new)


async def make(fleet: Fleet, diff: Diff) -> Diff:
    """Let everything that waits be made, and return what became of this one."""
    while await fleet.ota.diff_maker.make_next():
        pass
    return await fleet.ota.diffs.get(SYSTEM, diff.id)


async def reaches(fleet: Fleet, diff: Diff, stage: Stage) -> None:
    """Return once the making of a diff has come this far."""
    for _ in range(10_000):
        if (await fleet.ota.diffs.get(SYSTEM, diff.id)).stage is stage:
            return
        await asyncio.sleep(0.002)
    raise AssertionError(stage)


async def content_of(fleet: Fleet, package: Package) -> bytes:
    key = await fleet.db.read(
        lambda tx: tx.scalar("SELECT blob_key FROM ota_file WHERE package_id = :id", id=package.id)
    )
    return await fleet.blobs.read(key, 0, package.size_bytes)


@pytest.mark.parametrize("compression", Compression)
async def test_a_patch_brings_devices_from_one_version_to_the_next(fleet: Fleet, compression: Compression) -> None:
    before, after = await two_packages(fleet)
    diff = await ask(fleet, before, after, compression=compression, needs_verification=True)
    assert (diff.status, diff.whole_size_bytes, diff.saved_percent) == (DiffStatus.QUEUED, len(AFTER), None)
    made = await make(fleet, diff)
    assert (made.status, made.progress, made.stage, made.failure_code) == (DiffStatus.SUCCEEDED, 100, Stage.NONE, "")
    assert made.package_id is not None
    package = await fleet.ota.packages.get(SYSTEM, made.package_id)
    assert (package.kind, package.source_version, package.version) == (PackageKind.DIFF, "1.0", "2.0")
    assert (package.patch_format, package.status) == (f"detools/sequential/{compression}", PackageStatus.UNVERIFIED)
    assert package.saved_percent == made.saved_percent
    assert package.saved_percent is not None
    assert package.saved_percent > 90
    patched = io.BytesIO()
    detools.apply_patch(io.BytesIO(BEFORE), io.BytesIO(await content_of(fleet, package)), patched)
    assert patched.getvalue() == AFTER
    assert package.whole_sha256 == sha256(AFTER)


async def test_devices_are_told_how_to_apply_it(fleet: Fleet) -> None:
    before, after = await two_packages(fleet)
    made = await make(fleet, await ask(fleet, before, after))
    device = await fleet.services.device(fleet.product, "pump-1")
    await fleet.connect(device)
    await fleet.version(device, "1.0")
    assert made.package_id is not None
    await fleet.job(await fleet.ota.packages.get(SYSTEM, made.package_id))
    await fleet.tick()
    [push] = fleet.take_pushes()
    told: Any = push["data"]
    assert (told["isDiff"], told["size"]) == (1, made.patch_size_bytes)
    assert told["extData"] == {
        "_package_patch_format": "detools/sequential/heatshrink",
        "_package_patch_result_sha256": sha256(AFTER),
    }


async def test_a_diff_of_a_product_that_signs_is_signed(fleet: Fleet) -> None:
    before, after = await two_packages(fleet)
    signing = await fleet.ota.signing.switch(SYSTEM, fleet.product.product_key, on=True)
    made = await make(fleet, await ask(fleet, before, after))
    assert made.package_id is not None
    package = await fleet.ota.packages.get(SYSTEM, made.package_id)
    assert signing.key is not None
    assert package.files[0].signed_by == signing.key.fingerprint


async def test_a_new_package_comes_with_its_diff_when_asked_for(fleet: Fleet) -> None:
    await fleet.start()
    before = await fleet.package("1.0", image=BEFORE)
    upload = await fleet.ota.uploads.receive(SYSTEM, "image.bin", chunks(AFTER))
    new = NewPackage(
        product_key=fleet.product.product_key,
        name="second",
        version="2.0",
        files=(NewFile(upload.id),),
        diff_from=before.id,
        compression=Compression.CRLE,
    )
    package, diff_id = await fleet.ota.packages.create_with_diff(SYSTEM, new)
    assert diff_id is not None
    made = await make(fleet, await fleet.ota.diffs.get(SYSTEM, diff_id))
    assert (made.status, made.to_package_id, made.name) == (DiffStatus.SUCCEEDED, package.id, "second-from-1-0")
    assert made.compression is Compression.CRLE


async def test_a_package_whose_diff_cannot_be_made_is_not_made_either(fleet: Fleet) -> None:
    await fleet.start()
    upload = await fleet.ota.uploads.receive(SYSTEM, "image.bin", chunks(AFTER))
    new = NewPackage(
        product_key=fleet.product.product_key, name="second", version="2.0", files=(NewFile(upload.id),), diff_from=77
    )
    with pytest.raises(Refused) as refused:
        await fleet.ota.packages.create(SYSTEM, new)
    assert refused.value.code == "package.not_found"
    assert (await fleet.ota.packages.page(SYSTEM, PackageFilter())).items == []


async def test_packages_that_do_not_go_together(fleet: Fleet) -> None:
    before, after = await two_packages(fleet)
    await fleet.ota.modules.create(SYSTEM, fleet.product.product_key, "MCU")
    other = await fleet.package("2.0", module="MCU")
    made = await make(fleet, await ask(fleet, before, after))
    assert made.package_id is not None
    patch = await fleet.ota.packages.get(SYSTEM, made.package_id)
    third = await fleet.package("3.0", image=AFTER + b"3")
    for source, target, code in (
        (before, before, "diff.same_package"),
        (before, other, "diff.other_module"),
        (patch, third, "diff.not_one_whole_file"),
        (before, after, "package.version_taken"),
    ):
        with pytest.raises(Refused) as refused:
            await ask(fleet, source, target)
        assert refused.value.code == code
    with pytest.raises(Conflict):
        await ask(fleet, before, third, name=after.name)
    with pytest.raises(Invalid):
        await ask(fleet, before, third, name="../x")
    await ask(fleet, before, third)
    with pytest.raises(Conflict) as refused:
        await ask(fleet, before, third, name="another")
    assert refused.value.code == "diff.waiting_already"


async def test_an_image_may_be_so_large(fleet: Fleet) -> None:
    await fleet.start()
    before, after = await fleet.package("1.0", image=BEFORE), await fleet.package("2.0", image=bytes(32 * 2**20 + 1))
    with pytest.raises(Refused) as refused:
        await ask(fleet, before, after, compression=Compression.CRLE)
    assert (refused.value.code, refused.value.params["max_bytes"]) == ("diff.image_too_large", 32 * 2**20)
    await ask(fleet, before, after)


async def test_the_queue_is_bounded(fleet: Fleet) -> None:
    before, _ = await two_packages(fleet)
    targets = [await fleet.package(f"3.{n}", image=AFTER) for n in range(MAX_WAITING + 1)]
    for target in targets[:-1]:
        await ask(fleet, before, target)
    with pytest.raises(TooMany):
        await ask(fleet, before, targets[-1])


async def test_no_patch_is_made_on_a_disk_that_would_be_full(
    sqlite_db: Database, clock: FixedClock, tmp_path: Path
) -> None:
    fleet = Fleet(sqlite_db, clock, tmp_path, load_settings(data_dir=tmp_path))
    before, after = await two_packages(fleet)
    fleet.settings = load_settings(data_dir=tmp_path, min_free_disk_bytes=2**60)
    fleet.restart()
    assert (await make(fleet, await ask(fleet, before, after))).failure_code == "storage.disk_full"
    assert not (tmp_path / "diff-work").exists()


async def test_a_patch_that_saves_nothing_is_no_package(fleet: Fleet) -> None:
    await fleet.start()
    before, after = await fleet.package("1.0", image=b"a"), await fleet.package("2.0", image=b"b")
    made = await make(fleet, await ask(fleet, before, after))
    assert (made.status, made.failure_code, made.package_id) == (DiffStatus.FAILED, "diff.not_smaller", None)
    assert made.saved_percent is not None
    assert made.saved_percent < 0


async def test_an_image_that_was_damaged_in_storage_is_no_source(fleet: Fleet, tmp_path: Path) -> None:
    before, after = await two_packages(fleet)
    [damaged] = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file() and path.read_bytes() == BEFORE]
    damaged.write_bytes(b"x" + BEFORE[1:])
    assert (await make(fleet, await ask(fleet, before, after))).failure_code == "diff.image_damaged"


async def test_a_package_that_was_deleted_meanwhile(fleet: Fleet) -> None:
    before, after = await two_packages(fleet)
    diff = await ask(fleet, before, after)
    await fleet.ota.packages.delete(SYSTEM, before.id)
    assert (await make(fleet, diff)).failure_code == "diff.package_gone"


@pytest.mark.parametrize(
    ("limits", "code"), [({"diff_timeout_s": 1}, "diff.took_too_long"), ({}, "diff.too_much_memory")]
)
async def test_a_comparison_that_takes_too_much_ends(
    sqlite_db: Database, clock: FixedClock, tmp_path: Path, limits: dict[str, Any], code: str
) -> None:
    # Runs that repeat each other are the worst there is for bsdiff.
    image = b"ab" * 2_000_000 if limits else bytes(range(256)) * 130_000
    fleet = Fleet(sqlite_db, clock, tmp_path, load_settings(data_dir=tmp_path, diff_max_memory_bytes=2**28, **limits))
    await fleet.start()
    before = await fleet.package("1.0", image=image)
    after = await fleet.package("2.0", image=b"".join(bytes([n % 251]) + image[n::9] for n in range(9)))
    made = await make(fleet, await ask(fleet, before, after))
    assert made.failure_code == code


async def test_what_a_stopped_server_was_making_is_made_by_the_next(fleet: Fleet) -> None:
    diff = await slow_diff(fleet)
    making = asyncio.create_task(fleet.ota.diff_maker.make_next())
    await reaches(fleet, diff, Stage.COMPARING)
    making.cancel()
    await asyncio.gather(making, return_exceptions=True)
    stopped = await fleet.ota.diffs.get(SYSTEM, diff.id)
    assert (stopped.status, stopped.progress) == (DiffStatus.QUEUED, 0)
    fleet.restart()
    assert (await make(fleet, diff)).status is DiffStatus.SUCCEEDED


async def test_what_a_killed_server_was_making_is_begun_again_but_not_for_ever(fleet: Fleet) -> None:
    before, after = await two_packages(fleet)
    diff = await ask(fleet, before, after)
    kill = "UPDATE ota_diff SET status = 'RUNNING', attempt = :attempt, lease_until_at = :until"
    until = fleet.clock.now() + 60_000
    await fleet.db.write(lambda tx: tx.run(kill, attempt=1, until=until))
    assert not await fleet.ota.diff_maker.make_next()
    fleet.clock.advance(60_000)
    left = fleet.settings.data_dir / "diff-work"
    left.mkdir()
    (left / "patch").write_bytes(b"x" * 1_000_000)
    assert (await make(fleet, diff)).status is DiffStatus.SUCCEEDED
    assert not left.exists()
    third = await ask(fleet, before, await fleet.package("3.0", image=AFTER + b"3"))
    await fleet.db.write(lambda tx: tx.run(kill + " WHERE id = :id", attempt=3, until=0, id=third.id))
    assert (await make(fleet, third)).failure_code == "diff.cut_off"


async def test_a_canceled_one_is_not_made(fleet: Fleet) -> None:
    diff = await slow_diff(fleet)
    making = asyncio.create_task(fleet.ota.diff_maker.make_next())
    await reaches(fleet, diff, Stage.COMPARING)
    assert (await fleet.ota.diffs.cancel(SYSTEM, diff.id)).status is DiffStatus.CANCELED
    await making
    assert (await fleet.ota.diffs.get(SYSTEM, diff.id)).status is DiffStatus.CANCELED
    assert (await fleet.ota.packages.page(SYSTEM, PackageFilter(kind=PackageKind.DIFF))).items == []
    with pytest.raises(Conflict):
        await fleet.ota.diffs.cancel(SYSTEM, diff.id)


async def test_a_viewer_watches_and_an_outsider_does_not(fleet: Fleet) -> None:
    before, after = await two_packages(fleet)
    diff = await ask(fleet, before, after)
    viewer = actor(Role.VIEWER, fleet.product)
    assert [shown.id for shown in (await fleet.ota.diffs.page(viewer)).items] == [diff.id]
    for attempt in (
        fleet.ota.diffs.cancel(viewer, diff.id),
        fleet.ota.diffs.create(viewer, NewDiff(from_package_id=before.id, to_package_id=after.id)),
    ):
        with pytest.raises(Forbidden):
            await attempt


async def test_what_ended_long_ago_is_forgotten_and_its_package_stays(fleet: Fleet) -> None:
    before, after = await two_packages(fleet)
    made = await make(fleet, await ask(fleet, before, after))
    fleet.clock.advance(366 * 86_400_000)
    await fleet.ota.diffs.delete_old()
    assert (await fleet.ota.diffs.page(SYSTEM)).items == []
    assert made.package_id is not None
    await fleet.ota.packages.get(SYSTEM, made.package_id)


def test_a_damaged_patch_is_not_proven(tmp_path: Path) -> None:
    before, after, patch = (tmp_path / name for name in ("before", "after", "patch"))
    before.write_bytes(BEFORE)
    after.write_bytes(AFTER)
    digests = sha256(BEFORE), sha256(AFTER)
    order = Order(
        str(before), digests[0], str(after), digests[1], str(patch), Compression.HEATSHRINK, 2**30, 60
    )  # fmt: skip
    child.make(order, lambda _step: None)
    good = patch.read_bytes()
    refused = 0
    for at in range(0, len(good), len(good) // 40):
        patch.write_bytes(good[:at] + bytes([good[at] ^ 0x10]) + good[at + 1 :])
        try:
            child.prove(before, patch, tmp_path / "proof", digests[1])
        except NotMade:
            refused += 1
        else:  # a back reference to another place where the same bytes stand
            assert (tmp_path / "proof").read_bytes() == AFTER
    assert refused > 20
    for cut in (b"", good[: len(good) // 2], good[:-1]):
        patch.write_bytes(cut)
        with pytest.raises(NotMade):
            child.prove(before, patch, tmp_path / "proof", digests[1])
    patch.write_bytes(good)
    child.prove(before, patch, tmp_path / "proof", digests[1])
