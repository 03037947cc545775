"""What administrators do in a browser: who may do what, who hears of events, what was changed, how the server is."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Visitor, answer, press, visitor
from tests.support.operator import Operator, wait_until
from tests.support.server import Server, running_server

DATA = tuple[Path, str]
NETWORK = "10.255.255.0/24"  # nobody answers there
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def server(administered_data: DATA) -> Iterator[Server]:
    data_dir, _ = administered_data
    settings = {"webhook_allowed_networks": NETWORK, "webhook_timeout_s": 1, "master_key": "ab" * 32}
    with running_server(data_dir, data_dir.with_name("log"), console=True, **settings) as server:
        yield server


def heading(page: Page, name: str) -> None:
    """Wait for the title of a page."""
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def kept_secret(page: Page) -> str:
    """Return the secret that is shown this once, and close its dialog."""
    secret = page.locator(".once .mono").inner_text()
    answer(page, "I have kept it")
    expect(page.locator(".once")).to_have_count(0)
    return secret


@contextmanager
def operating(server: Server, name: str, password: str) -> Iterator[Operator]:
    """Let somebody use REST until the block ends."""
    operator = Operator(server.http, password, name)
    try:
        yield operator
    finally:
        operator.client.close()


def user(operator: Operator, name: str) -> dict[str, object]:
    shown: dict[str, object] = operator.get(f"/users/{name}")
    return shown


def test_somebody_is_let_in_for_one_product_and_chooses_a_password(
    admin: Visitor, browser: Browser, server: Server, operator: Operator
) -> None:
    pumps = operator.post("/products", {"name": "Pumps"})["product_key"]
    page = admin.page
    admin.go("/users")
    press(page, "New user")
    page.get_by_label("Name", exact=True).fill("carol/ops")
    page.get_by_label("Product", exact=True).click()
    page.get_by_role("option", name="Pumps").click()
    answer(page, "Create")
    expect(page.get_by_text("A name is 1 to 64 letters")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("carol@ops")
    answer(page, "Create")
    generated = kept_secret(page)
    expect(page.get_by_role("link", name="carol@ops")).to_be_visible()
    assert user(operator, "carol@ops")["grants"] == [{"role": "viewer", "product_key": pumps}]

    with visitor(browser, server.http) as carol:
        carol.page.goto(f"{server.http}/console/tokens")
        carol.page.get_by_label("Name").fill("carol@ops")
        carol.page.get_by_label("Password").fill(generated)
        carol.page.get_by_role("button", name="Log in").click()
        expect(carol.page.get_by_text("Somebody else set your password")).to_be_visible()
        for label, text in (("until now", generated), ("New password", PASSWORD), ("same again", PASSWORD)):
            carol.page.get_by_label(label).fill(text)
        carol.page.get_by_role("button", name="Change").click()
        heading(carol.page, "Overview")
        expect(carol.page.get_by_role("link", name="API tokens")).to_be_visible()
        for place in ("Users", "Webhooks", "Audit trail", "Server"):
            expect(carol.page.get_by_role("link", name=place, exact=True)).to_have_count(0)
        for path in ("/users", "/users/admin", "/webhooks", "/trail", "/server"):
            response = carol.page.goto(f"{server.http}/console{path}")
            assert response is not None
            assert response.status == 403, path
            expect(carol.page.get_by_role("alert")).to_contain_text("This takes the role admin")
    with operating(server, "carol@ops", PASSWORD) as she:
        assert she.client.get("/users").status_code == 403


def test_a_session_that_is_ended_says_so_and_leads_back(
    admin: Visitor, browser: Browser, server: Server, operator: Operator
) -> None:
    operator.post("/users", {"name": "bob", "password": PASSWORD, "grants": [{"role": "operator"}]})
    with visitor(browser, server.http) as bob:
        bob.log_in("bob", PASSWORD)
        bob.go("/tokens?here=1")
        admin.go("/users/bob")
        press(admin.page, "Disable")
        expect(admin.page.get_by_text("All sessions end now")).to_be_visible()
        answer(admin.page, "Disable")
        expect(admin.page.get_by_role("button", name="Enable")).to_be_visible()
        assert user(operator, "bob")["enabled"] is False
        expect(bob.page.get_by_role("heading", name="Your session has ended")).to_be_visible()  # nobody pressed a thing
        press(bob.page, "Log in again")
        expect(bob.page.get_by_text("Log in to go on where you were")).to_be_visible()
        press(admin.page, "Enable")
        expect(admin.page.get_by_role("button", name="Disable")).to_be_visible()
        bob.page.get_by_label("Name").fill("bob")
        bob.page.get_by_label("Password").fill(PASSWORD)
        bob.page.get_by_role("button", name="Log in").click()
        expect(bob.page).to_have_url(f"{server.http}/console/tokens?here=1")
        assert bob.complaints == []


def test_rights_are_changed_passwords_reset_and_the_last_administrator_stays(
    admin: Visitor, operator: Operator, server: Server
) -> None:
    operator.post("/users", {"name": "dora", "password": PASSWORD, "grants": [{"role": "viewer"}]})
    page = admin.page
    admin.go("/users/dora")
    page.get_by_label("Role").click()
    page.get_by_role("option", name="Operator").click()
    press(page, "Save the rights")
    expect(page.get_by_text("Saved: they hold from now on")).to_be_visible()
    assert user(operator, "dora")["grants"] == [{"role": "operator", "product_key": None}]
    press(page, "Reset the password")
    answer(page, "Reset")
    with operating(server, "dora", kept_secret(page)) as dora:
        assert dora.client.get("/products").status_code == 403  # another password first
    press(page, "Delete")
    expect(page.get_by_role("dialog").get_by_role("button", name="Delete")).to_be_disabled()
    page.get_by_label("Type dora to go on").fill("dora")
    answer(page, "Delete")
    heading(page, "Users")
    assert operator.client.get("/users/dora").status_code == 404

    admin.go("/users/admin")
    press(page, "Disable")
    expect(page.get_by_text("This is your own account")).to_be_visible()
    answer(page, "Disable")
    expect(page.get_by_text("admin is the last administrator of everything and stays so.")).to_be_visible()
    page.get_by_role("button", name="Take this right away").click()
    press(page, "Save the rights")
    expect(page.get_by_text("admin is the last administrator of everything and stays so.").last).to_be_visible()
    assert user(operator, "admin")["enabled"] is True


def test_a_token_is_shown_once_works_and_is_revoked(admin: Visitor, server: Server, operator: Operator) -> None:
    page = admin.page
    admin.go("/tokens")
    expect(page.get_by_text("You have no tokens")).to_be_visible()
    press(page, "New token")
    answer(page, "Create")
    expect(page.get_by_text("A name is 1 to 64 printable characters")).to_be_visible()
    page.get_by_label("What it is for").fill("<b>CI</b> {{7*7}}")
    page.get_by_label("Expires").click()
    page.get_by_role("option", name="In a year").click()
    answer(page, "Create")
    secret = kept_secret(page)
    (token,) = operator.get("/tokens")["items"]
    assert token["name"] == "<b>CI</b> {{7*7}}"
    as_script = {"Authorization": f"Bearer {secret}"}
    assert httpx.get(f"{server.http}/api/v1/products", headers=as_script).status_code == 200
    page.reload()
    expect(page.get_by_role("cell", name="<b>CI</b> {{7*7}}", exact=True)).to_be_visible()
    page.get_by_role("button", name="Revoke <b>CI</b>").click()
    answer(page, "Revoke")
    expect(page.get_by_text("You have no tokens")).to_be_visible()
    assert httpx.get(f"{server.http}/api/v1/products", headers=as_script).status_code == 401


def lose_events(server: Server, webhook_id: int, count: int) -> None:
    """Let a webhook have given up on events, as after days without an answer."""
    with sqlite3.connect(server.data_dir / "linkops.db") as db:
        for number in range(count):
            event = json.dumps({"id": number, "kind": "device.online", "note": "<img src=x onerror=alert(1)>"})
            db.execute(
                "INSERT INTO dead_letter (webhook_id, event_id, at, kind, body, tries, error, failed_at)"
                " VALUES (?, ?, 1, 'device.online', ?, 9, 'no answer', 1)",
                (webhook_id, number, event),
            )
    db.close()


def test_a_webhook_is_made_tried_and_its_dead_letters_are_seen_to(
    admin: Visitor, server: Server, operator: Operator
) -> None:
    page = admin.page
    admin.go("/webhooks")
    press(page, "New webhook")
    page.get_by_label("URL").fill("http://127.0.0.1/hook")
    page.get_by_label("Description").fill("Ticket system")
    answer(page, "Create")
    expect(page.get_by_text("neither public nor in one of the allowed networks")).to_be_visible()
    page.get_by_label("URL").fill("http://10.255.255.1/hook")
    answer(page, "Create")
    assert kept_secret(page)
    heading(page, "Ticket system")
    (webhook,) = operator.get("/webhooks")["items"]
    assert webhook["description"] == "Ticket system"
    address = f"/webhooks/{webhook['id']}"
    press(page, "Send a test")
    expect(page.get_by_text("Not taken:")).to_be_visible()

    lose_events(server, webhook["id"], 3)
    rows = page.locator(".table tbody tr").filter(has_text="no answer")
    expect(rows).to_have_count(3)  # the page follows what happens
    rows.first.get_by_role("button", name="Look at the event").click()
    expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    answer(page, "Close")
    rows.first.get_by_role("checkbox").click()
    press(page, "Delete dead letters")
    expect(page.get_by_text("Delete 1 dead letters?")).to_be_visible()
    answer(page, "Delete")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("2 are sent again soon")).to_be_visible()
    wait_until(lambda: operator.get(address)["dead_letters"], 2)

    press(page, "New secret")
    answer(page, "New secret")
    assert kept_secret(page)
    expect(page.get_by_text("Signs, too, until")).to_be_visible()
    press(page, "Disable")
    answer(page, "Disable")
    expect(page.get_by_role("button", name="Enable")).to_be_visible()
    assert operator.get(address)["enabled"] is False
    page.locator(".page-actions").get_by_role("button", name="Delete").click()
    page.get_by_label("Type delete to go on").fill("delete")
    answer(page, "Delete")
    heading(page, "Webhooks")
    assert operator.get("/webhooks")["items"] == []


def test_the_trail_is_searched_and_the_server_says_how_it_is(admin: Visitor, operator: Operator) -> None:
    fans = operator.post("/products", {"name": "Fans of the south"})["product_key"]
    for number in range(50):  # as many as a choice shows before anything is typed
        operator.post("/products", {"name": f"Aeration {number:02}"})
    page = admin.page
    admin.go("/trail")
    page.get_by_label("Action begins with").fill("product.")
    page.get_by_label("Product", exact=True).fill("the south")
    page.get_by_role("option", name="Fans of the south").click()
    expect(page).to_have_url(re.compile(rf"action_begins=product\.&product={fans}"))
    page.reload()
    rows = page.locator(".table tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("product.create")
    page.get_by_role("button", name="Look at the line").click()
    expect(page.get_by_role("dialog").get_by_text('"Fans of the south"')).to_be_visible()
    answer(page, "Close")

    admin.go("/server")
    expect(page.get_by_text("Works", exact=True)).to_have_count(3)
    expect(page.get_by_text("0 of at most 100,000")).to_be_visible()
    page.get_by_role("tab", name="Settings").click()
    expect(page).to_have_url(re.compile("tab=settings"))
    key = page.get_by_role("row").filter(has_text="master_key")
    expect(key).to_contain_text("Environment")
    expect(key.get_by_role("cell").last).to_have_attribute("lang", "en")  # in every language of the console
    assert "abab" not in page.content()
    page.get_by_role("checkbox", name="Only those that are set").click()
    expect(page.get_by_role("row").filter(has_text="lockout_s")).to_have_count(0)
    page.get_by_role("tab", name="Backups").click()
    press(page, "Make a backup")
    expect(page.get_by_role("dialog").get_by_text("is not in its folder")).to_be_visible()  # it is in the environment
    answer(page, "Make it")
    expect(page.get_by_role("status").get_by_text("is made.")).to_be_visible()
    expect(page.locator(".table tbody tr")).to_have_count(1)
    expect(page.locator(".table tbody tr")).to_contain_text(re.compile("linkops-.*-without-key.tar.gz.*Not in it"))
    (made,) = operator.get("/audit", action="backup.finish")["items"]
    assert made["account_name"] == "admin"
    page.get_by_role("tab", name="About").click()
    expect(page.get_by_role("cell", name="nicegui", exact=True)).to_be_visible()


def test_the_first_administrator_is_made_in_the_browser_once(browser: Browser, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        running_server(tmp_path / "data", log, first_admin="page", console=True) as server,
        visitor(browser, server.http) as somebody,
    ):
        link = re.findall(r"http\S+/console/welcome\?code=\S+", log.read_text())
        page = somebody.page
        page.goto(f"{server.http}/console/")
        expect(page.get_by_text("There is no account yet")).to_be_visible()
        page.goto(f"{link[0]}x")
        expect(page.get_by_role("heading", name="Nothing to set up")).to_be_visible()
        page.goto(link[0])
        page.get_by_label("Name").fill("erin")
        for again in ("another password", PASSWORD):
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_label("The same again").fill(again)
            page.get_by_role("button", name="Make the account").click()
        heading(page, "Overview")
        with operating(server, "erin", PASSWORD) as erin:
            (account,) = erin.get("/users")["items"]
            assert account["grants"] == [{"role": "admin", "product_key": None}]
            (made,) = erin.get("/audit", action="account.create")["items"]
            assert (made["target"], made["address"]) == ("account:erin", "127.0.0.1")
        assert httpx.get(link[0]).status_code == 404
