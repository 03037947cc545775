"""Data analysis: what a person finds out about a fleet, takes along, and what is kept from whom."""

import asyncio
import csv
import io
import struct
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from linkops.accounts.model import Grant
from linkops.devices.model import DeviceKey
from linkops.events.actor import SYSTEM, Role
from linkops.ota.targeting import NewJob
from linkops.ota.uplinks.reports import Pull, ReportedProgress, ReportedVersion
from scripts.demo_data import LAMPS, PUMPS, make_package, populate, services_on
from tests.support.browser import Visitor, visitor
from tests.support.operator import Operator, Shown
from tests.support.server import Server

FORMULA = "=1+1"
LONG = "9.9.9-" + "nightly" * 8
PASSWORD = "only lamps, please"
LAMP_VERSIONS = [FORMULA, LONG, *(f"0.{number}" for number in range(9))]


@pytest.fixture(scope="module")
def administered_data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A fleet of pumps with a history, and lamps of very many versions."""
    data_dir = tmp_path_factory.mktemp("server") / "data"
    password = populate(data_dir)
    asyncio.run(_light_lamps(data_dir))
    return data_dir, password


async def _light_lamps(data_dir: Path) -> None:
    async with services_on(data_dir) as (services, clock):
        lamps = await services.products.get(SYSTEM, LAMPS)
        uplinks, at = services.ota.uplinks, clock.now()
        ids = [
            (await services.devices.get(SYSTEM, DeviceKey(LAMPS, f"lamp-{number:04}"))).id for number in range(1, 12)
        ]
        for device_id, version in zip(ids, LAMP_VERSIONS, strict=True):
            await uplinks.report_version(ReportedVersion(device_id, lamps.id, "default", version, at))
        package = await make_package(services, LAMPS, "lamp-firmware", "1.0")
        await services.ota.maker.create(SYSTEM, NewJob(package_id=package.id))
        while await services.ota.filler.fill():
            pass
        await uplinks.pull(Pull(ids[0], "default", at))
        await uplinks.report_progress(ReportedProgress(ids[0], lamps.id, "default", -4, "dark", at))
        await services.accounts.create(SYSTEM, "lamplighter", PASSWORD, (Grant(Role.VIEWER, LAMPS),))


def panel(page: Page, title: str) -> Locator:
    """Return the box with this title."""
    return page.locator(".panel").filter(has=page.get_by_role("heading", name=title, exact=True))


def file(page: Page, button: Locator) -> bytes:
    """Press a button and return the file that comes of it."""
    with page.expect_download() as coming:
        button.click()
    return coming.value.path().read_bytes()


def rows(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a file of comma-separated values."""
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_somebody_finds_the_devices_behind_a_version(admin: Visitor, operator: Operator) -> None:
    page = admin.page
    admin.go(f"/statistics?product={PUMPS}")
    top: Shown = operator.get("/ota/statistics/versions", product_key=PUMPS)["top"][0]
    version, count = str(top["version"]), int(top["devices"])
    versions = panel(page, "Package versions")
    expect(versions.locator("canvas")).to_be_visible()
    expect(versions.get_by_role("img")).to_have_accessible_name(
        f"Devices by version: {version}: {count}, 1.2.1: 17, 1.2.0: 2. The table has all of them."
    )
    line = versions.get_by_role("row").filter(has_text=version)
    expect(line).to_contain_text(f"{count / 60:.2%}")
    line.get_by_role("link").click()
    devices = panel(page, f"Devices on {version}")
    expect(devices).to_contain_text(f"{count} in all")
    assert f"version={version}" in page.url
    link = devices.get_by_role("link", name="In the list of devices")
    expect(link).to_have_attribute("href", f"/console/devices?product={PUMPS}&module=default&version={version}")
    page.go_back()
    expect(devices).to_be_hidden()
    expect(versions).to_be_visible()


def test_somebody_compares_rollouts_and_looks_at_one(admin: Visitor, operator: Operator) -> None:
    page = admin.page
    admin.go(f"/statistics?product={PUMPS}")
    said: Shown = operator.get("/ota/statistics/outcomes", product_key=PUMPS)
    ended = panel(page, "How updates ended").get_by_role("table")
    for word in ("succeeded", "failed", "canceled", "unfinished"):
        label = "Not finished" if word == "unfinished" else word.capitalize()
        expect(ended.get_by_role("row").filter(has_text=label)).to_contain_text(f"{said[word]:,}")
    expect(panel(page, "Why updates failed").locator("tbody tr")).to_have_count(len(said["failures"]))
    expect(panel(page, "By the version before the update").locator("tbody tr")).to_have_count(said["source_versions"])
    expect(panel(page, "Rollouts over time")).to_contain_text("4 in all")
    page.get_by_label("Batch").click()
    page.get_by_role("option", name="#2 ").click()
    page.wait_for_url("**job=2")
    one: Shown = operator.get("/ota/statistics/outcomes", job_id=2)
    expect(panel(page, "Rollouts over time")).to_contain_text("1 in all")
    expect(ended.get_by_role("row").filter(has_text="Failed")).to_contain_text(str(one["failed"]))
    page.go_back()
    expect(panel(page, "Rollouts over time")).to_contain_text("4 in all")


