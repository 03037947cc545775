"""Whole and differential packages, of one file and of many, and who may be offered them."""

from typing import Any

import msgspec
import pytest

from linkops.clock import FixedClock
from linkops.db import Database
from linkops.errors import Conflict, Invalid, Refused
from linkops.events.actor import SYSTEM
from linkops.ota.model import Package, PackageKind, PackageStatus
from linkops.ota.packages import store
from linkops.ota.packages.creating import NewPackage
from linkops.ota.packages.service import PackageFilter
from linkops.settings import load_settings
from tests.support.ota import Fleet, chunks


async def create(fleet: Fleet, names: list[str], **asked: Any) -> Package:
    """Upload a file under each name, make one package of them and return it."""
    uploads = [await fleet.ota.uploads.receive(SYSTEM, f"{n}.bin", chunks(b"%d" % n)) for n in range(len(names))]
    files = [{"upload_id": upload.id, "file_name": name} for upload, name in zip(uploads, names, strict=True)]
    new = {"product_key": fleet.product.product_key, "name": "image", "version": "2.0", "files": files, **asked}
    return await fleet.ota.packages.create(SYSTEM, msgspec.convert(new, NewPackage))


async def test_twenty_files_reach_the_device_in_their_order_each_with_a_link_of_its_own(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    names = [f"part-{n}.bin" for n in range(20)]
    package = await create(fleet, names)
    assert [file.file_name for file in package.files] == names
    await fleet.job(package)
    await fleet.tick()
    [push] = fleet.take_pushes()
    told: Any = push["data"]
    assert [file["fileName"] for file in told["files"]] == names
    contents = []
    for file in told["files"]:
        opened = await fleet.ota.packages.open_download(file["fileUrl"].rsplit("/", 1)[1])
        assert (opened.file_name, opened.size_bytes, opened.sha256) == (
            file["fileName"],
            file["fileSize"],
            file["fileSign"],
        )
        contents.append(await fleet.blobs.read(opened.blob_key, 0, 100))
    assert contents == [b"%d" % n for n in range(20)]


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ([f"{n}.bin" for n in range(21)], "package.files_count_invalid"),
        (["a.bin", "A.bin"], "package.file_name_repeated"),
        (["a.bin", "../../x"], "upload.file_name_invalid"),
        ([], "package.files_count_invalid"),
    ],
)
async def test_files_that_make_no_package_can_be_used_for_another(fleet: Fleet, names: list[str], code: str) -> None:
    await fleet.start()
    with pytest.raises(Invalid) as refused:
        await create(fleet, names)
    assert refused.value.code == code
    assert (await fleet.ota.packages.page(SYSTEM, PackageFilter())).items == []
    await create(fleet, ["a.bin"])


async def test_an_upload_is_a_file_once(fleet: Fleet) -> None:
    await fleet.start()
    upload = await fleet.ota.uploads.receive(SYSTEM, "a.bin", chunks(b"1"))
    files = [{"upload_id": upload.id, "file_name": name} for name in ("a.bin", "b.bin")]
    with pytest.raises(Invalid) as refused:
        await create(fleet, [], files=files)
    assert refused.value.code == "package.file_repeated"


async def test_a_diff_is_pushed_as_one(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    await fleet.version(device, "1.0")
    await fleet.job(await create(fleet, ["a.bin"], kind="diff", source_version="1.0"))
    await fleet.tick()
    [push] = fleet.take_pushes()
    assert push["data"]["isDiff"] == 1  # type: ignore[index]  # JSON


async def test_a_version_exists_once_as_whole_and_once_from_each_source(fleet: Fleet) -> None:
    await fleet.start()
    whole = await create(fleet, ["a.bin"])
    diffs = [
        await create(fleet, ["a.bin"], name=f"from-{version}", kind="diff", source_version=version)
        for version in ("1-0", "1-1")
    ]
    assert [package.source_version for package in (whole, *diffs)] == ["", "1-0", "1-1"]
    with pytest.raises(Conflict) as refused:
        await create(fleet, ["a.bin"], name="again", kind="diff", source_version="1-1")
    assert refused.value.code == "package.version_taken"
    found = await fleet.ota.packages.page(SYSTEM, PackageFilter(kind=PackageKind.DIFF))
    assert [package.id for package in found.items] == [diffs[1].id, diffs[0].id]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"kind": "diff"}, "source_version"),
        ({"kind": "diff", "source_version": "2.0"}, "source_version"),
        ({"kind": "diff", "source_version": "1.0\n"}, "source_version"),
        ({"source_version": "1.0"}, "source_version"),
        ({"kind": "diff", "source_version": "1.0", "required_versions": ["1.0"]}, "required_versions"),
        ({"kind": "diff", "source_version": "1.0", "diff_from": 1}, "diff_from"),
        ({"required_versions": ["2.0"]}, "required_versions"),
    ],
)
async def test_versions_that_contradict_each_other(fleet: Fleet, asked: dict[str, Any], field: str) -> None:
    await fleet.start()
    with pytest.raises(Invalid) as refused:
        await create(fleet, ["a.bin"], **asked)
    assert refused.value.params["field"] == field


async def test_required_versions_are_kept_and_edited(fleet: Fleet) -> None:
    await fleet.start()
    package = await create(fleet, ["a.bin"], required_versions=["1.8", "1.9"])
    assert package.required_versions == ["1.8", "1.9"]
    await fleet.ota.packages.edit(SYSTEM, package.id, description="better")
    edited = await fleet.ota.packages.edit(SYSTEM, package.id, required_versions=["1.9"])
    assert (await fleet.ota.packages.get(SYSTEM, package.id)) == edited
    assert (edited.required_versions, edited.description) == (["1.9"], "better")
    with pytest.raises(Invalid):
        await fleet.ota.packages.edit(SYSTEM, package.id, required_versions=["2.0"])


async def test_verification_is_asked_for_and_its_status_recorded(fleet: Fleet) -> None:
    await fleet.start()
    assert (await create(fleet, ["a.bin"])).status is PackageStatus.NOT_REQUIRED
    package = await create(fleet, ["a.bin"], name="b", version="3", needs_verification=True)
    assert package.status is PackageStatus.UNVERIFIED
    await fleet.db.write(store.set_status, package.id, PackageStatus.VERIFYING, 7)
    verifying = await fleet.ota.packages.page(SYSTEM, PackageFilter(status=PackageStatus.VERIFYING))
    assert [(found.id, found.updated_at) for found in verifying.items] == [(package.id, 7)]


async def test_the_server_keeps_so_many_packages(sqlite_db: Database, clock: FixedClock, tmp_path: Any) -> None:
    fleet = Fleet(sqlite_db, clock, tmp_path, load_settings(max_packages=1))
    await fleet.start()
    package = await create(fleet, ["a.bin"])
    with pytest.raises(Refused) as refused:
        await create(fleet, ["a.bin"], name="b", version="3")
    assert refused.value.code == "package.too_many"
    await fleet.ota.packages.delete(SYSTEM, package.id)
    await create(fleet, ["a.bin"], name="b", version="3")


async def test_which_files_are_taken_is_a_setting(sqlite_db: Database, clock: FixedClock, tmp_path: Any) -> None:
    fleet = Fleet(sqlite_db, clock, tmp_path, load_settings(package_file_suffixes=[".img"]))
    await fleet.ota.uploads.receive(SYSTEM, "a.img", chunks(b"1"))
    for name in ("a.bin", "a.IMG"):
        with pytest.raises(Invalid) as refused:
            await fleet.ota.uploads.receive(SYSTEM, name, chunks(b"1"))
        assert refused.value.code == "upload.file_type_invalid"
