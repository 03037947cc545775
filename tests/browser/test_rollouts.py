"""Rollouts: made, watched, steered and made good again by somebody before a browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import Visitor, answer, press, visitor
from tests.support.fleet import add_devices, simulated
from tests.support.operator import Operator, Shown, wait_until
from tests.support.server import Server

VERSION = "2.0.0"


class Fleet:
    """A product, its devices, and a package for them."""

    def __init__(self, operator: Operator, name: str, devices: int) -> None:
        self.operator = operator
        self.product_key: str = operator.post("/products", {"name": name})["product_key"]
        self.devices: list[Shown] = add_devices(operator, self.product_key, [f"{name}-{n}" for n in range(devices)])
        self.package_id = operator.add_package(self.product_key, VERSION, name.encode() * 200)

    def wait_until_here(self) -> None:
        """Return once all devices have said what they run."""
        for device in self.devices:
            self.operator.wait_for_version(device, "1.0.0")

    def counts(self, job_id: int) -> dict[str, int]:
        """Return the tasks of a job by status, those that occur."""
        counts: dict[str, int] = self.operator.get(f"/ota/jobs/{job_id}")["counts"]
        return {status: tasks for status, tasks in counts.items() if tasks}


@pytest.fixture
def page(admin: Visitor) -> Page:
    """The administrator's tab."""
    return admin.page


def state(page: Page) -> Locator:
    """Return the chip that says where the rollout stands."""
    return page.locator(".job-line .chip")


def figure(page: Page, label: str) -> Locator:
    """Return a figure by what stands below it."""
    return page.locator(".figure").filter(has_text=label).locator(".figure-number")


def job_of(page: Page) -> int:
    """Return the number of the rollout whose page is open."""
    page.wait_for_url(re.compile(r"/console/jobs/\d+"))
    return int(page.url.partition("/console/jobs/")[2].partition("?")[0])


def test_a_rollout_is_made_step_by_step_and_watched_to_its_end(
    admin: Visitor, page: Page, operator: Operator, server: Server, tmp_path: Path
) -> None:
    fleet = Fleet(operator, "made", 6)
    with simulated(server, fleet.devices, tmp_path):
        fleet.wait_until_here()
        admin.go(f"/jobs/new?product={fleet.product_key}")
        page.get_by_label("Package", exact=True).click()
        page.get_by_role("option").first.click()
        expect(page.locator(".wizard-aside .figure-number")).to_have_text("6")
        page.get_by_role("radio", name="A percentage").click()
        page.get_by_label("Percent", exact=True).fill("0")
        press(page, "Next")
        expect(page.get_by_text("A percentage is more than 0")).to_have_count(2)  # at the field, and for the number
        page.get_by_label("Percent", exact=True).fill("50")
        expect(page.locator(".wizard-aside .figure-number")).to_have_text("3")
        press(page, "Next")
        page.get_by_label("Devices a minute", exact=True).fill("5")
        press(page, "Add a tag")
        page.get_by_label("Tag", exact=True).fill("ring")
        page.get_by_label("Value", exact=True).fill("beta <b>")
        press(page, "Next")
        expect(page.get_by_text("A rate is 10 to 10000 a minute")).to_be_visible()
        page.get_by_label("Devices a minute", exact=True).fill("600")
        press(page, "Back")
        expect(page.get_by_label("Percent", exact=True)).to_have_value("50")
        page.get_by_role("button", name="3 Review").click()
        expect(page.locator(".review-sentence")).to_contain_text("3 devices get")
        expect(page.locator(".review")).to_contain_text("600 devices a minute")
        expect(page.locator(".review")).to_contain_text("ring = beta <b>")
        press(page, "Start the rollout")
        answer(page, "Start")
        job_id = job_of(page)
        expect(figure(page, "Devices")).to_have_text("3")
        expect(state(page)).to_have_text("Completed")
        expect(figure(page, "Succeeded")).to_have_text("3")
        expect(page.get_by_role("button", name="Pause")).to_be_hidden()
    job = operator.get(f"/ota/jobs/{job_id}")
    assert (job["status"], job["rate_per_minute"], job["percent"]) == ("COMPLETED", 600, 50)
    assert job["tags"] == {"ring": "beta <b>"}
    assert fleet.counts(job_id) == {"SUCCEEDED": 3}
    admin.go("/jobs?tag=ring%3Dbeta+%3Cb%3E")
    expect(page.get_by_text("1 in all")).to_be_visible()
    page.get_by_label("Tag, or tag=value").fill("ring=other")
    expect(page.get_by_text("No rollout matches")).to_be_visible()
    expect(page).to_have_url(re.compile("tag=ring%3Dother"))


