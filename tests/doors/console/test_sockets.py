"""The sockets of open tabs: whose they are, and until when."""

import asyncio

import httpx
import pytest
from socketio.exceptions import ConnectionError as SocketError

from tests.doors.console.conftest import People
from tests.support.console import SOCKET, Session, open_socket
from tests.support.operator import Operator

POLL = f"{SOCKET}/?EIO=4&transport=polling"


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null", ""])
async def test_a_socket_from_another_sites_page_is_refused(admin: Session, origin: str) -> None:
    tab = admin.open_tab("/users")
    with pytest.raises(SocketError):
        async with open_socket(admin, tab, Origin=origin):
            pass


async def test_a_socket_that_names_no_origin_is_refused(people: People, admin: Session) -> None:
    tab = admin.open_tab("/users")
    unnamed = people.with_token(admin.token)
    del unnamed.headers["Origin"]
    with pytest.raises(SocketError):
        async with open_socket(unnamed, tab):
            pass


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_nobody_polls(admin: Session, origin: str | None) -> None:
    headers = {"Cookie": admin.headers["Cookie"]} | ({"Origin": origin} if origin else {})
    for answer in (httpx.get(admin.url + POLL, headers=headers), httpx.post(admin.url + POLL, headers=headers)):
        assert answer.status_code in {400, 403}


async def test_a_socket_without_the_session_of_its_page_is_refused(
    people: People, operator: Operator, admin: Session, nobody: Session
) -> None:
    viewer = people.new("viewer", "viewer")
    tab = admin.open_tab("/users")
    for other in (nobody, viewer, people.with_token("lo_" + "x" * 43)):
        with pytest.raises(SocketError):
            async with open_socket(other, tab):
                pass
    async with open_socket(admin, tab) as socket:
        await socket.say("event", tab.pressing("New user"))
        await socket.hears("A password is generated")


async def test_a_socket_of_an_ended_session_is_refused(people: People, operator: Operator) -> None:
    once = people.new("once", "admin")
    tab = once.open_tab("/users")
    once.client.post("/console/logout")
    with pytest.raises(SocketError):
        async with open_socket(once, tab):
            pass


async def test_nobody_speaks_for_somebody_elses_tab(people: People, operator: Operator, admin: Session) -> None:
    other = people.new("other", "admin")
    tab, others = admin.open_tab("/users"), other.open_tab("/users")
    async with open_socket(admin, tab) as socket, open_socket(other, others) as foreign:
        for event in ("event", "ack", "javascript_response", "log", "handshake"):
            await foreign.say(event, tab.pressing("New user") | {"tab_id": "tab", "document_id": "x", "level": "error"})
            await foreign.say(event, None)
        await foreign.say("event", others.pressing("New user"))
        await foreign.hears("A password is generated")
        assert "A password is generated" not in socket.heard
        await socket.say("event", tab.pressing("New user"))
        await socket.hears("A password is generated")


@pytest.mark.parametrize("how", ["logout", "disable", "reset-password"])
async def test_an_open_tab_ends_with_its_session(people: People, operator: Operator, how: str) -> None:
    person = people.new(how, "admin")
    tab = person.open_tab("/users")
    async with open_socket(person, tab) as socket:
        end(person, operator, how)
        await socket.say("event", tab.pressing("New user"))
        await asyncio.wait_for(socket.ended.wait(), 20)
    assert "Your session has ended" in socket.heard
    assert "A password is generated" not in socket.heard


def end(person: Session, operator: Operator, how: str) -> None:
    """Let the session of somebody end, who is called after the way it does."""
    if how == "logout":
        person.client.post("/console/logout")
    else:
        operator.post(f"/users/{how}/{how}", {})


async def test_a_tab_ends_where_nobody_presses_anything(people: People) -> None:
    person = people.new("idle", "viewer")
    async with open_socket(person, person.open_tab("/devices")) as socket:
        person.client.post("/console/logout")
        await asyncio.wait_for(socket.ended.wait(), 30)
    assert "Your session has ended" in socket.heard
