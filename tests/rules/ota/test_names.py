"""What things may be called, and what a job may ask for."""

import pytest

from linkops.errors import Invalid, Refused
from linkops.ota import names, targeting
from linkops.ota.model import Targets
from linkops.ota.targeting import NewJob


@pytest.mark.parametrize("name", ["a", "MCU-1.2_x", "x" * 64])
def test_module_names(name: str) -> None:
    assert names.module_name(name) == name


@pytest.mark.parametrize("name", ["", "x" * 65, "a b", "é", "模块", "a/b", "a\n", "a\0"])
def test_no_module_names(name: str) -> None:
    with pytest.raises(Invalid):
        names.module_name(name)


@pytest.mark.parametrize("name", ["firmware", "固件(1)_a-b", "ファーム", "2nd", "x" * 40])
def test_package_names(name: str) -> None:
    assert names.package_name(name) == name


@pytest.mark.parametrize("name", ["", "x" * 41, "-a", "_a", "(a)", "a.b", "a b", "a\n", "<img>", "مرحبا"])
def test_no_package_names(name: str) -> None:
    with pytest.raises(Invalid):
        names.package_name(name)


@pytest.mark.parametrize("name", ["image.bin", "my image (1).tar.gz", "固件.zip", "a.tar.xz"])
def test_file_names(name: str) -> None:
    assert names.file_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "image",
        "image.exe",
        "image.BIN",
        ".bin",
        "../../etc/x.bin",
        "..\\x.bin",
        "/etc/x.bin",
        "C:x.bin",
        "a\0.bin",
        "%2e%2e%2fx.bin",
        "x" * 300 + ".bin",
        "a\u202enib.bin",
    ],
)
def test_no_file_names(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        names.file_name(name)
    assert refused.value.params["field"] == "file_name"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (NewJob(package_id=1, device_names=("a",)), "job.names_not_allowed"),
        (NewJob(package_id=1, targets=Targets.SPECIFIC), "job.names_missing"),
        (NewJob(package_id=1, targets=Targets.SPECIFIC, device_names=("a", "a")), "job.names_repeated"),
        (
            NewJob(package_id=1, targets=Targets.SPECIFIC, device_names=tuple(map(str, range(10_001)))),
            "job.too_many_names",
        ),
        (
            NewJob(package_id=1, targets=Targets.SPECIFIC, device_names=("a",), source_versions=("1",)),
            "job.source_versions_not_allowed",
        ),
        (NewJob(package_id=1, source_versions=("1", "1")), "job.source_versions_invalid"),
        (NewJob(package_id=1, source_versions=("",)), "job.source_versions_invalid"),
        (NewJob(package_id=1, source_versions=tuple(map(str, range(11)))), "job.source_versions_invalid"),
        (NewJob(package_id=1, source_versions=("2.0",)), "job.source_is_target"),
        (NewJob(package_id=1, rate_per_minute=9), "job.rate_invalid"),
        (NewJob(package_id=1, rate_per_minute=10_001), "job.rate_invalid"),
        (NewJob(package_id=1, timeout_s=59), "job.timeout_invalid"),
        (NewJob(package_id=1, timeout_s=86_401), "job.timeout_invalid"),
    ],
)
def test_a_job_that_asks_too_much_is_refused(asked: NewJob, code: str) -> None:
    with pytest.raises(Refused) as refused:
        targeting.check(asked, "2.0")
    assert refused.value.code == code


@pytest.mark.parametrize(
    "asked",
    [
        NewJob(package_id=1),
        NewJob(package_id=1, source_versions=("1.0", "1.1"), rate_per_minute=10, timeout_s=60, need_push=False),
        NewJob(package_id=1, targets=Targets.SPECIFIC, device_names=("a", "b"), rate_per_minute=10_000),
    ],
)
def test_a_job_may_ask_this(asked: NewJob) -> None:
    targeting.check(asked, "2.0")
