"""Devices: found, made, looked after and talked to by somebody before a browser."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Visitor, answer, press, visitor
from tests.support.fleet import add_devices, simulated
from tests.support.operator import Operator, Shown, path_of, wait_until
from tests.support.server import Server


@pytest.fixture
def page(admin: Visitor) -> Page:
    """The administrator's tab."""
    return admin.page


def product(operator: Operator, name: str, node_type: str = "device") -> str:
    """Make a product and return its key."""
    return str(operator.post("/products", {"name": name, "node_type": node_type})["product_key"])


def tick(page: Page, names: Sequence[str]) -> None:
    """Tick the rows of these devices."""
    for name in names:
        page.get_by_role("checkbox", name=name, exact=True).click()


def rows_of(page: Page, press_name: str) -> list[list[str]]:
    """Download a list by the button or link of this name and return its rows."""
    with page.expect_download() as download:
        page.get_by_text(press_name, exact=True).click()
    with Path(download.value.path()).open(newline="") as text:
        return list(csv.reader(text))


def actions(operator: Operator, device: Shown) -> list[str]:
    """Return what the audit trail says was done about a device, the latest first."""
    target = f"device:{device['product_key']}/{device['device_name']}"
    return [line["action"] for line in operator.get("/audit", target=target)["items"]]


def test_devices_are_found_and_changed_together(admin: Visitor, page: Page, operator: Operator) -> None:
    key = product(operator, "Listed pumps")
    devices = add_devices(operator, key, ["list-1", "list-2", "list-3", "other-1"])
    for number in range(50):  # as many as a choice shows before anything is typed
        operator.post("/groups", {"name": f"Hall {number:02}", "product_key": key})
    group = operator.post("/groups", {"name": "Yard", "product_key": key})["id"]
    here = [{"product_key": key, "device_name": name} for name in ("list-1", "list-2", "list-3", "other-1")]
    operator.post(f"/groups/{group}/members", {"devices": here})
    admin.go("/devices")
    page.get_by_label("Product", exact=True).fill(key)
    page.get_by_role("option", name=f"Listed pumps ({key})").click()
    page.wait_for_url(re.compile(f"product={key}"))
    page.get_by_label("Group", exact=True).fill("yard")
    page.get_by_role("option", name="Yard").click()
    expect(page).to_have_url(re.compile(f"group={group}"))
    page.get_by_label("Name begins with").fill("list-")
    expect(page.get_by_text("3 in all")).to_be_visible()
    expect(page).to_have_url(re.compile("name=list-"))  # so it can be bookmarked
    tick(page, ["list-1", "list-2"])
    press(page, "Change tags")
    page.get_by_label("Tag 1").fill("site")
    page.get_by_label("Value 1").fill("<b>north</b>")
    answer(page, "Save")
    expect(page.get_by_text("<b>north</b>")).to_have_count(2)
    page.get_by_label("Tag, as key or key=value").fill("site=<b>north</b>")
    expect(page.get_by_text("2 in all")).to_be_visible()
    page.reload()
    expect(page.get_by_text("2 in all")).to_be_visible()
    tick(page, ["list-1", "list-2"])
    press(page, "Disable")
    expect(page.get_by_role("dialog")).to_contain_text("Selected: 2, connected now: 0.")
    answer(page, "Disable")
    expect(page.locator(".chip").filter(has_text="Disabled")).to_have_count(2)
    assert [operator.get(path_of(device))["enabled"] for device in devices] == [False, False, True, True]
    tick(page, ["list-2"])
    press(page, "Delete")
    expect(page.get_by_role("dialog").get_by_role("button", name="Delete")).to_be_disabled()
    page.get_by_label("Type list-2 to go on").fill("list-2")
    answer(page, "Delete")
    expect(page.get_by_text("1 in all")).to_be_visible()
    assert operator.client.get(path_of(devices[1])).status_code == 404


