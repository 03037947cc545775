"""Modules, uploads, packages and downloads."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from linkops.clock import FixedClock
from linkops.db import Database
from linkops.devices.model import DeviceKey
from linkops.errors import Conflict, Forbidden, Invalid, NotFound, Refused, TooLarge, Unavailable
from linkops.events.actor import SYSTEM, Actor, Role
from linkops.ota.model import DEFAULT_MODULE, Package, SignMethod
from linkops.ota.modules.service import MAX_MODULES
from linkops.ota.packages.creating import NewFile, NewPackage
from linkops.ota.packages.service import PackageFilter
from linkops.settings import load_settings
from tests.support.devices import actor
from tests.support.ota import ALL_LIVE, IMAGE, Fleet, chunks, sha256


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def token(fleet: Fleet) -> str:
    """Return the token of a link that the first device got."""
    [device] = await fleet.start()
    await fleet.job()
    url = await fleet.pull(device)
    assert url is not None
    return url.rsplit("/", 1)[1]


async def test_every_product_has_the_default_module_and_names_ignore_case(fleet: Fleet) -> None:
    await fleet.start()
    key = fleet.product.product_key
    await fleet.ota.modules.create(SYSTEM, key, "Scanner", "扫描器")
    edited = await fleet.ota.modules.edit(SYSTEM, key, "scanner", description="reads labels")
    assert (edited.name, edited.alias, edited.description) == ("Scanner", "扫描器", "reads labels")
    assert [module.name for module in await fleet.ota.modules.list(SYSTEM, key)] == [DEFAULT_MODULE, "Scanner"]
    with pytest.raises(Conflict):
        await fleet.ota.modules.create(SYSTEM, key, "SCANNER")
    await fleet.ota.modules.delete(SYSTEM, key, "Scanner")
    with pytest.raises(NotFound):
        await fleet.ota.modules.edit(SYSTEM, key, "Scanner", alias="x")


async def test_the_default_module_can_be_neither_made_nor_deleted(fleet: Fleet) -> None:
    await fleet.start()
    for call in (fleet.ota.modules.create, fleet.ota.modules.delete):
        with pytest.raises(Conflict):
            await call(SYSTEM, fleet.product.product_key, "Default")


async def test_a_product_has_ten_modules_at_most(fleet: Fleet) -> None:
    await fleet.start()
    for number in range(MAX_MODULES):
        await fleet.ota.modules.create(SYSTEM, fleet.product.product_key, f"m{number}")
    with pytest.raises(Conflict) as refused:
        await fleet.ota.modules.create(SYSTEM, fleet.product.product_key, "one-more")
    assert refused.value.code == "module.too_many"


async def test_a_module_with_packages_stays(fleet: Fleet) -> None:
    await fleet.start()
    await fleet.ota.modules.create(SYSTEM, fleet.product.product_key, "MCU")
    package = await fleet.package(module="mcu")
    assert package.module == "MCU"
    with pytest.raises(Conflict) as refused:
        await fleet.ota.modules.delete(SYSTEM, fleet.product.product_key, "MCU")
    assert refused.value.code == "module.in_use"


async def test_a_package_knows_its_file(fleet: Fleet) -> None:
    await fleet.start()
    package = await fleet.package()
    [file] = package.files
    assert (file.file_name, file.size_bytes, file.sha256) == ("image.bin", len(IMAGE), sha256(IMAGE))
    assert package.sign_method is SignMethod.SHA256
    assert await fleet.ota.packages.get(SYSTEM, package.id) == package


async def test_names_and_versions_are_unique(fleet: Fleet) -> None:
    await fleet.start()
    await fleet.package("2.0")
    for name, version, code in (
        ("image-default-2_0", "3.0", "package.name_taken"),
        ("other", "2.0", "package.version_taken"),
    ):
        upload = await fleet.ota.uploads.receive(SYSTEM, "image.bin", chunks(IMAGE))
        new = NewPackage(product_key=fleet.product.product_key, name=name, version=version, files=(NewFile(upload.id),))
        with pytest.raises(Conflict) as refused:
            await fleet.ota.packages.create(SYSTEM, new)
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"name": "-"}, Invalid),
        ({"version": "1 0"}, Invalid),
        ({"description": "x" * 101}, Invalid),
        ({"custom_info": "x" * 4_097}, Invalid),
        ({"module": "MCU"}, NotFound),
        ({"files": [{"upload_id": "guess"}]}, NotFound),
        ({"product_key": "other"}, NotFound),
    ],
)
async def test_a_package_with_a_wrong_field_is_refused(
    fleet: Fleet, change: dict[str, object], refusal: type[Refused]
) -> None:
    await fleet.start()
    upload = await fleet.ota.uploads.receive(SYSTEM, "image.bin", chunks(IMAGE))
    asked = {
        "product_key": fleet.product.product_key,
        "name": "image",
        "version": "2.0",
        "files": [{"upload_id": upload.id}],
        **change,
    }
    with pytest.raises(refusal):
        await fleet.ota.packages.create(SYSTEM, msgspec.convert(asked, NewPackage))


async def test_an_upload_belongs_to_who_made_it(fleet: Fleet) -> None:
    await fleet.start()
    somebody = actor(Role.OPERATOR, fleet.product)
    upload = await fleet.ota.uploads.receive(somebody, "image.bin", chunks(IMAGE))
    new = NewPackage(product_key=fleet.product.product_key, name="image", version="2.0", files=(NewFile(upload.id),))
    with pytest.raises(NotFound):
        await fleet.ota.packages.create(Actor(8, "else", "", somebody.roles), new)
    await fleet.ota.packages.create(somebody, new)
    with pytest.raises(NotFound):
        await fleet.ota.packages.create(somebody, msgspec.structs.replace(new, name="again", version="3.0"))


async def test_a_viewer_may_not_upload(fleet: Fleet) -> None:
    await fleet.start()
    with pytest.raises(Forbidden):
        await fleet.ota.uploads.receive(actor(Role.VIEWER, fleet.product), "image.bin", chunks(IMAGE))


async def test_uploads_that_are_refused_leave_no_file(sqlite_db: Database, clock: FixedClock, tmp_path: Path) -> None:
    fleet = Fleet(sqlite_db, clock, tmp_path, load_settings(max_file_bytes=1_000))
    with pytest.raises(TooLarge):
        await fleet.ota.uploads.receive(SYSTEM, "image.bin", chunks(b"x" * 1_001))
    with pytest.raises(Invalid):
        await fleet.ota.uploads.receive(SYSTEM, "image.bin", chunks(b""))
    with pytest.raises(ConnectionError):
        await fleet.ota.uploads.receive(SYSTEM, "image.bin", cut_off())
    assert files_in(tmp_path / "blobs") == []


async def cut_off() -> AsyncIterator[bytes]:
    yield b"x" * 990
    raise ConnectionError("the client went away")


async def test_an_upload_stops_before_the_disk_is_full(sqlite_db: Database, clock: FixedClock, tmp_path: Path) -> None:
    fleet = Fleet(sqlite_db, clock, tmp_path, load_settings(min_free_disk_bytes=2**60))
    with pytest.raises(Unavailable) as refused:
        await fleet.ota.uploads.receive(SYSTEM, "image.bin", chunks(IMAGE))
    assert refused.value.code == "storage.disk_full"
    assert files_in(tmp_path / "blobs") == []


async def test_an_upload_that_became_no_package_is_swept_and_no_other(fleet: Fleet, tmp_path: Path) -> None:
    await fleet.start()
    await fleet.package()
    await fleet.ota.uploads.receive(SYSTEM, "forgotten.bin", chunks(b"forgotten"))
    await fleet.ota.uploads.sweep()
    assert len(files_in(tmp_path / "blobs")) == 2
    fleet.clock.advance((fleet.settings.upload_keep_s + 61) * 1_000)
    await fleet.ota.uploads.sweep()
    assert [path.read_bytes() for path in files_in(tmp_path / "blobs")] == [IMAGE]


async def test_a_deleted_package_takes_its_file_along(fleet: Fleet, tmp_path: Path) -> None:
    link = await token(fleet)
    [package] = (await fleet.ota.packages.page(SYSTEM, PackageFilter())).items
    with pytest.raises(Conflict) as refused:
        await fleet.ota.packages.delete(SYSTEM, package.id)
    assert refused.value.code == "package.in_use"
    await fleet.ota.jobs.cancel(SYSTEM, 1, ALL_LIVE)
    await fleet.tick()
    await fleet.ota.packages.delete(SYSTEM, package.id)
    await fleet.ota.uploads.sweep()
    assert files_in(tmp_path / "blobs") == []
    assert (await fleet.ota.jobs.get(SYSTEM, 1)).package_name == package.name
    with pytest.raises(Forbidden):
        await fleet.ota.packages.open_download(link)


async def test_a_package_can_be_renamed_but_not_to_a_name_that_is_taken(fleet: Fleet) -> None:
    await fleet.start()
    first, second = await fleet.package("2.0"), await fleet.package("3.0")
    edited = await fleet.ota.packages.edit(SYSTEM, first.id, name="renamed", custom_info="{}")
    assert (edited.name, edited.custom_info, edited.description) == ("renamed", "{}", "")
    assert await _read(fleet, first) == edited
    with pytest.raises(Conflict):
        await fleet.ota.packages.edit(SYSTEM, second.id, name="renamed")
    with pytest.raises(Invalid):
        await fleet.ota.packages.edit(SYSTEM, second.id, name="")


async def test_a_link_expires_after_a_day(fleet: Fleet) -> None:
    link = await token(fleet)
    fleet.clock.advance(86_399_000)
    assert (await fleet.ota.packages.open_download(link)).file_name == "image.bin"
    fleet.clock.advance(1_000)
    with pytest.raises(Forbidden) as refused:
        await fleet.ota.packages.open_download(link)
    assert refused.value.code == "link.expired"


async def test_a_disabled_device_downloads_nothing(fleet: Fleet) -> None:
    link = await token(fleet)
    key = DeviceKey(fleet.product.product_key, "pump-0")
    await fleet.services.devices.set_enabled(SYSTEM, [key], enabled=False)
    with pytest.raises(Forbidden):
        await fleet.ota.packages.open_download(link)


async def _read(fleet: Fleet, package: Package) -> Package:
    return await fleet.ota.packages.get(SYSTEM, package.id)
