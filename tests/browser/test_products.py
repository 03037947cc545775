"""The overview, products and groups, as people use them."""

import re

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Visitor, answer, visitor
from tests.support.operator import Operator
from tests.support.server import Server

PASSWORD = "a long enough password"
HOSTILE = "{{7*7}} <b>bold</b>"


def filled(page: Page, **fields: str) -> None:
    """Fill in a dialog."""
    for label, text in fields.items():
        page.get_by_role("dialog").get_by_label(label.replace("_", " ")).fill(text)


def chosen(page: Page, label: str, option: str) -> None:
    """Choose an option in a dialog."""
    page.get_by_role("dialog").get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def new_product(operator: Operator, name: str, **more: str) -> str:
    """Create a product over REST and return its key."""
    return str(operator.post("/products", {"name": name, **more})["product_key"])


def test_a_new_installation_leads_to_its_first_rollout(admin: Visitor, operator: Operator) -> None:
    page = admin.page
    admin.go("/")
    expect(page.get_by_role("img", name="To do")).to_have_count(3)
    key = new_product(operator, "First product")
    devices = [operator.add_device(key, f"first-{number}") for number in range(3)]
    expect(page.get_by_role("link", name=re.compile(r"^3\s*Devices$"))).to_be_visible()
    expect(page.get_by_role("img", name="Done")).to_have_count(2)
    expect(page.get_by_text("registered the device").first).to_be_visible()

    package = operator.add_package(key, "2.0", b"firmware")
    job = operator.start_job(package, targets="SPECIFIC", device_names=[each["device_name"] for each in devices])
    bar = page.locator(".job").get_by_role("img")
    expect(bar).to_have_attribute("aria-label", "0 of 3 succeeded, 0 failed")
    expect(page.get_by_text("First steps")).to_be_hidden()
    expect(page.locator(".job a")).to_have_attribute("href", f"/console/jobs/{job}")
    expect(page.get_by_text("Works", exact=True)).to_have_count(3)

    operator.post(f"/ota/jobs/{job}/cancel", {"statuses": ["QUEUED", "NOTIFIED", "IN_PROGRESS", "CONFIRM"]})
    expect(page.get_by_text("No rollout is running.")).to_be_visible()
    page.get_by_role("link", name=re.compile(r"^3\s*Devices$")).click()
    expect(page.get_by_role("link", name="first-0")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name=re.compile(r"^0\s*Activated$")).click()
    expect(page.get_by_text("0 in all")).to_be_visible()