def test_devices_are_made_one_by_one_in_numbers_and_from_a_file(
    admin: Visitor, page: Page, operator: Operator, tmp_path: Path
) -> None:
    key = product(operator, "Made pumps")
    admin.go(f"/devices/new?product={key}")
    page.get_by_label("Nickname").fill("The first pump")
    page.get_by_label("Device name").fill("a b")
    press(page, "Create")
    expect(page.locator(".q-field--error").filter(has_text="Device name")).to_be_visible()
    expect(page.get_by_label("Nickname")).to_have_value("The first pump")
    page.get_by_label("Device name").fill("made:1@x")
    press(page, "Create")
    page.get_by_role("link", name="Open the device").click()
    expect(page.get_by_role("heading", name="made:1@x", level=1)).to_be_visible()
    expect(page.get_by_text("The first pump")).to_be_visible()

    admin.go(f"/devices/new?product={key}&tab=many")
    page.get_by_label("How many devices").fill("1200")
    press(page, "Create")
    expect(page.get_by_text("Devices created: 1,200")).to_be_visible()
    heading, *made = rows_of(page, "Download the list (CSV)")
    assert heading == ["product_key", "device_name", "device_secret"]
    assert len({name for _, name, _ in made}) == 1_200
    assert operator.post(f"/products/{key}/devices/{made[7][1]}/secret", {})["secret"] == made[7][2]

    file = tmp_path / "fleet.csv"
    file.write_text("device_name,nickname\nfile-1,First of file\n=cmd|bad\nfile-2,\nmade:1@x,\n")
    admin.go(f"/devices/new?product={key}&tab=file")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("Created: 2, refused lines: 2")).to_be_visible()
    expect(page.locator(".list-import-table tbody tr")).to_have_count(2)
    assert [row[1] for row in rows_of(page, "Download names and secrets (CSV)")[1:]] == ["file-1", "file-2"]
    assert [row[:2] for row in rows_of(page, "Download the refused lines (CSV)")[1:]] == [
        ["3", "'=cmd|bad"],
        ["5", "made:1@x"],
    ]
    assert operator.get(f"/products/{key}/devices/file-1")["nickname"] == "First of file"


def test_a_device_is_looked_after(admin: Visitor, page: Page, operator: Operator) -> None:
    device = operator.add_device(product(operator, "Looked after"), "looked-after.1")
    admin.go(f"{path_of(device)}")
    expect(page.locator(".device-line .chip")).to_have_text("Inactive")
    press(page, "Show")
    expect(page.get_by_text(device["device_secret"])).to_be_visible()
    assert "device.show_secret" in actions(operator, device)
    press(page, "Nickname")
    page.get_by_role("dialog").get_by_label("Nickname").fill("x")
    answer(page, "Save")
    expect(page.locator(".q-field--error")).to_be_visible()
    page.get_by_role("dialog").get_by_label("Nickname").fill("泵站一号")
    answer(page, "Save")
    expect(page.locator(".device-line")).to_contain_text("泵站一号")
    press(page, "Edit")
    page.get_by_label("Tag 1").fill("ring")
    page.get_by_label("Value 1").fill("beta")
    answer(page, "Save")
    expect(page.get_by_text("set by operators")).to_be_visible()
    assert operator.get(path_of(device))["tags"] == {"ring": "beta"}
    press(page, "Disable")
    answer(page, "Disable")
    expect(page.locator(".device-line .chip")).to_have_text("Disabled")
    assert operator.get(path_of(device))["enabled"] is False
    operator.post("/devices/delete", {"devices": [{k: device[k] for k in ("product_key", "device_name")}]})
    expect(page.locator(".empty")).to_contain_text("The device looked-after.1 was deleted.")
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)


def test_what_a_device_says_and_how_its_updates_went_is_seen(
    admin: Visitor, page: Page, operator: Operator, server: Server, tmp_path: Path
) -> None:
    key = product(operator, "Talking pumps")
    device = operator.add_device(key, "talks-1")
    package = operator.add_package(key, "2.0.0", b"firmware" * 100)
    with simulated(server, [device], tmp_path, "fail:-2"):
        operator.wait_for_version(device, "1.0.0")
        admin.go(f"{path_of(device)}?tab=messages")
        press(page, "Switch the log on")
        expect(page.get_by_text("The log is on.")).to_be_visible()
        press(page, "Send a message")
        page.get_by_text("Question with an answer (RRPC)").click()
        page.get_by_role("dialog").get_by_label("Content").fill('{"a":[1,"<i>"]}')
        answer(page, "Send")
        expect(page.get_by_role("dialog")).to_contain_text("The device answered.")
        answer(page, "Close")
        page.get_by_label("Topic contains").fill("/rrpc/response")
        expect(page.get_by_text("1 in all")).to_be_visible()
        press(page, "Whole message")
        expect(page.get_by_role("dialog").locator(".payload")).to_contain_text('"<i>"')
        answer(page, "Close")

        job_id = operator.start_job(package)
        page.get_by_role("tab", name="Updates").click()
        expect(page.locator("tbody .chip")).to_have_text("Failed")  # by itself
        expect(page.locator("tbody")).to_contain_text("Download failed (-2)")
        press(page, "What happened")
        answer(page, "Update again")
        wait_until(lambda: operator.tasks(job_id)[0]["status"], "FAILED")
        page.get_by_role("tab", name="Modules").click()
        history = page.locator(".panel", has_text="Versions until now")
        expect(history.locator("tbody tr")).to_have_count(1)
        expect(history.locator("tbody")).to_contain_text("1.0.0")
        page.get_by_role("link", name="1.0.0").click()
        expect(page.get_by_role("link", name="talks-1")).to_be_visible()
        expect(page.get_by_label("Version of the module")).to_have_value("1.0.0")
    assert actions(operator, device).count("device.read_message_log") == 1


