"""What people do about remote configuration, as stories: what they see, and what the server has then."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import Visitor, visitor
from tests.support.operator import Operator, Shown
from tests.support.server import Server


@pytest.fixture
def page(admin: Visitor) -> Page:
    """The administrator's tab."""
    return admin.page


def press(page: Page, name: str) -> None:
    """Press the button that is called this."""
    page.get_by_role("button", name=name, exact=True).click()


def answer(page: Page, name: str) -> None:
    """Press a button of the open dialog."""
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


def editor(page: Page) -> Locator:
    """Return what the document is typed into."""
    return page.get_by_role("textbox", name="Document")


def product(operator: Operator, name: str) -> str:
    """Create a product and return its key."""
    return str(operator.post("/products", {"name": name})["product_key"])


def put(operator: Operator, product_key: str, path: str, body: Shown) -> None:
    """Change something of a product's configuration."""
    answer = operator.client.put(f"/products/{product_key}/configuration/{path}", json=body)
    assert answer.status_code == 200, answer.text


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
