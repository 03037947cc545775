"""Firmware on the official Python SDK, unmodified, against the server."""

import hashlib
import random
from pathlib import Path

from tests.conformance.conftest import StartDevice, Way
from tests.conformance.sdk_process import SdkProcess
from tests.support.operator import Operator, Shown, wait_until

FIRMWARE = random.Random(7).randbytes(300_000)


def test_rollout_to_a_device_that_is_online(
    operator: Operator, linkkit_device: StartDevice, way: Way, product_key: str
) -> None:
    device = operator.add_device(product_key, "pump-1")
    package = operator.add_package(product_key, "2.0.0", FIRMWARE)
    pump = linkkit_device({**way, **device, "version": "1.0.0"})
    pump.wait_for("connected", code=0)
    operator.wait_for_version(device, "1.0.0")

    job = operator.start_job(package, targets="ALL", source_versions=["1.0.0"])

    assert_updated(pump, operator, device, job)
    (task,) = operator.tasks(job)
    assert (task["status"], task["step"], task["source_version"]) == ("SUCCEEDED", 100, "1.0.0")


def test_rollout_waits_for_a_device_that_is_away(
    operator: Operator, linkkit_device: StartDevice, way: Way, product_key: str
) -> None:
    device = operator.add_device(product_key, "pump-1")
    job = operator.start_job(operator.add_package(product_key, "2.0.0", FIRMWARE))
    wait_until(lambda: operator.get(f"/ota/jobs/{job}")["counts"]["QUEUED"], 1)

    pump = linkkit_device({**way, **device, "version": "1.0.0"})

    assert_updated(pump, operator, device, job)


def assert_updated(pump: SdkProcess, operator: Operator, device: Shown, job: int) -> None:
    update = pump.wait_for("update", kind="push", version="2.0.0", module="default", size=len(FIRMWARE))
    assert (update["sign_method"], update["sign"]) == ("SHA256", hashlib.sha256(FIRMWARE).hexdigest())
    downloaded = pump.wait_for("downloaded", outcome="SUCCESS")
    assert Path(downloaded["path"]).read_bytes() == FIRMWARE
    finished = operator.wait_for_job(job, "COMPLETED")
    assert finished["counts"]["SUCCEEDED"] == 1
    assert operator.versions(device) == {"default": "2.0.0"}
