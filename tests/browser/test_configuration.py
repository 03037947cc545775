"""What people do about remote configuration, as stories: what they see, and what the server has then."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import Visitor, answer, press, visitor
from tests.support.fleet import add_devices, simulated
from tests.support.operator import Operator, Shown
from tests.support.server import Server


@pytest.fixture
def page(admin: Visitor) -> Page:
    """The administrator's tab."""
    return admin.page


def editor(page: Page) -> Locator:
    """Return what the document is typed into."""
    return page.get_by_role("textbox", name="Document")


def product(operator: Operator, name: str) -> str:
    """Create a product and return its key."""
    return str(operator.post("/products", {"name": name})["product_key"])


def put(operator: Operator, product_key: str, path: str, body: Shown) -> None:
    """Change something of a product's configuration."""
    response = operator.client.put(f"/products/{product_key}/configuration/{path}", json=body)
    assert response.status_code == 200, response.text


def document(operator: Operator, product_key: str) -> Shown:
    """Return the product's document."""
    found: Shown = operator.get(f"/products/{product_key}/configuration/document")
    return found


def test_a_document_is_written_mended_and_restored(admin: Visitor, page: Page, operator: Operator) -> None:
    key = product(operator, "written")
    admin.go("/configuration?name=written")
    expect(page.get_by_role("cell", name="Off", exact=True)).to_be_visible()
    page.get_by_role("link", name="written").click()
    expect(page.get_by_text("Nothing is saved yet").first).to_be_visible()
    editor(page).fill('{"report_s": 30,\n  "limit": 5,}')
    expect(page.get_by_text("Line 2, column 13")).to_be_visible()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    editor(page).fill('{"report_s": 30, "limit": 1.50}')
    expect(page.get_by_text("31 of 65,536 bytes")).to_be_visible()
    press(page, "Format")
    expect(page.locator(".cm-line")).to_have_text(["{", '  "report_s": 30,', '  "limit": 1.50', "}", ""])
    page.get_by_label("What changed, for the list of versions").fill("first <b>values</b>")
    press(page, "Save")
    expect(page.get_by_text("Version 1 is saved")).to_be_visible()
    expect(page.locator(".version-comment")).to_have_text("first <b>values</b>")
    assert document(operator, key)["content"] == '{\n  "report_s": 30,\n  "limit": 1.50\n}\n'
    editor(page).fill('{"report_s": 5}')
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_enabled()
    editor(page).press("Control+s")
    expect(page.get_by_text("Version 2 is saved")).to_be_visible()
    press(page, "Compare two versions")
    expect(page.get_by_role("dialog").locator(".gone")).to_have_count(4)
    expect(page.get_by_role("dialog").locator(".come")).to_have_text('{"report_s": 5}')
    answer(page, "Close")
    press(page, "Look at version 1")
    answer(page, "Copy into the editor")
    expect(page.get_by_text("Nothing is changed until you save it")).to_be_visible()
    assert document(operator, key)["version"]["number"] == 2
    press(page, "Save")
    expect(page.get_by_text("Version 3 is saved")).to_be_visible()
    assert document(operator, key)["version"]["comment"] == "Back to version 1"
    press(page, "Switch on")
    answer(page, "Switch on")
    expect(page.locator(".config-line .chip")).to_have_text("On")
    assert operator.get(f"/products/{key}/configuration")["enabled"] is True


def test_two_people_save_and_nothing_is_lost(
    admin: Visitor, page: Page, browser: Browser, server: Server, operator: Operator
) -> None:
    key = product(operator, "contested")
    put(operator, key, "document", {"content": '{"a": 1}', "base_version": 0})
    grant = {"product_key": key, "role": "operator"}
    operator.post("/users", {"name": "other", "password": "a long enough password", "grants": [grant]})
    admin.go(f"/configuration/{key}")
    editor(page).fill('{"a": 2}')
    with visitor(browser, server.http) as other:
        other.log_in("other", "a long enough password")
        other.go(f"/configuration/{key}")
        editor(other.page).fill('{"a": 3}')
        other.page.get_by_label("What changed, for the list of versions").fill("three is right")
        press(other.page, "Save")
        expect(other.page.get_by_text("Version 2 is saved")).to_be_visible()
        assert other.complaints == []
    press(page, "Save")
    expect(page.get_by_role("alert")).to_contain_text("other saved version 2 at")
    expect(page.get_by_role("alert")).to_contain_text("three is right")
    expect(page.locator(".differences .gone")).to_have_text('{"a": 3}')
    expect(page.locator(".differences .come")).to_have_text('{"a": 2}')
    assert document(operator, key)["content"] == '{"a": 3}'
    press(page, "Save mine over version 2")
    expect(page.get_by_text("Version 3 is saved")).to_be_visible()
    assert document(operator, key)["content"] == '{"a": 2}'


