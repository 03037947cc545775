"""Packages as an operator makes, tries out and deletes them."""

import random
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from linkops.ota.signing import keys
from tests.support.browser import PATIENCE_MS, Visitor, visitor
from tests.support.fleet import add_devices, simulated
from tests.support.images import AFTER, BEFORE
from tests.support.operator import Operator, wait_until
from tests.support.ota import sha256
from tests.support.server import Server

expect.set_options(timeout=PATIENCE_MS)
PRODUCT = "pumpworks1"
CHUNK = 8 * 2**20
LARGE = random.Random(7).randbytes(2 * CHUNK + 4_000_000)


@pytest.fixture(scope="module")
def product(operator: Operator) -> str:
    operator.post("/products", {"name": "Pumps of the works", "product_key": PRODUCT})
    return PRODUCT


def package(operator: Operator, version: str, content: bytes, **more: Any) -> int:
    """Make a package and return its number."""
    answer = operator.client.post("/uploads", params={"file_name": "pump.bin"}, content=content)
    body = {
        "product_key": PRODUCT,
        "name": f"pump-{version.replace('.', '_')}",
        "version": version,
        "upload_id": answer.json()["id"],
    }
    return int(operator.post("/ota/packages", {**body, **more})["id"])


def choose(page: Page, label: str, text: str) -> None:
    """Choose what begins with ``text``, after typing it."""
    page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("option", name=text).first.click()


def test_from_files_on_a_disk_to_a_package(admin: Visitor, operator: Operator, product: str, tmp_path: Path) -> None:
    (tmp_path / "pump.bin").write_bytes(BEFORE)
    (tmp_path / "pump.cfg.zip").write_bytes(b"zip")
    (tmp_path / "notes.txt").write_bytes(b"no firmware")
    page = admin.page
    admin.go("/packages")
    page.get_by_role("button", name="New package").click()
    files = [tmp_path / name for name in ("pump.bin", "notes.txt", "pump.cfg.zip")]
    page.get_by_label("Choose files").set_input_files(files)
    expect(page.get_by_text("A file name ends in one of")).to_be_visible()
    expect(page.get_by_text(sha256(BEFORE))).to_be_visible()
    expect(page.get_by_text("same as on this computer")).to_have_count(2)
    choose(page, "Product", "Pumps")
    page.get_by_label("Version that it brings").fill("1.4.0")
    page.get_by_label("Name of the package").fill("?")
    page.get_by_label("Custom information for devices").fill('{"valve": "slow",\n  oops}')
    expect(page.get_by_text("No JSON from line 2, column 3 on")).to_be_visible()
    page.get_by_label("Custom information for devices").fill('{"valve": "slow"}')
    page.get_by_role("textbox", name="Name for devices: pump.cfg.zip").fill("settings.zip")
    page.get_by_role("button", name="Create the package").click()
    expect(page.get_by_text("A package name is 1 to 40")).to_be_visible()
    page.get_by_label("Name of the package").fill("pump-1_4")
    page.get_by_role("button", name="Create the package").click()
    expect(page.get_by_role("heading", name="pump-1_4", level=1)).to_be_visible()
    page.get_by_role("tab", name="Details").click()
    expect(page.get_by_text("settings.zip")).to_be_visible()
    [made] = operator.get("/ota/packages", name_prefix="pump-1_4")["items"]
    assert (made["version"], made["custom_info"], made["product_key"]) == ("1.4.0", '{"valve": "slow"}', product)
    told = [(file["file_name"], file["sha256"]) for file in made["files"]]
    assert told == [("pump.bin", sha256(BEFORE)), ("settings.zip", sha256(b"zip"))]
    admin.go("/packages?name=pump-1_4&status=verified")
    expect(page.get_by_text("No package matches.")).to_be_visible()
    page.get_by_label("Verification state").click()
    page.get_by_role("option", name="Any").click()
    expect(page.get_by_role("link", name="pump-1_4")).to_be_visible()
    expect(page).to_have_url(f"{admin.url}/console/packages?name=pump-1_4")


def test_an_upload_survives_lost_connections_and_a_reload(
    admin: Visitor, operator: Operator, product: str, tmp_path: Path
) -> None:
    (tmp_path / "large.bin").write_bytes(LARGE)
    page, sent, cut = admin.page, list[int](), list[bool]([True])

    def second_chunk(route: Route, request: Request) -> None:
        sent.append(int(request.url.rpartition("=")[2]))
        if cut[0] and sent[-1] >= CHUNK:
            route.abort()
        else:
            route.continue_()

    page.route("**/console/uploads/*?offset=*", second_chunk)
    admin.go("/packages/new")
    page.get_by_label("Choose files").set_input_files(tmp_path / "large.bin")
    expect(page.get_by_text("the upload goes on by itself")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("8.0 MB of 19.8 MB")).to_be_visible()
    expect(page.get_by_text("choose the same file again to go on")).to_be_visible()
    sent.clear()
    page.get_by_label("Choose files").set_input_files(tmp_path / "large.bin")
    expect(page.get_by_text("Interrupted", exact=True)).to_be_visible()
    cut[0] = False
    expect(page.get_by_text("same as on this computer")).to_be_visible()
    expect(page.get_by_text(sha256(LARGE))).to_be_visible()
    assert min(sent) == CHUNK  # what had come before was not sent again
    admin.complaints.clear()  # the browser tells of each lost connection
    address, request = f"{admin.url}/console/uploads", admin.context.request
    assert [one["sha256"] for one in request.get(address).json() if one["finished"]] == [sha256(LARGE)]
    assert request.post(address, data="{}", headers={"Origin": "https://evil.example"}).status == 403
    assert httpx.get(address).status_code == 401
    page.get_by_role("button", name="Remove large.bin").click()
    expect(page.get_by_text("Choose the files first.")).to_be_visible()
    wait_until(lambda: operator.get("/uploads"), [])