def test_a_certificate_is_issued_with_a_key_that_is_handed_out_once(
    admin: Visitor, page: Page, operator: Operator
) -> None:
    key = operator.post("/products", {"name": "Certified pumps", "auth_type": "x509"})["product_key"]
    device = operator.add_device(str(key), "cert-1")
    admin.go(f"{path_of(device)}?tab=certificates")
    press(page, "Issue a certificate")
    answer(page, "Issue")
    handed_out = page.get_by_role("dialog", name="Certificate issued")
    with page.expect_download() as download:
        handed_out.get_by_role("button", name="Private key").click()
    assert "BEGIN PRIVATE KEY" in Path(download.value.path()).read_text()
    handed_out.get_by_role("button", name="Done").click()
    press(page, "Details")
    answer(page, "Revoke")
    expect(page.get_by_role("cell", name="Revoked")).to_be_visible()
    assert [one["state"] for one in operator.get("/certificates", product_key=str(key))["items"]] == ["revoked"]


def test_sub_devices_come_to_a_gateway_and_leave_it(admin: Visitor, page: Page, operator: Operator) -> None:
    gateway = operator.add_device(product(operator, "Gates", "gateway"), "gate-1")
    sensor = operator.add_device(product(operator, "Sensors of gates", "subdevice"), "sensor-1")
    admin.go(f"{path_of(gateway)}?tab=sub-devices")
    press(page, "Add sub-devices")
    page.get_by_role("dialog").get_by_label("Product").click()
    page.get_by_role("option", name="Sensors of gates").click()
    page.get_by_role("dialog").get_by_label("Devices").click()
    page.get_by_role("option", name="sensor-1").click()
    page.keyboard.press("Escape")
    answer(page, "Add")
    expect(page.get_by_role("link", name="sensor-1")).to_be_visible()
    assert operator.get(path_of(sensor))["gateway"]["device_name"] == "gate-1"
    page.get_by_role("link", name="sensor-1").click()
    page.get_by_role("tab", name="Gateway").click()
    press(page, "Take off the gateway")
    answer(page, "Take off")
    expect(page.get_by_text("This device hangs on no gateway.")).to_be_visible()
    assert operator.get(path_of(sensor))["gateway"] is None


def test_who_may_only_look_changes_nothing(
    browser: Browser, server: Server, operator: Operator, administered_data: tuple[Path, str]
) -> None:
    del administered_data
    device = operator.add_device(product(operator, "Only looked at"), "look-1")
    grant = {"product_key": device["product_key"], "role": "viewer"}
    operator.post("/users", {"name": "looker", "password": "a long enough password", "grants": [grant]})
    with visitor(browser, server.http) as looker:
        looker.log_in("looker", "a long enough password")
        page = looker.page
        looker.go("/devices")
        expect(page.get_by_text("1 in all")).to_be_visible()  # the others are not for them
        expect(page.get_by_role("button", name="Create devices")).to_have_count(0)
        expect(page.get_by_role("checkbox")).to_have_count(0)
        looker.go(path_of(device))
        expect(page.get_by_role("tab", name="Updates")).to_be_visible()
        for name in ("Delete", "Disable", "Nickname", "Show", "Edit"):
            expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
        for name in ("Log", "Messages"):
            expect(page.get_by_role("tab", name=name, exact=True)).to_have_count(0)
        assert looker.complaints == []
        address = f"{server.http}/console/device-imports?product_key={device['product_key']}"
        assert looker.context.request.post(address, data="sneaked-in").status == 403
    assert operator.client.get(f"/products/{device['product_key']}/devices/sneaked-in").status_code == 404
