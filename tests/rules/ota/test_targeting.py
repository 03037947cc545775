"""Which devices a job may ask for: every refusal has its code and names the field."""

import pytest

from linkops.errors import Conflict, Invalid, TooLarge
from linkops.ota.creating.checks import check_new, check_package, minutes_to_offer, source_versions
from linkops.ota.model import Package, PackageFile, PackageKind, PackageStatus, SignMethod
from linkops.ota.targeting import MAX_DEVICE_NAMES, check_targets
from tests.support.ota import new_job

NOW = 1_800_000_000_000
NAMES = [f"pump-{number}" for number in range(11)]
STATIC: list[dict[str, object]] = [
    {},
    {"source_versions": ["1.0", "1.1"]},
    {"source_versions": [str(number) for number in range(20)]},
    {"targets": "SPECIFIC", "device_names": ["a", "b"]},
    {"targets": "SPECIFIC", "device_list_id": 7},
    {"targets": "GRAY", "percent": 33.333},
    {"targets": "GRAY", "percent": 0.001, "source_versions": ["1.0"]},
    {"targets": "GROUP", "group_id": 7},
    {"targets": "REGION", "regions": [{"province": "Zhejiang"}, {"province": "Bayern", "city": "München"}]},
    {"kind": "VERIFY", "targets": "SPECIFIC", "device_names": NAMES[:10]},
]
DYNAMIC: list[dict[str, object]] = [
    {"source_versions": ["1.0"]},
    {"source_versions": [str(number) for number in range(50)], "dynamic_mode": "new_reports"},
    {"targets": "GROUP", "group_id": 7},
]
CITY = [{"province": "Zhejiang"}]