def test_the_schema_says_where_a_document_breaks_it(admin: Visitor, page: Page, operator: Operator) -> None:
    key = product(operator, "strict")
    schema = '{"properties": {"report_s": {"minimum": 10}}}'
    put(operator, key, "schema", {"content": schema, "base_version": 0})
    admin.go(f"/configuration/{key}")
    editor(page).fill('{"report_s": 5}')
    press(page, "Save")
    expect(page.get_by_text("/report_s: 5 is less than the minimum of 10")).to_be_visible()
    expect(page.locator(".cm-line")).to_have_text('{"report_s": 5}')
    assert document(operator, key)["version"] is None
    admin.go(f"/configuration/{key}?tab=schema")
    press(page, "Remove")
    expect(page.get_by_role("dialog")).to_contain_text("whatever is a JSON object can be saved")
    answer(page, "Remove")
    expect(page.get_by_text("The schema was removed")).to_be_visible()
    assert operator.get(f"/products/{key}/configuration")["schema_version"] is None
    put(operator, key, "document", {"content": '{"report_s": 5}', "base_version": 0})


def test_a_document_is_pushed_and_watched(
    admin: Visitor, page: Page, operator: Operator, server: Server, tmp_path: Path
) -> None:
    key = product(operator, "pushed")
    devices = add_devices(operator, key, [f"pushed-{number}" for number in range(3)])
    put(operator, key, "document", {"content": '{"a": 1}', "base_version": 0})
    admin.go(f"/configuration/{key}")
    press(page, "Push")
    expect(page.get_by_role("dialog")).to_contain_text("Remote configuration is off: switch it on first.")
    expect(page.get_by_role("dialog").get_by_role("button", name="Push", exact=True)).to_be_disabled()
    page.get_by_role("dialog").get_by_label("A group").click()
    expect(page.get_by_role("dialog")).to_contain_text("Choose the group that it is for.")
    answer(page, "Cancel")
    put(operator, key, "switch", {"enabled": True})
    with simulated(server, devices[:2], tmp_path):
        for device in devices[:2]:
            operator.wait_for_version(device, "1.0.0")
        press(page, "Push")
        expect(page.get_by_role("dialog")).to_contain_text("Version 1 for 3 devices. 2 are online")
        answer(page, "Push")
        page.wait_for_url(re.compile(r"/configuration/pushes/\d+$"))
        told = page.locator(".figure").filter(has_text="Acknowledged").locator(".figure-number")
        expect(told).to_have_text("2")
    push_id = page.url.rpartition("/")[2]
    push = operator.get(f"/configuration/pushes/{push_id}")
    assert (push["counts"]["ACKNOWLEDGED"], push["counts"]["OFFLINE"]) == (2, 1)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download as CSV").click()
    assert "pushed-2" in downloading.value.path().read_text()
    admin.go(f"/configuration/{key}?tab=drift")
    expect(page.get_by_role("link", name="pushed-2")).to_be_visible()
    expect(page.get_by_role("link", name="pushed-1")).to_have_count(0)
    press(page, "Push")
    expect(page.get_by_role("dialog")).to_contain_text("This version was pushed already")


def test_who_may_only_look_sees_the_text_and_no_buttons(browser: Browser, server: Server, operator: Operator) -> None:
    key = product(operator, "looked-at")
    put(operator, key, "document", {"content": '{"a": "<b>1</b>"}', "base_version": 0})
    grant = {"product_key": key, "role": "viewer"}
    operator.post("/users", {"name": "looker", "password": "a long enough password", "grants": [grant]})
    with visitor(browser, server.http) as looker:
        looker.log_in("looker", "a long enough password")
        looker.go(f"/configuration/{key}")
        expect(looker.page.get_by_text('{"a": "<b>1</b>"}')).to_be_visible()
        for name in ("Save", "Push", "Switch on", "Format"):
            expect(looker.page.get_by_role("button", name=name, exact=True)).to_have_count(0)
        looker.page.get_by_role("tab", name="Groups and devices").click()
        expect(looker.page.get_by_text("No group has a document of its own.")).to_be_visible()
        expect(looker.page.get_by_role("button", name="New narrower document")).to_have_count(0)
        assert looker.complaints == []


