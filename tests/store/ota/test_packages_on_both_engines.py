"""Packages, keys and patches, with every kind of statement in them, on each engine."""

from typing import Any

import pytest

from linkops.db import Duplicate
from linkops.errors import Conflict
from linkops.events.actor import SYSTEM, Role
from linkops.ota.diffs import store as diffs
from linkops.ota.diffs.model import DiffStatus, NewDiff, Stage
from linkops.ota.diffs.store import Run
from linkops.ota.model import PackageKind, PackageStatus
from linkops.ota.packages import store
from linkops.ota.packages.creating import NewFile, NewPackage
from linkops.ota.packages.service import PackageFilter
from linkops.ota.signing import store as signing
from tests.support.devices import actor
from tests.support.images import AFTER, BEFORE
from tests.support.ota import Fleet, chunks


async def test_a_signed_package_of_three_files_is_offered_whole(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    await fleet.ota.signing.switch(SYSTEM, fleet.product.product_key, on=True)
    uploads = [await fleet.ota.uploads.receive(SYSTEM, f"{n}.bin", chunks(b"%d" % n)) for n in range(3)]
    new = NewPackage(
        product_key=fleet.product.product_key,
        name="image",
        version="2.0",
        files=tuple(NewFile(upload.id) for upload in reversed(uploads)),
        required_versions=("1.0",),
        needs_verification=True,
    )
    package = await fleet.ota.packages.create(SYSTEM, new)
    assert [file.file_name for file in package.files] == ["2.bin", "1.bin", "0.bin"]
    assert (package.required_versions, package.status) == (["1.0"], PackageStatus.UNVERIFIED)
    await fleet.ota.packages.edit(SYSTEM, package.id, required_versions=[])
    await fleet.db.write(store.set_status, package.id, PackageStatus.VERIFIED, fleet.clock.now())
    for kind, status, found in (
        (PackageKind.FULL, PackageStatus.VERIFIED, 1),
        (PackageKind.FULL, PackageStatus.FAILED, 0),
        (PackageKind.DIFF, None, 0),
    ):
        page = await fleet.ota.packages.page(SYSTEM, PackageFilter(kind=kind, status=status))
        assert (page.total, len(page.items)) == (found, found)
    for text, found in (("MAG", 1), ("fault 2.", 1), ("2_0", 0), ("image default", 0)):
        assert (await fleet.ota.packages.page(SYSTEM, PackageFilter(containing=text))).total == found
    assert (await fleet.ota.packages.page(SYSTEM, PackageFilter(one_file=True))).items == []
    await fleet.job(package)
    await fleet.tick()
    told: Any = fleet.take_pushes()[0]["data"]
    assert [(file["fileName"], file["digestsign"]) for file in told["files"]] == [
        (file.file_name, file.digestsign) for file in package.files
    ]


async def test_a_product_has_one_key_that_signs(fleet: Fleet) -> None:
    await fleet.start()
    key = signing.KeyToAdd(fleet.product.id, "f", 2_048, "public", "sealed", 0, "ann")
    await fleet.db.write(signing.add, key, 1)
    with pytest.raises(Duplicate):
        await fleet.db.write(signing.add, key, 2)
    assert await fleet.db.read(signing.signer, fleet.product.id) is None
    for on in (True, False, True):
        await fleet.db.write(signing.set_enabled, fleet.product.id, 3, on=on)
        assert await fleet.db.read(signing.enabled, fleet.product.id) is on
    signer = await fleet.db.read(signing.signer, fleet.product.id)
    assert signer is not None
    assert signer.private_key_sealed == "sealed"
    assert await fleet.db.write(signing.retire, fleet.product.id, 4)
    assert not await fleet.db.write(signing.retire, fleet.product.id, 5)
    await fleet.db.write(signing.add, key._replace(fingerprint="g"), 6)
    found = await fleet.db.read(signing.keys, fleet.product.id, 10)
    assert [(key.fingerprint, key.retired_at) for key in found] == [("g", None), ("f", 4)]


async def test_a_patch_is_made_once_and_an_older_attempt_counts_no_more(fleet: Fleet) -> None:
    await fleet.start()
    before, after = await fleet.package("1.0", image=BEFORE), await fleet.package("2.0", image=AFTER)
    diff = await fleet.ota.diffs.create(SYSTEM, NewDiff(from_package_id=before.id, to_package_id=after.id))
    first = await fleet.db.write(diffs.claim, 1_000, 2_000)
    assert first is not None
    assert (first.id, first.status, first.attempt) == (diff.id, DiffStatus.RUNNING, 1)
    assert await fleet.db.write(diffs.claim, 1_999, 9_000) is None
    second = await fleet.db.write(diffs.claim, 2_000, 3_000)
    assert second is not None
    assert second.attempt == 2
    assert not await fleet.db.write(diffs.advance, Run(diff.id, 1), Stage.COMPARING, 50, 2_001, 9_000)
    assert not await fleet.db.write(diffs.succeed, Run(diff.id, 1), 7, 7, 2_001)
    await fleet.db.write(diffs.fail, Run(diff.id, 1), "diff.failed", None, 2_001)
    await fleet.db.write(diffs.release, Run(diff.id, 2), 2_002)
    assert await fleet.db.read(diffs.any_due, 2_002)
    while await fleet.ota.diff_maker.make_next():
        pass
    made = await fleet.ota.diffs.get(SYSTEM, diff.id)
    assert (made.status, made.attempt) == (DiffStatus.SUCCEEDED, 2)
    assert not await fleet.db.read(diffs.any_due, 10**15)
    page = await fleet.ota.diffs.page(actor(Role.VIEWER, fleet.product), limit=1)
    assert (page.total, page.items) == (1, [made])
    with pytest.raises(Conflict):
        await fleet.ota.diffs.cancel(SYSTEM, diff.id)


async def test_of_two_that_wait_the_second_waits_for_the_first(fleet: Fleet) -> None:
    await fleet.start()
    packages = [await fleet.package(f"{n}.0", image=AFTER + bytes(n)) for n in range(3)]
    for target in packages[1:]:
        await fleet.ota.diffs.create(SYSTEM, NewDiff(from_package_id=packages[0].id, to_package_id=target.id))
    first = await fleet.db.write(diffs.claim, 1_000, 2_000)
    assert await fleet.db.write(diffs.claim, 1_000, 2_000) is None
    assert first is not None
    assert await fleet.db.write(diffs.cancel, first.id, 1_500)
    second = await fleet.db.write(diffs.claim, 1_500, 2_500)
    assert second is not None
    assert second.to_package_id == packages[2].id
