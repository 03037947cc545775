"""What holds rollouts back, stops them and lets them go on, over HTTP and with devices on the wire."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from linkops.simulator import DeviceIdentity
from tests.support.accounts import PASSWORD
from tests.support.operator import Operator, Shown, wait_until
from tests.support.restarts import add_fleet
from tests.support.server import Server
from tests.support.switched_on import switched_on

NEVER_TODAY = {"start": "10:00", "end": "11:00", "zone": "UTC"}


class Site(NamedTuple):
    """A product, its devices, and a package for them."""

    operator: Operator
    product_key: str
    identities: list[DeviceIdentity]
    package_id: int

    def start(self, **options: Any) -> int:
        return self.operator.start_job(self.package_id, **options)

    def job(self, job_id: int) -> Shown:
        shown: Shown = self.operator.get(f"/ota/jobs/{job_id}")
        return shown

    def tell(self, job_id: int, what: str, body: Shown | None = None) -> Shown:
        told: Shown = self.operator.post(f"/ota/jobs/{job_id}/{what}", body or {})
        return told

    def edit(self, job_id: int, change: Shown) -> Shown:
        answer = self.operator.client.patch(f"/ota/jobs/{job_id}", json=change)
        assert answer.is_success, answer.text
        edited: Shown = answer.json()
        return edited

    def wait_for(self, job_id: int, name: str, value: object) -> Shown:
        wait_until(lambda: self.job(job_id)[name], value)
        return self.job(job_id)


@pytest.fixture
def build(operator: Operator) -> Callable[[int], Site]:
    def build(devices: int) -> Site:
        key, identities = add_fleet(operator, devices)
        return Site(operator, key, identities, operator.add_package(key, "2.0.0", b"firmware" * 100))

    return build


def test_a_paused_job_offers_nothing_new_until_it_is_resumed(server: Server, build: Callable[[int], Site]) -> None:
    site = build(4)
    with switched_on(server.mqtt, site.identities):
        job_id = site.start(rate_per_minute=10)
        site.wait_for(job_id, "offered", 1)
        assert site.tell(job_id, "pause")["hold"] == "paused"
        site.edit(job_id, {"rate_per_minute": None, "tags": {"ring": "all"}})
        assert site.tell(job_id, "pause")["offered"] == 1
        assert site.tell(job_id, "resume")["hold"] == ""
        done = site.wait_for(job_id, "status", "COMPLETED")
    assert (done["counts"]["SUCCEEDED"], done["offered"], done["tags"]) == (4, 4, {"ring": "all"})


def test_a_stage_without_a_gate_waits_for_somebody(server: Server, build: Callable[[int], Site]) -> None:
    site = build(4)
    with switched_on(server.mqtt, site.identities):
        job_id = site.start(stages=[{"percent": 50}, {"percent": 75, "success_percent": 100}])
        held = site.wait_for(job_id, "hold", "stage")
        assert (held["stage"], held["offered"], held["counts"]["SUCCEEDED"]) == (0, 2, 2)
        site.tell(job_id, "resume")
        done = site.wait_for(job_id, "status", "COMPLETED")
    assert (done["stage"], done["offered"]) == (2, 4)


def test_a_gate_holds_a_job_whose_devices_fail(server: Server, build: Callable[[int], Site]) -> None:
    site = build(4)
    with switched_on(server.mqtt, site.identities, "fail:-2"):
        job_id = site.start(stages=[{"percent": 25, "success_percent": 90}])
        held = site.wait_for(job_id, "hold", "gate")
    assert (held["status"], held["offered"], held["counts"]["FAILED"]) == ("IN_PROGRESS", 1, 1)
    canceled = site.tell(job_id, "cancel", {"reason": "bad build"})
    assert (canceled["status"], canceled["counts"]["CANCELED"], canceled["stop_reason"]) == ("CANCELED", 3, "bad build")


def test_failures_stop_what_was_not_notified_yet_and_it_says_why(server: Server, build: Callable[[int], Site]) -> None:
    site = build(6)
    with switched_on(server.mqtt, site.identities, "fail:-4"):
        job_id = site.start(rate_per_minute=60, abort=[{"kind": "reported", "failures": 2}])
        wait_until(lambda: site.job(job_id)["ended_at"] is not None, True)
    stopped = site.job(job_id)
    assert "the limit is 2" in stopped["stop_reason"]
    assert (stopped["status"], stopped["counts"]["QUEUED"]) == ("CANCELED", 0)
    assert stopped["counts"]["CANCELED"] >= 3
    summary = site.operator.get(f"/ota/jobs/{job_id}/summary")
    assert set(summary["failures"]) == {"flash"}


def test_nothing_is_pushed_while_the_window_is_closed(server: Server, build: Callable[[int], Site]) -> None:
    site = build(2)
    in_three_days = time.gmtime(time.time() + 3 * 86_400).tm_wday + 1
    with switched_on(server.mqtt, site.identities):
        job_id = site.start(windows=[{"days": [in_three_days], **NEVER_TODAY}])
        closed = site.job(job_id)
        assert closed["window_opens_at"] > time.time() * 1_000
        site.operator.wait_for_job(job_id, "IN_PROGRESS")
        wait_until(lambda: site.job(job_id)["counts"]["QUEUED"], 2)
        assert site.job(job_id)["offered"] == 0
        assert site.edit(job_id, {"windows": []})["window_opens_at"] == 0
        site.operator.wait_for_job(job_id, "COMPLETED")


def test_the_windows_of_a_product_hold_for_its_running_jobs(build: Callable[[int], Site]) -> None:
    site = build(1)
    job_id = site.start()
    path = f"/products/{site.product_key}/ota-rule"
    assert site.operator.get(path) == {"windows": [], "needs_approval": False}
    window = {"days": [1, 7], "start": "22:00", "end": "04:00", "zone": "Europe/Berlin"}
    answer = site.operator.client.put(path, json={"windows": [window], "needs_approval": False})
    assert answer.json() == site.operator.get(path) == {"windows": [window], "needs_approval": False}
    assert site.job(job_id)["window_closes_at"] is not None


def test_somebody_else_lets_a_job_start(server: Server, build: Callable[[int], Site]) -> None:
    site = build(1)
    admin = site.operator
    admin.client.put(f"/products/{site.product_key}/ota-rule", json={"windows": [], "needs_approval": True})
    grants = [{"role": "operator", "product_key": site.product_key}]
    name = f"ann{site.package_id}"
    admin.post("/users", {"name": name, "password": PASSWORD, "grants": grants})
    ann = Operator(server.http, PASSWORD, name)
    ann.client.put("/me/password", json={"old_password": PASSWORD, "new_password": f"{PASSWORD} again"})
    with switched_on(server.mqtt, site.identities):
        job_id = ann.start_job(site.package_id)
        assert (site.job(job_id)["status"], site.job(job_id)["hold"]) == ("PLANNED", "approval")
        own = ann.client.post(f"/ota/jobs/{job_id}/approve", json={"override": True})
        assert (own.status_code, own.json()["code"]) == (403, "job.own_approval")
        assert site.tell(job_id, "approve")["approved_by"] == "admin"
        site.operator.wait_for_job(job_id, "COMPLETED")
    ann.client.close()
    audited = admin.get("/audit", action="job.approve")["items"]
    assert any(entry["target"] == f"job:{job_id}" for entry in audited)


def test_a_device_is_told_once_its_task_is_confirmed(server: Server, build: Callable[[int], Site]) -> None:
    site = build(2)
    with switched_on(server.mqtt, site.identities):
        job_id = site.start(need_confirm=True, notify_timeout_s=600)
        wait_until(lambda: site.job(job_id)["counts"]["CONFIRM"], 2)
        device = site.identities[0]
        path = f"/products/{device.product_key}/devices/{device.device_name}/tasks/unfinished"
        (task,) = site.operator.get(path)
        assert (task["status"], task["notified_at"]) == ("CONFIRM", None)
        for changed in (1, 0):
            assert site.operator.post("/ota/tasks/confirm", {"task_ids": [task["id"]]}) == {"changed": changed}
        wait_until(lambda: site.job(job_id)["counts"]["SUCCEEDED"], 1)
        assert site.job(job_id)["counts"]["CONFIRM"] == 1
    told = site.operator.get(f"/ota/tasks/{task['id']}")
    statuses = [change["status"] for change in told["changes"]]
    assert statuses[0] == "QUEUED"
    assert statuses[-1] == "SUCCEEDED"
    assert [change["at"] for change in told["changes"]] == sorted(change["at"] for change in told["changes"])
    assert told["task"]["status"] == "SUCCEEDED"


def test_devices_that_failed_are_updated_again_in_the_same_job(server: Server, build: Callable[[int], Site]) -> None:
    site = build(2)
    with switched_on(server.mqtt, site.identities, "fail:-3"):
        job_id = site.start()
        site.operator.wait_for_job(job_id, "COMPLETED")
    failed = [task["id"] for task in site.operator.tasks(job_id)]
    with switched_on(server.mqtt, site.identities):
        again = site.operator.post(f"/ota/jobs/{job_id}/update-again", {"task_ids": failed})
        assert again == {"changed": 2}
        wait_until(lambda: site.job(job_id)["counts"]["SUCCEEDED"], 2)
        site.operator.wait_for_job(job_id, "COMPLETED")


def test_single_devices_are_taken_out_of_a_job(build: Callable[[int], Site]) -> None:
    site = build(2)
    job_id = site.start()
    wait_until(lambda: site.job(job_id)["counts"]["QUEUED"], 2)
    names = [site.identities[0].device_name]
    path = f"/ota/packages/{site.package_id}/cancel-tasks"
    for canceled in (1, 0):
        assert site.operator.post(path, {"device_names": names, "job_id": job_id}) == {"canceled": canceled}
    assert site.job(job_id)["counts"]["QUEUED"] == 1


def test_a_dynamic_job_updates_whoever_comes_to_match_until_it_is_stopped(
    server: Server, build: Callable[[int], Site]
) -> None:
    site = build(2)
    first, second = site.identities
    with switched_on(server.mqtt, [first]):
        job_id = site.start(selection="DYNAMIC", source_versions=["1.0.0"])
        wait_until(lambda: site.job(job_id)["counts"]["SUCCEEDED"], 1)
        with switched_on(server.mqtt, [second]):
            wait_until(lambda: site.job(job_id)["counts"]["SUCCEEDED"], 2)
    assert site.job(job_id)["status"] == "IN_PROGRESS"
    edited = site.edit(job_id, {"source_versions": ["1.1.0"], "timeout_s": 600})
    assert (edited["source_versions"], edited["timeout_s"]) == (["1.1.0"], 600)
    other = site.operator.client.post(
        "/ota/jobs", json={"package_id": site.package_id, "selection": "DYNAMIC", "source_versions": ["1.0.0"]}
    )
    assert (other.status_code, other.json()["code"]) == (409, "job.dynamic_exists")
    stopped = site.tell(job_id, "cancel", {"statuses": [], "stop": True})
    assert (stopped["status"], stopped["counts"]["SUCCEEDED"]) == ("CANCELED", 2)


def test_a_preview_counts_and_starts_nothing(server: Server, build: Callable[[int], Site]) -> None:
    site = build(3)
    with switched_on(server.mqtt, site.identities[:2]):
        body = {"package_id": site.package_id, "rate_per_minute": 10}
        told = site.operator.post("/ota/jobs/preview", body)
    assert told == {"devices": 3, "online": 2, "busy": 0, "versions": {"1.0.0": 2, "": 1}, "minutes": 1}
    assert site.operator.get("/ota/jobs", product_key=site.product_key)["items"] == []


def test_jobs_are_found_by_module_package_and_tag(build: Callable[[int], Site]) -> None:
    site = build(1)
    job_id = site.start(tags={"ring": "beta"})

    def found(**wanted: str) -> list[int]:
        jobs = site.operator.get("/ota/jobs", product_key=site.product_key, **wanted)["items"]
        return [job["id"] for job in jobs]

    assert found(module="default", package_name="FIRMWARE", tag_key="ring", tag_value="beta") == [job_id]
    for other in ({"module": "mcu"}, {"package_name": "software"}, {"tag_key": "ring", "tag_value": "bet"}):
        assert found(**other) == []