def test_a_failing_rollout_is_canceled_and_its_devices_are_updated_again(
    admin: Visitor, page: Page, operator: Operator, server: Server, tmp_path: Path
) -> None:
    fleet = Fleet(operator, "failing", 4)
    job_id = operator.start_job(fleet.package_id, rate_per_minute=10)
    admin.go(f"/jobs/{job_id}")
    expect(figure(page, "Failed")).to_have_text("0")
    assert admin.faults() == []
    press(page, "Edit")
    page.get_by_role("dialog").get_by_label("Devices a minute", exact=True).fill("12")
    answer(page, "Save")
    expect(page.get_by_text("the limit is 12")).to_be_visible()
    with simulated(server, fleet.devices, tmp_path, "fail:-2"):
        expect(figure(page, "Failed")).not_to_have_text("0")
        expect(page.get_by_text("Download failed (-2)")).to_be_visible()
        press(page, "Cancel the rollout")
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("button", name="Cancel the rollout")).to_be_disabled()
        dialog.get_by_role("checkbox", name="The rollout is over then").click()
        dialog.get_by_label("Reason").fill("downloads fail")
        dialog.get_by_label(f"Type {VERSION} to go on").fill(VERSION)
        answer(page, "Cancel the rollout")
        expect(state(page)).to_have_text("Completed")
    counts = fleet.counts(job_id)
    assert counts["FAILED"] >= 1
    assert counts["FAILED"] + counts["CANCELED"] == 4
    page.get_by_role("link", name="Download failed (-2)").click()
    expect(page.get_by_role("row")).to_have_count(1 + counts["FAILED"])
    page.get_by_role("button", name=re.compile("What happened to failing")).first.click()
    expect(page.get_by_role("dialog")).to_contain_text("as asked of the simulator")
    answer(page, "Close")
    with simulated(server, fleet.devices, tmp_path, "succeed"):
        fleet.wait_until_here()
        press(page, "Update failed devices again")
        answer(page, "Update again")
        page.get_by_role("tab", name="Progress").click()
        expect(figure(page, "Succeeded")).to_have_text(str(counts["FAILED"]))
        assert fleet.counts(job_id) == {"SUCCEEDED": counts["FAILED"], "CANCELED": counts["CANCELED"]}
        press(page, "Start again as new")
        expect(page.get_by_text(f"Filled in as rollout {job_id} was")).to_be_visible()
        expect(page.locator(".wizard-aside .figure-number")).to_have_text(str(counts["CANCELED"]))
        press(page, "Next")
        expect(page.get_by_label("Devices a minute", exact=True)).to_have_value("12")
        page.get_by_label("Devices a minute", exact=True).fill("600")
        press(page, "Next")
        press(page, "Start the rollout")
        answer(page, "Start")
        page.wait_for_url(re.compile(rf"/console/jobs/(?!{job_id}\b)\d+$"))
        expect(state(page)).to_have_text("Completed")
    again = job_of(page)
    assert fleet.counts(again) == {"SUCCEEDED": counts["CANCELED"]}
    assert operator.get(f"/ota/jobs/{again}")["rate_per_minute"] == 600


def test_single_devices_are_confirmed_and_canceled(admin: Visitor, page: Page, operator: Operator) -> None:
    fleet = Fleet(operator, "single", 3)
    job_id = operator.start_job(fleet.package_id, need_confirm=True)
    wait_until(lambda: fleet.counts(job_id), {"CONFIRM": 3})
    admin.go(f"/jobs/{job_id}?tab=tasks")
    page.get_by_role("checkbox", name="single-0").click()
    page.get_by_role("checkbox", name="single-1").click()
    expect(page.get_by_text("2 ticked")).to_be_visible()
    press(page, "Confirm")
    wait_until(lambda: fleet.counts(job_id), {"CONFIRM": 1, "QUEUED": 2})
    page.get_by_label("Device name begins with").fill("single-2")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("checkbox", name="single-2").click()
    press(page, "Cancel these")
    answer(page, "Cancel these")
    expect(page.get_by_role("cell", name="Canceled", exact=True)).to_be_visible()
    assert fleet.counts(job_id) == {"CANCELED": 1, "QUEUED": 2}
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download as CSV").click()
    lines = downloading.value.path().read_text().splitlines()
    assert [line.split(",")[3] for line in lines] == ["device_name", "single-0", "single-1", "single-2"]