def test_pictures_and_tables_are_taken_along_and_nothing_in_them_is_a_formula(admin: Visitor) -> None:
    page = admin.page
    admin.go(f"/statistics?product={LAMPS}")
    for number in range(4):  # of versions, of outcomes, of reasons, of rollouts: there are too many source versions
        image = file(page, page.get_by_role("button", name="Save the chart as PNG").nth(number))
        assert image.startswith(b"\x89PNG")
        width, height = struct.unpack(">II", image[16:24])
        assert (width, height > 400) == (1520, True)
    versions = rows(file(page, page.get_by_role("link", name="Save all versions as CSV")))
    assert len(versions) == 13
    assert f"'{FORMULA}" in {row["version"] for row in versions}
    reasons = rows(file(page, page.get_by_role("link", name="Save the reasons as CSV")))
    assert reasons == [{"failure_kind": "flash", "tasks": "1", "share": "100.00%"}]
    rollouts = rows(file(page, page.get_by_role("link", name="Save all rollouts as CSV")))
    assert [(row["package"], row["failed"], row["unfinished"]) for row in rollouts] == [("lamp-firmware", "1", "19")]


def test_too_many_versions_are_others_in_the_chart_and_a_table_of_sources(admin: Visitor) -> None:
    page = admin.page
    admin.go(f"/statistics?product={LAMPS}")
    expect(panel(page, "Package versions").get_by_role("img")).to_have_accessible_name(
        "Devices by version: 1.0.0: 8, 0.0: 1, 0.1: 1, 0.2: 1, 0.3: 1, 8 others: 8. The table has all of them."
    )
    sources = panel(page, "By the version before the update")
    expect(sources).to_contain_text("From 13 versions: too many for a chart.")
    expect(sources.locator("canvas")).to_have_count(0)
    expect(sources.locator("tbody tr").first).to_contain_text("1.0.0")
    sources.get_by_label("Order").click()
    page.get_by_role("option", name="Most failures first").click()
    expect(sources.locator("tbody tr").first).to_contain_text(FORMULA)
    sources.get_by_role("button", name="Next page").click()
    expect(sources.locator("tbody tr")).to_have_count(3)
    admin.go(f"/statistics?product={LAMPS}&module=nowhere")
    expect(page.get_by_text("No device has reported a version of this module yet.")).to_be_visible()
    expect(page.get_by_text("No update of this module has been started yet.")).to_be_visible()


def test_a_viewer_of_lamps_learns_nothing_about_pumps(browser: Browser, server: Server) -> None:
    with visitor(browser, server.http) as somebody:
        page = somebody.page
        page.goto(f"{server.http}/console/statistics/versions.csv?product={LAMPS}")
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()
        somebody.log_in("lamplighter", PASSWORD)
        somebody.go("/statistics")
        expect(page.get_by_label("Product")).to_have_value(f"Street lamps ({LAMPS})")
        page.get_by_label("Product").click()
        expect(page.get_by_role("option", name="Street lamps")).to_be_visible()
        expect(page.get_by_role("option", name="Water pumps")).to_have_count(0)
        for address in (f"/statistics?product={PUMPS}", "/statistics?job=1"):
            answer = page.goto(f"{server.http}/console{address}")
            assert answer is not None
            assert answer.status == 404
            expect(page.get_by_role("alert")).to_be_visible()
        for name in ("versions", "outcomes", "failures", "rollouts"):
            refused = page.request.get(f"{server.http}/console/statistics/{name}.csv?product={PUMPS}")
            assert refused.status == 404, name


def test_charts_follow_the_theme(admin: Visitor) -> None:
    page = admin.page
    admin.go(f"/statistics?product={PUMPS}")
    canvas = panel(page, "Package versions").locator("canvas")
    expect(canvas).to_be_visible()
    light = canvas.evaluate("canvas => canvas.toDataURL()")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "light => document.querySelector('.chart-box canvas').toDataURL() !== light && "
        "document.body.classList.contains('body--dark')",
        arg=light,
    )
