"""What holds for every page: nobody is kept out, nothing comes from elsewhere, every width and theme is served."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import NARROW, WIDE, Visitor, visitor
from tests.support.operator import Operator
from tests.support.server import Server

PAGES = (
    "/",
    "/devices",
    "/devices/new?product=everypage1&tab=file",
    "/products/everypage1/devices/every-page",
    "/products/everypage1/devices/every-page?tab=messages",
    "/products/everygate1/devices/every-gateway?tab=sub-devices",
    "/packages",
    "/packages/new",
    "/jobs",
    "/jobs/new",
    "/statistics",
    "/configuration",
    "/users",
    "/users/admin",
    "/tokens",
    "/webhooks",
    "/trail",
    "/server",
    "/server?tab=settings",
    "/products",
    "/products/everypage1",
    "/products/everypage1?tab=rollouts",
    "/products/everypage1?tab=settings",
    "/groups",
    "/groups/1",
    "/packages/diffs",
    "/packages/1",
    "/packages/1?tab=details",
    "/products/everypage1/signing",
    "/configuration/everypage1",
    "/configuration/everypage1?tab=narrower",
    "/configuration/everypage1/groups/1",
    "/configuration/everypage1/devices/every-page/given",
)

FITS = "document.documentElement.scrollWidth <= window.innerWidth"


@pytest.fixture(scope="module", autouse=True)
def something_to_show(operator: Operator) -> None:
    """Have a product with a group, a signed package, a device and a gateway for the pages that need one."""
    operator.post("/products", {"name": "Every page", "product_key": "everypage1"})
    assert operator.post("/groups", {"name": "Every device", "product_key": "everypage1"})["id"] == 1
    operator.client.put("/products/everypage1/signing", json={"enabled": True})
    assert operator.add_package("everypage1", "1.0.0", b"firmware") == 1
    operator.add_device("everypage1", "every-page")
    document = {"content": '{"report_s": 60}', "base_version": 0}
    operator.client.put("/products/everypage1/configuration/document", json=document)
    operator.post("/products", {"name": "Every gateway", "product_key": "everygate1", "node_type": "gateway"})
    operator.add_device("everygate1", "every-gateway")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_keeps_nobody_out_and_fits_a_phone(admin: Visitor, path: str) -> None:
    admin.go(path)
    assert admin.faults() == []
    admin.page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    admin.page.wait_for_function(FITS)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_has_contrast_and_fits_everywhere(
    browser: Browser, server: Server, administered_data: tuple[Path, str], size: tuple[int, int], theme: str
) -> None:
    with visitor(browser, server.http, size=size, dark=theme == "dark") as somebody:
        somebody.log_in("admin", administered_data[1])
        for path in PAGES:
            somebody.go(path)
            assert somebody.faults() == [], path
            somebody.page.wait_for_function(FITS)
        assert somebody.complaints == []


def test_a_page_that_is_loading_has_its_outline_and_theme(
    browser: Browser, server: Server, administered_data: tuple[Path, str]
) -> None:
    with visitor(browser, server.http, dark=True) as somebody:
        somebody.log_in("admin", administered_data[1])
        somebody.page.route("**/_nicegui/**/*.js", lambda route: route.abort())
        somebody.page.goto(f"{server.http}/console/devices")
        ground = somebody.page.evaluate("getComputedStyle(document.querySelector('#app')).backgroundColor")
        assert ground == "rgb(20, 24, 27)"
        outline = somebody.page.locator("#app").bounding_box()
        assert outline is not None
        assert outline["height"] > 0


def test_nothing_is_there(admin: Visitor) -> None:
    answer = admin.page.goto(f"{admin.url}/console/products/nosuchprod1")
    assert answer is not None
    assert answer.status == 404
    stray = admin.page.goto(f"{admin.url}/console/no/such/page")
    assert stray is not None
    assert stray.status == 404
    expect(admin.page.get_by_role("alert")).to_contain_text("There is no such page.")
    admin.page.get_by_role("link", name="To the overview").click()
    expect(admin.page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    admin.complaints.clear()  # the browser says so, too


def test_the_language_can_be_chosen(admin: Visitor) -> None:
    admin.go("/devices")
    admin.page.get_by_role("button", name="Language").click()
    admin.page.get_by_text("简体中文").click()
    expect(admin.page.get_by_role("heading", name="设备", level=1)).to_be_visible()
    assert admin.page.evaluate("document.documentElement.lang") == "zh-CN"