def change_priority(page: Page, operator: Operator, document: str) -> None:
    """Raise the priority of a group's document, after somebody else has saved another one."""
    page.get_by_label("Priority").fill("20")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_enabled()
    page.once("dialog", lambda dialog: dialog.dismiss())
    with page.expect_event("dialog") as asked:  # the page would be left with the priority not saved
        page.get_by_role("link", name="To the group").click()
    assert asked.value.type == "beforeunload"
    theirs = {"content": '{"host": "<b>beta</b>"}', "base_version": 1, "priority": 15}
    assert operator.client.put(f"/products/{document}", json=theirs).status_code == 200
    press(page, "Save")
    press(page, "Take version 2 instead")
    answer(page, "Replace it")
    expect(page.get_by_role("dialog")).to_have_count(0)  # its fading is over before another one opens
    expect(page.get_by_label("Priority")).to_have_value("15")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    page.get_by_label("Priority").fill("20")
    press(page, "Save")
    expect(page.get_by_text("Version 3 is saved")).to_be_visible()
    assert operator.get(f"/products/{document}")["version"]["priority"] == 20


def test_a_group_and_a_device_have_documents_of_their_own(admin: Visitor, page: Page, operator: Operator) -> None:
    key = product(operator, "layered")
    add_devices(operator, key, ["layered-1", "layered-2"])
    group = operator.post("/groups", {"name": "Pilot", "product_key": key})["id"]
    operator.post(f"/groups/{group}/members", {"devices": [{"product_key": key, "device_name": "layered-1"}]})
    put(operator, key, "document", {"content": '{"host": "a", "report_s": 60}', "base_version": 0})
    own = {"content": '{"report_s": 5}', "base_version": 0, "comment": "ticket 42"}
    put(operator, key, "devices/layered-1", own)
    admin.go(f"/configuration/{key}?tab=narrower")
    expect(page.get_by_role("row").filter(has_text="layered-1")).to_contain_text("ticket 42")
    press(page, "New narrower document")
    page.get_by_role("dialog").get_by_label("Group", exact=True).click()
    page.get_by_role("option", name="Pilot").click()
    answer(page, "Write it")
    expect(page.get_by_role("heading", name="Configuration of the group Pilot")).to_be_visible()
    editor(page).fill('{"host": "<b>beta</b>"}')
    page.get_by_label("Priority").fill("10")
    press(page, "Save")
    expect(page.get_by_text("Version 1 is saved")).to_be_visible()
    saved = operator.get(f"/products/{key}/configuration/groups/{group}")
    assert (saved["content"], saved["version"]["priority"]) == ('{"host": "<b>beta</b>"}', 10)
    change_priority(page, operator, f"{key}/configuration/groups/{group}")

    put(operator, key, "switch", {"enabled": True})
    press(page, "Push to the group")
    expect(page.get_by_role("dialog")).to_contain_text("1 devices of the group are told of it")
    answer(page, "Push")
    page.wait_for_url(re.compile(r"/configuration/pushes/\d+$"))
    expect(page.get_by_text("Version 1 to: Group Pilot")).to_be_visible()
    assert operator.get(f"/configuration/pushes/{page.url.rpartition('/')[2]}")["total"] == 1

    admin.go(f"/configuration/{key}/devices/layered-1/given")
    for path, value, source in (("/host", '"<b>beta</b>"', "Group Pilot"), ("/report_s", "5", "The device")):
        row = page.get_by_role("row").filter(has=page.get_by_text(path, exact=True))
        expect(row).to_contain_text(value)
        expect(row).to_contain_text(source)
    page.get_by_role("row").get_by_role("link", name="Group Pilot").click()
    press(page, "Remove")
    expect(page.get_by_role("dialog")).to_contain_text("1 devices of the group are given what the other documents give")
    answer(page, "Remove")
    expect(page.get_by_text("The document was removed")).to_be_visible()
    expect(page.get_by_role("button", name="Remove", exact=True)).to_have_count(0)
    preview = operator.get(f"/products/{key}/configuration/preview", device_name="layered-1")
    assert preview["content"] == '{"host":"a","report_s":5}'
