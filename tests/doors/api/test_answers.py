"""What every answer has in common: problems, languages, headers, limits."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.api import Door


async def test_a_refusal_is_a_problem_with_code_and_field(admin: httpx.AsyncClient) -> None:
    answer = await admin.post("/api/v1/users", json={"name": "a b"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["field"], problem["status"]) == ("account.name_invalid", "name", 422)
    assert problem["title"].startswith("A name is")


async def test_a_refusal_speaks_the_reader_s_language(admin: httpx.AsyncClient) -> None:
    answer = await admin.get("/api/v1/users/nobody", headers={"Accept-Language": "zh-CN,en;q=0.5"})
    assert answer.json()["title"] == "没有账号 nobody。"
    assert answer.headers["vary"] == "Accept-Language"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"name": 1}', "name"),
        (b'{"name": "ann", "grants": [{"role": "god"}]}', "grants.0.role"),
        (b"[]", "body"),
        (b"", "body"),
        (b'{"name": ann}', "body"),
    ],
)
async def test_what_is_not_valid_is_named(admin: httpx.AsyncClient, body: bytes, field: str) -> None:
    answer = await admin.post("/api/v1/users", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["field"]) == ("request.invalid", field)


NONSENSE = [
    b"{",
    b"\xff\xfe",
    b'{"name": NaN}',
    b'{"name": 1e400}',
    b"[" * 100_000,
    b'{"a":' * 1_000,
    b'"\\ud800"',
    b'{"name": "\\ud800"}',
]


@pytest.mark.parametrize("body", NONSENSE)
async def test_nonsense_is_refused_and_not_a_fault(admin: httpx.AsyncClient, body: bytes) -> None:
    answer = await admin.post("/api/v1/users", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_unknown_addresses_and_methods_are_problems(admin: httpx.AsyncClient) -> None:
    nowhere = await admin.get("/api/v1/nowhere")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "request.not_found")
    wrong_method = await admin.put("/api/v1/users")
    assert (wrong_method.status_code, wrong_method.json()["code"]) == (405, "request.method_not_allowed")
    assert "GET" in wrong_method.headers["allow"]


async def test_a_body_that_is_announced_too_large_is_refused_unread(admin: httpx.AsyncClient) -> None:
    answer = await admin.post("/api/v1/users", content=b"x" * (2**20 + 1))
    assert (answer.status_code, answer.json()["params"]) == (413, {"max_bytes": 2**20})


async def test_a_body_that_grows_too_large_is_refused(admin: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    answer = await admin.post("/api/v1/users", content=pieces(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


async def test_names_that_look_like_script_stay_text(admin: httpx.AsyncClient) -> None:
    answer = await admin.get("/api/v1/users/%3Cimg%20onerror=alert(1)%3E")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["cache-control"] == "no-store"


async def test_the_documentation_needs_no_internet(door: Door) -> None:
    async with door.client() as client:
        page = await client.get("/api/v1/docs")
        assert page.status_code == 200
        assert "unsafe-inline" not in page.headers["content-security-policy"].split("style-src")[0]
        addresses = [
            part.split('"')[0] for part in page.text.replace("'", '"').split('"') if part.startswith(("http", "//"))
        ]
        assert addresses == []
        for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
            assert (await client.get(f"/api/v1/docs-assets/{asset}")).status_code == 200
        assert "/api/v1/sessions" in (await client.get("/api/v1/openapi.json")).json()["paths"]


async def test_health_readiness_and_metrics_are_open_to_this_machine(door: Door) -> None:
    async with door.client() as client:
        assert (await client.get("/healthz")).json() == {"status": "alive"}
        assert (await client.get("/readyz")).json() == {"ready": True, "checks": {"database": True}}
        figures = await client.get("/metrics")
        assert 'linkops_http_requests_total{method="GET",route="/healthz",status="200"} 1.0' in figures.text
        forwarded = await client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
        assert forwarded.status_code == 401


async def test_a_head_that_never_ends_is_cut_off(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkops.api.listening._HEAD_WITHIN_S", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(b"GET / HTTP/1.1\r\nX: ")
    answered = await asyncio.gather(asyncio.wait_for(reader.read(), 10), return_exceptions=True)
    assert isinstance(answered[0], ConnectionResetError) or answered[0] == b""
    writer.close()


@pytest.mark.parametrize("raw", [b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"A" * 100_000])
async def test_what_is_not_http_is_refused(door: Door, raw: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(raw + b"\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 10)
    assert answer.startswith(b"HTTP/1.1 400")
    writer.close()


async def test_secrets_are_not_in_problems(admin: httpx.AsyncClient) -> None:
    answer = await admin.post("/api/v1/sessions", content=json.dumps({"name": ["x"], "password": "hunter2 hunter2"}))
    assert answer.status_code == 422
    assert "hunter2" not in answer.text
