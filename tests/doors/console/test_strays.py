"""Addresses that lead nowhere, and a server that is broken: what people read, and what they do not."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
import pytest

from tests.doors.console.conftest import People
from tests.support.console import Session
from tests.support.server import Server

STRAYS = ["/console/no/such/page", "/console/webhooks/first", "/console/devices/new/x"]
AS_A_BROWSER = {"Accept": "text/html,application/xhtml+xml"}
ZH = {"Accept-Language": "zh-CN"}


@contextmanager
def missing(server: Server, table: str) -> Iterator[None]:
    """Take a table away from a running server until the block ends; what it then logs is no fault of the test."""
    with closing(sqlite3.connect(server.data_dir / "linkops.db", isolation_level=None, timeout=30)) as other:
        other.execute("PRAGMA legacy_alter_table = ON")
        other.execute(f"ALTER TABLE {table} RENAME TO taken_away")
        try:
            yield
            assert f"no such table: {table}" in server.log.read_text()
        finally:
            other.execute(f"ALTER TABLE taken_away RENAME TO {table}")
            server.log.write_text("")


@pytest.mark.parametrize("path", STRAYS)
def test_an_unknown_address_has_a_page_of_ours(admin: Session, path: str) -> None:
    answer = admin.client.get(path, headers=AS_A_BROWSER)
    assert answer.status_code == 404
    assert "There is no such page." in answer.text
    assert "Main navigation" in answer.text
    assert "HTTPException" not in answer.text
    assert "页面不存在" in admin.client.get(path, headers=AS_A_BROWSER | ZH).text


@pytest.mark.parametrize("path", STRAYS)
def test_without_a_session_it_is_like_any_other(nobody: Session, path: str) -> None:
    stray, page = (nobody.client.get(asked, headers=AS_A_BROWSER) for asked in (path, "/console/jobs"))
    assert (stray.status_code, page.status_code) == (303, 303)
    assert stray.headers["location"] == page.headers["location"].replace("/console/jobs", path)
    assert not stray.content


def test_parts_of_pages_that_are_gone_are_no_pages(nobody: Session) -> None:
    answer = nobody.client.get("/console/_nicegui/0.0.0/components/none.js")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"


def test_a_page_that_fails_says_where_the_reason_is(admin: Session, server: Server) -> None:
    with missing(server, "audit"):
        answer = admin.client.get("/console/trail", headers=AS_A_BROWSER)
        assert_tells_nothing(answer)
        assert "Main navigation" in answer.text
    assert admin.client.get("/console/trail").status_code == 200


def test_also_where_nobody_can_be_recognized(people: People, server: Server) -> None:
    stranger = people.with_token("lo_" + "x" * 43).client  # no session that is remembered: it has to be looked up
    with missing(server, "account"):
        for path in ("/console/trail", "/console/no/such/page", "/console/password"):
            assert_tells_nothing(stranger.get(path, headers=AS_A_BROWSER))
        assert "服务器内部出错" in stranger.get("/console/trail", headers=AS_A_BROWSER | ZH).text
        answer = stranger.get("/console/password", headers={"Accept": "application/json"})
        assert answer.status_code == 500
        assert answer.json()["code"] == "request.failed"
    assert stranger.get("/console/trail").status_code == 303


def assert_tells_nothing(answer: httpx.Response) -> None:
    """Look at a page about a fault."""
    assert answer.status_code == 500
    assert "Something went wrong on the server." in answer.text
    assert [word for word in ("Traceback", "OperationalError", "no such table") if word in answer.text] == []
