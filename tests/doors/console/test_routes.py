"""Every page and file of the console, asked by those who may not, and what stands in the head of each answer."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.doors.console.conftest import People
from tests.support.console import ConsoleRoute, Session, console_routes
from tests.support.operator import Operator

PUBLIC = {
    "GET /console/login",
    "POST /console/login",
    "GET /console/welcome",
    "POST /console/welcome",
    "POST /console/logout",
}
ROUTES = [route for route in console_routes() if route.name not in PUBLIC]
PAGES = [route for route in ROUTES if route.is_page]
ABSENT = 999_999
POLICY = re.compile(
    r"default-src 'none'; script-src 'self' 'nonce-([\w-]{20,})' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    r"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    r"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_TAB = re.compile(r'"tag":"q-tab","props":\{"name":"([\w-]+)"')
_ELSEWHERE = re.compile(r"""(?:src|href|action)=["']?(?:https?:)?//""")
Values = dict[str, object]


def furnish(operator: Operator, key: str, word: str) -> Values:
    """Make a product with something of everything, each called ``word``; return the values of parameters about it."""
    operator.post("/products", {"name": f"{word} product", "product_key": key})
    device = operator.add_device(key, f"{word}-device")
    package = operator.add_package(key, f"1.0.0-{word}", b"firmware")
    group = operator.post("/groups", {"name": f"{word} group", "product_key": key})["id"]
    job = operator.start_job(package, tags={"ring": word})
    path = f"/products/{key}/configuration"
    operator.client.put(f"{path}/switch", json={"enabled": True})
    operator.client.put(f"{path}/document", json={"content": f'{{"{word}": 1}}', "base_version": 0})
    push = operator.post(f"{path}/pushes", {})["id"]
    webhook = {"url": "http://10.255.255.1/", "kinds": ["device.online"], "product_key": key, "description": word}
    return {
        "product_key": key,
        "product": key,
        "device_name": device["device_name"],
        "device": device["device_name"],
        "package_id": package,
        "package": package,
        "group_id": group,
        "job_id": job,
        "job": job,
        "push_id": push,
        "webhook_id": operator.post("/webhooks", webhook)["id"],
        "list_id": 1,
        "file_id": ABSENT,
        "upload_id": operator.client.post("/uploads", params={"file_name": f"{word}.bin"}, content=b"x").json()["id"],
        "offset": 0,
        "name": "admin",
    }


@pytest.fixture(scope="module")
def mine(operator: Operator) -> Values:
    return furnish(operator, "myproduct01", "mine")


@pytest.fixture(scope="module")
def theirs(operator: Operator) -> Values:
    values = furnish(operator, "zzproduct01", "zzsecret")
    operator.client.post("/products/zzproduct01/device-lists", content=b"zzsecret-device\n")
    return values


def refused(answer: httpx.Response) -> bool:
    """Return whether somebody who has not logged in was shown nothing."""
    to_login = answer.status_code == 303 and answer.headers["location"].startswith("/console/login")
    return (to_login and not answer.content) or answer.status_code in {401, 403}


def test_the_routes_are_those_of_the_app() -> None:
    assert len(PAGES) >= 24
    assert len(ROUTES) - len(PAGES) >= 17
    assert {route.name for route in console_routes()} >= PUBLIC


@pytest.mark.parametrize("token", ["", "nonsense", "lo_" + "x" * 43])
def test_without_a_session_nothing_is_shown(people: People, theirs: Values, token: str) -> None:
    stranger = people.with_token(token)
    answers = {route.name: stranger.ask(route, theirs) for route in ROUTES}
    assert [name for name, answer in answers.items() if not refused(answer)] == []
    assert [name for name, answer in answers.items() if "zzsecret" in answer.text] == []


def test_a_session_that_has_ended_opens_nothing(people: People, theirs: Values) -> None:
    gone = people.new("gone", "admin")
    assert gone.client.get("/console/users").status_code == 200
    assert gone.client.post("/console/logout").status_code == 303
    assert [route.name for route in ROUTES if not refused(gone.ask(route, theirs))] == []


def test_who_must_choose_a_password_is_shown_nothing_else(people: People, operator: Operator, theirs: Values) -> None:
    made = operator.post("/users", {"name": "fresh", "grants": [{"role": "admin"}]})
    fresh = people.logged_in("fresh", made["password"])
    for route in ROUTES:
        if route.path == "/console/password":
            continue
        answer = fresh.ask(route, theirs)
        assert answer.status_code == 403 or answer.headers.get("location") == "/console/password", route.name
        assert "zzsecret" not in answer.text, route.name


def test_every_page_has_a_policy_with_a_nonce_of_its_own(admin: Session, nobody: Session, mine: Values) -> None:
    answers = [admin.ask(route, mine) for route in PAGES] + [
        admin.client.get("/console/password"),
        admin.client.get("/console/no/such/page"),
        admin.client.get("/console/products/nosuchprod1"),
        nobody.client.get("/console/login"),
        nobody.client.get("/console/welcome"),
        nobody.client.post("/console/login", data={"name": "<script>alert(1)</script>"}),
    ]
    assert [answer.url for answer in answers if answer.status_code >= 500] == []
    nonces = {nonce_of(answer) for answer in answers}
    assert len(nonces) == len(answers)


def nonce_of(answer: httpx.Response) -> str:
    """Return the nonce of a page whose head and scripts are as they must be."""
    found = POLICY.fullmatch(answer.headers["content-security-policy"])
    assert found is not None, answer.url
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, answer.url
    assert answer.headers["cache-control"] == "no-store"
    scripts = re.findall(r"<script\b[^>]*>", answer.text)
    assert [script for script in scripts if f'nonce="{found[1]}"' not in script] == [], answer.url
    assert _ELSEWHERE.search(answer.text) is None, answer.url
    return found[1]


def test_files_are_not_taken_for_anything_else(admin: Session, mine: Values) -> None:
    files = [route for route in ROUTES if route.method == "GET" and route.path.endswith(".csv")]
    assert len(files) >= 6
    for route in files:
        answer = admin.ask(route, mine)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, route.name
        assert not answer.headers.get("content-type", "").startswith("text/html"), route.name


@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_rights_for_one_product_show_nothing_of_another(
    people: People, admin: Session, mine: Values, theirs: Values, role: str
) -> None:
    guest = people.new(f"guest-{role}", role, "myproduct01")
    words = ("zzsecret", "zzproduct01")
    seen = [route.name for route in ROUTES if route.method == "GET" and "zzsecret" in admin.ask(route, theirs).text]
    assert len(seen) > 15, "whoever may look finds it"
    for route in ROUTES:
        if route.path != "/console/password":
            for answer in tabs_of(guest, route, mine) if route.is_page else [guest.ask(route, mine)]:
                assert answer.status_code < 500, answer.url
                assert [word for word in words if word in answer.text] == [], answer.url
    about = [route for route in ROUTES if "{" in route.path or set(route.query) & {"product", "product_key", "job"}]
    assert len(about) > 20
    for route in about:
        answer = guest.ask(route, theirs)
        assert "zzsecret" not in answer.text.replace("zzsecret-device", ""), answer.url
        if "{" in route.path:
            assert answer.status_code in {403, 404}, answer.url


def tabs_of(session: Session, route: ConsoleRoute, values: Values) -> Iterator[httpx.Response]:
    """Yield a page, and each of its tabs."""
    page = session.ask(route, values)
    yield page
    if "tab" in route.query:
        for tab in dict.fromkeys(_TAB.findall(page.text)):
            yield session.ask(route, values | {"tab": tab})
