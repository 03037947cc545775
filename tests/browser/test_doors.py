"""Getting in and out."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Visitor, visitor
from tests.support.server import Server

DATA = tuple[Path, str]


def test_a_visitor_is_led_to_the_login_and_back(browser: Browser, server: Server, administered_data: DATA) -> None:
    with visitor(browser, server.http) as somebody:
        page = somebody.page
        page.goto(f"{server.http}/console/devices?state=online")
        page.get_by_label("Name").fill("admin")
        page.get_by_label("Password").fill(administered_data[1])
        page.get_by_role("button", name="Log in").click()
        expect(page).to_have_url(f"{server.http}/console/devices?state=online")
        expect(page.get_by_role("heading", name="Devices", level=1)).to_be_visible()
        assert somebody.complaints == []


def test_a_wrong_password_is_told_and_the_name_stays(browser: Browser, server: Server) -> None:
    with visitor(browser, server.http) as somebody:
        page = somebody.page
        page.goto(f"{server.http}/console/")
        page.get_by_label("Name").fill("admin")
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_contain_text("Wrong name or password")
        expect(page.get_by_label("Name")).to_have_value("admin")


def test_the_login_speaks_the_browsers_language(browser: Browser, server: Server) -> None:
    with visitor(browser, server.http, language="zh-CN") as somebody:
        somebody.page.goto(f"{server.http}/console/")
        expect(somebody.page.get_by_role("heading", name="登录")).to_be_visible()


def test_who_logs_out_is_out_in_every_tab(admin: Visitor) -> None:
    admin.page.get_by_role("button", name="Account").click()
    admin.page.get_by_text("Log out").click()
    expect(admin.page).to_have_url(f"{admin.url}/console/login")
    other = admin.open_tab()
    other.goto(f"{admin.url}/console/devices")
    expect(other.get_by_role("heading", name="Log in")).to_be_visible()


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:1", "null"])
@pytest.mark.parametrize("path", ["/console/login", "/console/logout", "/console/password"])
def test_what_another_sites_page_sends_is_refused(server: Server, path: str, origin: str) -> None:
    answer = httpx.post(server.http + path, data={"name": "admin"}, headers={"Origin": origin})
    assert answer.status_code == 403


def test_no_link_leads_out_after_the_login(server: Server, administered_data: DATA) -> None:
    for link in ("https://evil.example/", "//evil.example/", "/console/\\evil.example", "/api/v1/docs"):
        form = {"name": "admin", "password": administered_data[1], "next": link}
        answer = httpx.post(f"{server.http}/console/login", data=form, headers={"Origin": server.http})
        assert answer.headers["location"] == "/console/"


def test_the_session_is_a_cookie_that_scripts_cannot_read(server: Server, administered_data: DATA) -> None:
    form = {"name": "admin", "password": administered_data[1]}
    answer = httpx.post(f"{server.http}/console/login", data=form, headers={"Origin": server.http})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/console" in cookie