def test_a_package_is_tried_out_before_it_goes_to_many(
    admin: Visitor, operator: Operator, server: Server, product: str, tmp_path: Path
) -> None:
    number = package(operator, "2.0.0", BEFORE, needs_verification=True)
    devices = add_devices(operator, product, ["pump-1", "pump-2", "pump.3@a:b"])
    page = admin.page
    with simulated(server, devices, tmp_path):
        for device in devices:
            operator.wait_for_version(device, "1.0.0")
        admin.go(f"/packages/{number}")
        expect(page.get_by_role("button", name="New rollout")).to_be_hidden()
        page.get_by_role("button", name="Verify").click()
        choose(page, "1 to 10 test devices", "pump-1")
        choose(page, "1 to 10 test devices", "pump.3@a:b")
        page.keyboard.press("Escape")
        page.get_by_role("dialog").get_by_role("button", name="Verify").click()
        expect(page.get_by_role("button", name="New rollout")).to_be_visible()
        expect(page.get_by_text("Verified", exact=True)).to_be_visible()
    assert operator.get(f"/ota/packages/{number}")["status"] == "verified"
    page.get_by_role("tab", name="Devices").click()
    expect(page.get_by_role("link", name="pump.3@a:b")).to_have_attribute(
        "href", f"/console/products/{product}/devices/pump.3%40a%3Ab"
    )
    page.get_by_label("Name begins with").fill("pump-1")
    expect(page.get_by_role("link", name="pump.3@a:b")).to_be_hidden()
    expect(page.get_by_role("link", name="pump-1")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_label("Type pump-2_0_0 to go on").fill("pump-2_0_0")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(f"{admin.url}/console/packages")
    assert operator.client.get(f"/ota/packages/{number}").status_code == 404


def test_a_differential_package_is_made_of_two(admin: Visitor, operator: Operator, product: str) -> None:
    package(operator, "3.0.0", BEFORE)
    for number in range(50):  # as many as a choice shows before anything is typed
        package(operator, f"3.0.{number + 1}", b"%d" % number)
    new = package(operator, "3.1.0", AFTER)
    page = admin.page
    admin.go(f"/packages/{new}")
    page.get_by_role("button", name="Make a differential package").click()
    choose(page, "Old package, that devices run", "default 3.0.0")
    page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    link = page.get_by_role("link", name="pump-3_1_0-from-3-0-0")
    expect(link).to_be_visible()
    link.click()
    page.get_by_role("tab", name="Details").click()
    expect(page.get_by_text("detools/sequential/heatshrink")).to_be_visible()
    [made] = operator.get("/ota/packages", version="3.1.0", kind="diff")["items"]
    assert (made["source_version"], made["saved_percent"] > 90) == ("3.0.0", True)


def test_a_product_signs_with_a_key_of_ones_own(admin: Visitor, operator: Operator, product: str) -> None:
    page, private_key = admin.page, keys.new_private_key()
    admin.go(f"/products/{product}/signing")
    page.get_by_role("button", name="Import a key").click()
    page.get_by_label("Private key").fill("no key")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("This is no RSA private key")).to_be_visible()
    page.get_by_label("Private key").fill(private_key)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("The key that signs")).to_be_visible()
    page.get_by_role("button", name="Switch signing on").click()
    expect(page.get_by_role("button", name="Switch signing off")).to_be_visible()
    shown = operator.get(f"/products/{product}/signing")
    assert (shown["enabled"], shown["key"]["fingerprint"]) == (True, keys.public_key(private_key)[1])
    page.get_by_role("button", name="Make a new key").click()
    page.get_by_label("Type Pumps of the works to go on").fill("Pumps of the works")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_text("Signed until")).to_be_visible()
    assert len(operator.get(f"/products/{product}/signing")["retired"]) == 1


def test_who_may_only_look_is_offered_nothing(
    browser: Browser, server: Server, operator: Operator, product: str
) -> None:
    number = package(operator, "9.0.0", BEFORE, needs_verification=True)
    grants = [{"role": "viewer", "product_key": product}]
    operator.post("/users", {"name": "viewer", "password": "only looks at 2 packages", "grants": grants})
    looking = Operator(server.http, "only looks at 2 packages", "viewer")
    with visitor(browser, server.http) as somebody:
        somebody.log_in("viewer", "only looks at 2 packages")
        for path in ("/packages", f"/packages/{number}", f"/packages/{number}?tab=details", "/packages/diffs"):
            somebody.go(path)
            expect(somebody.page.locator(".page-actions button")).to_have_count(0)
        somebody.go(f"/products/{product}/signing")
        expect(somebody.page.locator(".page-actions button")).to_have_count(0)
        answer = somebody.page.goto(f"{server.http}/console/packages/new")
        assert answer is not None
        assert answer.status == 403
    assert looking.client.post("/uploads/begin", json={"file_name": "a.bin", "size_bytes": 1}).status_code == 403
    looking.client.close()