def test_a_rollout_waits_for_whoever_steers_it(admin: Visitor, page: Page, operator: Operator) -> None:
    fleet = Fleet(operator, "steered", 2)
    job_id = operator.start_job(fleet.package_id, approval=True)
    admin.go(f"/jobs/{job_id}")
    expect(state(page)).to_have_text("Waits for approval")
    press(page, "Approve")
    answer(page, "Approve")
    expect(state(page)).to_have_text("In progress")
    expect(figure(page, "Devices")).to_have_text("2")
    press(page, "Pause")
    expect(state(page)).to_have_text("Paused")
    assert operator.get(f"/ota/jobs/{job_id}")["hold"] == "paused"
    press(page, "Let it go on")
    expect(state(page)).to_have_text("In progress")
    assert operator.get(f"/ota/jobs/{job_id}")["hold"] == ""
    press(page, "Cancel the rollout")
    page.get_by_role("dialog").get_by_label(f"Type {VERSION} to go on").fill(VERSION)
    answer(page, "Cancel the rollout")
    expect(state(page)).to_have_text("Canceled")
    assert fleet.counts(job_id) == {"CANCELED": 2}


def test_devices_are_searched_pasted_or_come_as_a_file(
    admin: Visitor, page: Page, operator: Operator, tmp_path: Path
) -> None:
    fleet = Fleet(operator, "named", 4)
    admin.go(f"/jobs/new?package={fleet.package_id}")
    page.get_by_role("radio", name="Named devices").click()
    number = page.locator(".wizard-aside .figure-number")
    expect(number).to_have_text("-")
    page.get_by_label("Search devices").fill("named-")
    press(page, "Add named-1")
    expect(number).to_have_text("1")
    names = page.get_by_label("Device names, one a line")
    names.fill("named-1, named-2\nnobody")
    expect(page.get_by_text("The product does not have these devices: nobody")).to_be_visible()
    names.fill("named-1, named-2")
    expect(number).to_have_text("2")
    file = tmp_path / "devices.csv"
    file.write_text("named-0\nnamed-1\nnamed-3\n=nobody\n")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("The file names 3 devices; 1 lines name none.")).to_be_visible()
    expect(number).to_have_text("3")
    press(page, "Next")
    press(page, "Next")
    expect(page.locator(".review")).to_contain_text("3 named devices")
    press(page, "Start the rollout")
    answer(page, "Start")
    job_id = job_of(page)
    wait_until(lambda: fleet.counts(job_id), {"QUEUED": 3})
    assert {task["device_name"] for task in operator.tasks(job_id)} == {"named-0", "named-1", "named-3"}
    press(page, "Start again as new")
    expect(page.get_by_text("The 3 devices that were named before.")).to_be_visible()
    expect(number).to_have_text("3")


def test_who_may_only_look_sees_no_buttons_and_is_refused(browser: Browser, server: Server, operator: Operator) -> None:
    fleet = Fleet(operator, "looked-at", 1)
    job_id = operator.start_job(fleet.package_id)
    grant = {"product_key": fleet.product_key, "role": "viewer"}
    operator.post("/users", {"name": "looker", "password": "a long enough password", "grants": [grant]})
    with visitor(browser, server.http) as looker:
        looker.log_in("looker", "a long enough password")
        page = looker.page
        looker.go(f"/jobs/{job_id}?tab=tasks")
        expect(page.get_by_role("link", name="looked-at-0")).to_be_visible()
        for name in ("Pause", "Edit", "Cancel the rollout", "Start again as new"):
            expect(page.get_by_role("button", name=name)).to_have_count(0)
        expect(page.get_by_role("checkbox")).to_have_count(0)
        looker.go("/jobs")
        expect(page.get_by_role("button", name="New rollout")).to_have_count(0)
        assert looker.complaints == []
        refused = page.goto(f"{server.http}/console/jobs/new?package={fleet.package_id}")
        assert refused is not None
        assert refused.status == 403
        list_of_others = looker.context.request.post(
            f"{server.http}/console/device-lists?product_key={fleet.product_key}", data="looked-at-0"
        )
        assert list_of_others.status == 403
    with visitor(browser, server.http) as stranger:
        assert stranger.context.request.get(f"{server.http}/console/jobs/{job_id}/tasks.csv").status == 401