@pytest.mark.parametrize("asked", [*STATIC, *({"selection": "DYNAMIC", **asked} for asked in DYNAMIC)])
def test_targets(asked: dict[str, object]) -> None:
    new = new_job(1, **asked)
    check_targets(new, "9.9")
    check_new(new, "9.9", NOW)


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"device_names": ["a"]}, "job.names_not_allowed", "device_names"),
        ({"targets": "GROUP", "group_id": 1, "device_list_id": 7}, "job.names_not_allowed", "device_names"),
        ({"targets": "SPECIFIC"}, "job.names_missing", "device_names"),
        ({"targets": "SPECIFIC", "device_names": ["a"], "device_list_id": 7}, "job.names_missing", "device_names"),
        ({"targets": "SPECIFIC", "device_names": ["a", "b", "a"]}, "job.names_repeated", "device_names"),
        (
            {"kind": "VERIFY", "targets": "SPECIFIC", "device_names": NAMES},
            "job.verified_devices",
            "device_names",
        ),
        ({"kind": "VERIFY", "targets": "SPECIFIC", "device_list_id": 7}, "job.verified_devices", "device_names"),
        ({"kind": "VERIFY"}, "job.verified_devices", "device_names"),
        ({"kind": "VERIFY", "source_versions": ["1.0"]}, "job.verified_devices", "device_names"),
        ({"kind": "VERIFY", "targets": "GRAY", "percent": 1}, "job.verified_devices", "device_names"),
        ({"kind": "VERIFY", "targets": "GROUP", "group_id": 1}, "job.verified_devices", "device_names"),
        ({"targets": "GRAY"}, "job.percent_for_gray", "percent"),
        ({"percent": 10}, "job.percent_for_gray", "percent"),
        ({"targets": "GRAY", "percent": 0}, "job.percent_invalid", "percent"),
        ({"targets": "GRAY", "percent": 100.001}, "job.percent_invalid", "percent"),
        ({"targets": "GRAY", "percent": 33.3333}, "job.percent_invalid", "percent"),
        ({"targets": "GRAY", "percent": 0.0004}, "job.percent_invalid", "percent"),
        ({"targets": "GROUP"}, "job.group_for_group", "group_id"),
        ({"group_id": 7}, "job.group_for_group", "group_id"),
        ({"targets": "REGION"}, "job.regions_for_region", "regions"),
        ({"regions": CITY}, "job.regions_for_region", "regions"),
        ({"targets": "REGION", "regions": [{"province": "", "city": "x"}]}, "job.regions_invalid", "regions"),
        ({"targets": "REGION", "regions": CITY * 101}, "job.regions_invalid", "regions"),
        ({"source_versions": [str(n) for n in range(21)]}, "job.source_versions_invalid", "source_versions"),
        ({"source_versions": ["1.0", "1.0"]}, "job.source_versions_invalid", "source_versions"),
        ({"source_versions": [""]}, "job.source_versions_invalid", "source_versions"),
        ({"source_versions": ["x" * 65]}, "job.source_versions_invalid", "source_versions"),
        ({"source_versions": ["1.0", "9.9"]}, "job.source_is_target", "source_versions"),
        (
            {"targets": "SPECIFIC", "device_names": ["a"], "source_versions": ["1.0"]},
            "job.source_versions_not_allowed",
            "source_versions",
        ),
        (
            {"targets": "GROUP", "group_id": 7, "source_versions": ["1.0"]},
            "job.source_versions_not_allowed",
            "source_versions",
        ),
        ({"selection": "DYNAMIC"}, "job.dynamic_needs_versions", "source_versions"),
        (
            {"selection": "DYNAMIC", "source_versions": [str(n) for n in range(51)]},
            "job.source_versions_invalid",
            "source_versions",
        ),
        ({"selection": "DYNAMIC", "targets": "SPECIFIC", "device_names": ["a"]}, "job.dynamic_targets", "targets"),
        (
            {"selection": "DYNAMIC", "targets": "GRAY", "percent": 5, "source_versions": ["1.0"]},
            "job.dynamic_targets",
            "targets",
        ),
        (
            {"selection": "DYNAMIC", "targets": "REGION", "regions": CITY, "source_versions": ["1.0"]},
            "job.dynamic_targets",
            "targets",
        ),
        (
            {"selection": "DYNAMIC", "source_versions": ["1.0"], "stages": [{"percent": 1}]},
            "job.dynamic_schedule",
            "strategy",
        ),
        (
            {"selection": "DYNAMIC", "source_versions": ["1.0"], "start_at": NOW + 3_600_000},
            "job.dynamic_schedule",
            "strategy",
        ),
    ],
)
def test_no_targets(asked: dict[str, object], code: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_new(new_job(1, **asked), "9.9", NOW)
    assert (refused.value.code, refused.value.params["field"]) == (code, field)


def test_more_names_than_a_list_in_the_call_may_have() -> None:
    names = [str(number) for number in range(MAX_DEVICE_NAMES + 1)]
    check_targets(new_job(1, targets="SPECIFIC", device_names=names[:-1]), "9.9")
    with pytest.raises(TooLarge) as refused:
        check_targets(new_job(1, targets="SPECIFIC", device_names=names), "9.9")
    assert refused.value.params == {"max_names": MAX_DEVICE_NAMES}


@pytest.mark.parametrize(
    "strategy",
    [
        {"overwrite": True},
        {"retry": {"interval_s": 0, "count": 1}},
        {"growth": {"base_per_minute": 50, "factor": 2.0, "notified": 10}},
        {"start_at": NOW + 3_600_000},
        {"stages": [{"percent": 50}]},
        {"abort": [{"failures": 1}]},
    ],
)
def test_a_verification_spreads_nothing(strategy: dict[str, object]) -> None:
    asked = {"kind": "VERIFY", "targets": "SPECIFIC", "device_names": ["a"], **strategy}
    with pytest.raises(Invalid) as refused:
        check_new(new_job(1, **asked), "9.9", NOW)
    assert refused.value.code == "job.verification_strategy"


def a_package(**changed: object) -> Package:
    fields: dict[str, object] = {
        "id": 1,
        "product_id": 1,
        "product_key": "p",
        "module": "default",
        "name": "image",
        "version": "9.9",
        "kind": PackageKind.FULL,
        "source_version": "",
        "sign_method": SignMethod.SHA256,
        "status": PackageStatus.NOT_REQUIRED,
        "required_versions": [],
        "patch_format": "",
        "whole_size_bytes": None,
        "whole_sha256": "",
        "description": "",
        "custom_info": "",
        "created_by": "",
        "created_at": 0,
        "updated_at": 0,
        "files": [PackageFile(1, "a.bin", 16 * 2**20, "", "")],
    }
    plain: dict[str, object] = {
        "kind": PackageKind.FULL,
        "source_version": "",
        "status": PackageStatus.NOT_REQUIRED,
        "required_versions": [],
        "patch_format": "",
        "whole_size_bytes": None,
        "whole_sha256": "",
    }
    return Package(**(fields | plain | changed))  # type: ignore[arg-type]


DIFF = a_package(kind=PackageKind.DIFF, source_version="1.0")
NOT_YET = (PackageStatus.UNVERIFIED, PackageStatus.VERIFYING, PackageStatus.FAILED)


def test_a_differential_package_is_for_its_source_version_only() -> None:
    assert source_versions(new_job(1), DIFF) == ("1.0",)
    assert source_versions(new_job(1, source_versions=["1.0"]), DIFF) == ("1.0",)
    check_package(new_job(1), DIFF)
    check_package(new_job(1, source_versions=["1.0"]), DIFF)
    for versions in (["1.1"], ["1.0", "1.1"]):
        with pytest.raises(Invalid) as refused:
            check_package(new_job(1, source_versions=versions), DIFF)
        assert (refused.value.code, refused.value.params["field"]) == (
            "job.source_versions_mismatch",
            "source_versions",
        )


def test_a_package_may_be_for_devices_that_took_a_step_before() -> None:
    stepped = a_package(required_versions=["1.5", "1.6"])
    assert source_versions(new_job(1), stepped) == ("1.5", "1.6")
    assert source_versions(new_job(1, source_versions=["1.0", "1.6"]), stepped) == ("1.6",)
    check_package(new_job(1, source_versions=["1.0", "1.6"]), stepped)
    with pytest.raises(Invalid) as refused:
        check_package(new_job(1, source_versions=["1.0"]), stepped)
    assert refused.value.code == "job.source_versions_mismatch"


def test_by_mqtt_one_file_of_sixteen_mebibytes() -> None:
    by_mqtt = new_job(1, download="MQTT")
    check_package(by_mqtt, a_package())
    big = PackageFile(1, "a.bin", 16 * 2**20 + 1, "", "")
    for files in ([big], [PackageFile(1, "a", 1, "", ""), PackageFile(2, "b", 1, "", "")]):
        with pytest.raises(Invalid) as refused:
            check_package(by_mqtt, a_package(files=files))
        assert (refused.value.code, refused.value.params["field"]) == ("job.download_mqtt", "download")


@pytest.mark.parametrize("status", PackageStatus)
def test_verified_before_it_goes_to_many_and_only_once(status: PackageStatus) -> None:
    package = a_package(status=status)
    verification = new_job(1, kind="VERIFY", targets="SPECIFIC", device_names=["a"])
    refusals = {
        "package.not_verified": (new_job(1), status in NOT_YET),
        "package.not_verifiable": (verification, status not in (PackageStatus.UNVERIFIED, PackageStatus.FAILED)),
    }
    for code, (new, is_refused) in refusals.items():
        if not is_refused:
            check_package(new, package)
            continue
        with pytest.raises(Conflict) as refused:
            check_package(new, package)
        assert refused.value.code == code


def test_how_long_offering_takes() -> None:
    assert minutes_to_offer(new_job(1), 1_000_000) is None
    assert minutes_to_offer(new_job(1, rate_per_minute=10), 101) == 11
    growth = {"base_per_minute": 50, "factor": 2.0, "notified": 1_000}
    assert minutes_to_offer(new_job(1, growth=growth), 1_100) == 21