def test_a_product_from_its_creation_to_its_end(admin: Visitor, operator: Operator) -> None:
    page = admin.page
    admin.go("/products")
    page.get_by_role("button", name="New product").click()
    filled(page, Name="Fan", Description="Moves the air")
    answer(page, "Create")
    expect(page.get_by_text("A product name is 4 to 30 columns")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_label("Description")).to_have_value("Moves the air")
    filled(page, Name="Fans")
    answer(page, "Create")
    expect(page.get_by_role("heading", name="Fans", level=1)).to_be_visible()
    product = next(each for each in operator.get("/products", prefix="Fans")["items"])
    key = product["product_key"]
    assert product["description"] == "Moves the air"

    secret = operator.post(f"/products/{key}/secret", {})["secret"]
    shown = len(operator.get("/audit", action="product.show_secret")["items"])
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text(secret, exact=True)).to_be_visible()
    assert len(operator.get("/audit", action="product.show_secret")["items"]) == shown + 1

    new_product(operator, "Taken name")
    page.get_by_role("tab", name="Settings").click()
    page.get_by_label("Name", exact=True).fill("Taken name")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Another product has this name or key")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Fans and blowers")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Fans and blowers", level=1)).to_be_visible()
    page.get_by_role("switch", name="Devices upload their logs").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert operator.get("/audit", action="product.switch_log")["items"][0]["target"] == f"product:{key}"

    page.get_by_role("button", name="Delete the product").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Delete")).to_be_disabled()
    filled(page, **{f"Type {key} to go on": key})
    answer(page, "Delete")
    expect(page.get_by_role("heading", name="Products", level=1)).to_be_visible()
    page.get_by_label("Name or key contains").fill("TAKEN")
    expect(page.get_by_role("link", name="Taken name")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?search=TAKEN$"))
    assert operator.get("/products", prefix="Fans")["items"] == []


def test_modules_and_rules_of_a_product(admin: Visitor, operator: Operator) -> None:
    page, key = admin.page, new_product(operator, "Ruled product")
    admin.go(f"/products/{key}?tab=modules")
    page.get_by_role("button", name="New module").click()
    filled(page, Module_name="mcu", Alias="Controller")
    answer(page, "Create")
    expect(page.get_by_text("Controller")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="New module").click()
    filled(page, Module_name="MCU")
    answer(page, "Create")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("MCU")
    answer(page, "Cancel")
    page.get_by_role("button", name="Edit mcu").click()
    filled(page, Description="Beside the motor")
    answer(page, "Save")
    expect(page.get_by_text("Beside the motor")).to_be_visible()

    page.get_by_role("tab", name="Rules for rollouts").click()
    page.get_by_role("button", name="Add a window").click()
    page.get_by_label("Opens at").fill("22:30")
    page.get_by_label("Time zone").fill("Europe/Berl")
    page.get_by_role("option", name="Europe/Berlin").click()
    page.get_by_role("switch", name=re.compile("Every rollout waits")).click()
    page.get_by_role("tabpanel").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. It holds for running rollouts as well.")).to_be_visible()
    rule = operator.get(f"/products/{key}/ota-rule")
    window = {"days": [1, 2, 3, 4, 5, 6, 7], "start": "22:30", "end": "05:00", "zone": "Europe/Berlin"}
    assert rule == {"windows": [window], "needs_approval": True}

    page.get_by_role("tab", name="Custom topics").click()
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_label("Topic below user/").fill("a/#/b")
    page.get_by_role("tabpanel").get_by_role("button", name="Save").click()
    expect(page.get_by_role("tabpanel").get_by_role("alert")).to_be_visible()
    page.get_by_label("Topic below user/").fill("cmd/+")
    page.get_by_role("tabpanel").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. Connected devices are held to it at once.")).to_be_visible()
    assert operator.get(f"/products/{key}/topics")["rules"] == [{"path": "cmd/+", "access": "both"}]

    page.get_by_role("tab", name="Registration").click()
    page.get_by_role("switch", name="Devices may register themselves").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert operator.get(f"/products/{key}")["registration"] is True


def test_a_static_group_and_its_devices(admin: Visitor, operator: Operator) -> None:
    page, key = admin.page, new_product(operator, "Grouped product")
    for number in range(5):
        operator.add_device(key, f"lamp-{number}")
    operator.post("/groups", {"name": "Hall", "product_key": key})
    admin.go(f"/groups?product={key}")
    page.get_by_role("button", name="New group").click()
    filled(page, Name="Hall")
    answer(page, "Create")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Hall")
    filled(page, Name="Yard")
    answer(page, "Create")
    expect(page.get_by_role("heading", name="Yard", level=1)).to_be_visible()
    group = int(page.url.rpartition("/")[2])

    page.get_by_role("button", name="Add devices").click()
    page.get_by_role("dialog").get_by_label("Device names, one a line").fill("lamp-0\nlamp-1, nosuch-1")
    answer(page, "Add")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(f"{key}/nosuch-1")
    page.get_by_role("dialog").get_by_label("Device names, one a line").fill("lamp-0\nlamp-1")
    answer(page, "Add")
    expect(page.get_by_text("Devices added: 2")).to_be_visible()

    page.get_by_role("button", name="Upload a list").click()
    listed = f"device_name\nlamp-2\nlamp-3\n{HOSTILE}\n".encode()
    page.locator("input[type=file]").set_input_files({"name": "l.csv", "mimeType": "text/csv", "buffer": listed})
    expect(page.get_by_text("Lines in the group now: 2. Refused: 1.")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text(HOSTILE)).to_be_visible()
    answer(page, "Close")
    expect(page.get_by_text("4 in all")).to_be_visible()

    page.get_by_role("checkbox", name="lamp-1").click()
    page.get_by_role("button", name="Take out").click()
    answer(page, "Take out")
    expect(page.get_by_text("3 in all")).to_be_visible()
    members = {each["device_name"] for each in operator.get(f"/groups/{group}/members")["items"]}
    assert members == {"lamp-0", "lamp-2", "lamp-3"}

    page.get_by_role("button", name="New group below it").click()
    filled(page, Name="Row 1")
    answer(page, "Create")
    expect(page.get_by_role("navigation", name="Path").get_by_role("link", name="Yard")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    answer(page, "Delete")
    expect(page.get_by_role("heading", name="Yard", level=1)).to_be_visible()
    assert [each["name"] for each in operator.get("/groups", product_key=key)["items"]] == ["Hall", "Yard"]


def test_a_dynamic_group_is_tried_before_it_is_kept(admin: Visitor, operator: Operator) -> None:
    page, key = admin.page, new_product(operator, "Queried product")
    for name in ("pump-1", "pump-2", "fan-01"):
        operator.add_device(key, name)
    admin.go(f"/groups?product={key}")
    page.get_by_role("button", name="New group").click()
    filled(page, Name="Pumps")
    chosen(page, "Kind", "Dynamic")
    chosen(page, "Condition 1", "Device name")
    expect(page.get_by_text("Not complete yet")).to_be_visible()
    page.get_by_label("begins with").fill("pump-")
    expect(page.get_by_text("Devices that fulfil all of this now: 2 in all")).to_be_visible()
    operator.add_device(key, "pump-3")
    expect(page.get_by_text("Devices that fulfil all of this now: 3 in all")).to_be_visible()
    page.get_by_role("button", name="Add a condition").click()
    chosen(page, "Condition 2", "Tag")
    page.get_by_label("Key").fill("a key!")
    answer(page, "Create")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    page.get_by_role("button", name="Remove row 2").click()
    answer(page, "Create")
    expect(page.get_by_role("heading", name="Pumps", level=1)).to_be_visible()
    expect(page.get_by_text("Device name begins with pump-")).to_be_visible()
    expect(page.get_by_text("3 in all")).to_be_visible()
    expect(page.get_by_role("button", name="Add devices")).to_have_count(0)

    page.get_by_role("button", name="Edit").click()
    page.get_by_label("begins with").fill("fan-")
    expect(page.get_by_text("Devices that fulfil all of this now: 1 in all")).to_be_visible()
    answer(page, "Save")
    expect(page.get_by_text("Device name begins with fan-")).to_be_visible()
    group = operator.get("/groups", product_key=key)["items"][0]
    assert [condition["prefix"] for condition in group["query"]] == ["fan-"]


def test_who_may_only_look_is_offered_nothing_and_refused(browser: Browser, server: Server, operator: Operator) -> None:
    key, other = new_product(operator, "Watched product"), new_product(operator, "Hidden product")
    operator.add_device(key, "watched-1")
    operator.post("/devices/disable", {"devices": [{"product_key": key, "device_name": "watched-1"}]})
    group = operator.post("/groups", {"name": "Watched", "product_key": key})["id"]
    grants = [{"role": "viewer", "product_key": key}]
    operator.post("/users", {"name": "watcher", "password": PASSWORD, "grants": grants})
    with visitor(browser, server.http) as watcher:
        page = watcher.page
        watcher.log_in("watcher", PASSWORD)
        watcher.go("/")
        expect(page.get_by_text("Watched product")).to_be_visible()
        expect(page.get_by_text("was disabled")).to_be_visible()
        expect(page.get_by_text("Hidden product")).to_have_count(0)
        for path in ("/products", f"/products/{key}", f"/products/{key}?tab=modules", f"/groups/{group}"):
            watcher.go(path)
            offered = page.locator("main").get_by_role("button")
            for words in ("New", "Show", "Edit", "Delete", "Add", "Upload", "Take out", "Save"):
                expect(offered.filter(has_text=words)).to_have_count(0)
        assert watcher.complaints == []
        cookies = {each["name"]: each["value"] for each in watcher.context.cookies()}
        there = f"{server.http}/console/groups/{group}/members.csv"
        mine = {"Origin": server.http}
        assert httpx.post(there, content=b"watched-1\n", cookies=cookies, headers=mine).status_code == 403
        assert httpx.post(there, content=b"watched-1\n", headers=mine).status_code == 401
        response = page.goto(f"{server.http}/console/products/{other}")
        assert response is not None
        assert response.status == 404
    assert operator.get(f"/groups/{group}/members")["items"] == []
