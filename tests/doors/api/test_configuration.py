"""Configuration documents over HTTP."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.support.api import Door

BASE = "/api/v1/products/pumps/configuration"
TYPED = '{\r\n "a": 1.0, "ü": "\\u00fc"\r\n}\n'


@pytest.fixture
async def pumps(admin: httpx.AsyncClient) -> httpx.AsyncClient:
    """Have a product with a device and a group that it is in."""
    await admin.post("/api/v1/products", json={"name": "Pumps", "product_key": "pumps"})
    await admin.post("/api/v1/products/pumps/devices", json={"device_name": "pump-1"})
    group = (await admin.post("/api/v1/groups", json={"name": "beta", "product_key": "pumps"})).json()
    assert group["id"] == 1
    devices = {"devices": [{"product_key": "pumps", "device_name": "pump-1"}]}
    await admin.post("/api/v1/groups/1/members", json=devices)
    return admin


async def saved(client: httpx.AsyncClient, path: str, content: str, base: int, **more: Any) -> dict[str, Any]:
    """Return the answer to a save that works."""
    answer = await client.put(f"{BASE}{path}", json={"content": content, "base_version": base, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_document_from_the_first_version_to_a_restored_one(pumps: httpx.AsyncClient) -> None:
    assert (await pumps.get(f"{BASE}/document")).json() == {"version": None, "content": None, "recent": []}
    first = await saved(pumps, "/document", TYPED, 0, comment="first")
    assert (first["made"], first["version"]["number"], first["version"]["created_by"]) == (True, 1, "admin")
    assert not (await saved(pumps, "/document", TYPED, 0))["made"]
    await saved(pumps, "/document", '{"a":2}', 1)
    found = (await pumps.get(f"{BASE}/document/diff", params={"older": 1, "newer": 2})).json()
    assert [(change["path"], change["kind"], change["old"], change["new"]) for change in found["changes"]] == [
        ("/a", "changed", 1.0, 2),
        ("/ü", "removed", "ü", None),
    ]
    assert '+{"a":2}' in found["unified"]
    restored = await pumps.post(f"{BASE}/document/restore", json={"version": 1, "base_version": 2})
    assert restored.json()["version"]["restored_from"] == 1
    shown = (await pumps.get(f"{BASE}/document")).json()
    assert shown["content"] == TYPED
    assert shown["version"]["sha256"] == first["version"]["sha256"]
    listed = (await pumps.get(f"{BASE}/document/versions", params={"limit": 2})).json()
    rest = (await pumps.get(f"{BASE}/document/versions", params={"limit": 2, "cursor": listed["next"]})).json()
    assert [version["number"] for version in listed["items"] + rest["items"]] == [3, 2, 1]
    assert (await pumps.get(f"{BASE}/document/versions/2")).json()["content"] == '{"a":2}'
    assert (await pumps.get(f"{BASE}/document/versions/9")).json()["code"] == "config.version_not_found"
    assert (await pumps.delete(f"{BASE}/document", params={"base_version": 3})).status_code == 405


async def test_a_refusal_says_where_and_in_whose_language(pumps: httpx.AsyncClient) -> None:
    draft = {"content": '{\n "a": 1,\n}', "base_version": 0}
    answer = await pumps.put(f"{BASE}/document", json=draft)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422,
        "config.json_trailing_comma",
        "content",
    )
    assert answer.json()["params"] == {"line": 2, "column": 8}
    assert answer.json()["title"] == "Line 2, column 8: after the last one comes no comma."
    chinese = await pumps.put(f"{BASE}/document", json=draft, headers={"Accept-Language": "zh"})
    assert chinese.json()["title"] == "第 2 行第 8 列:最后一项之后不能有逗号。"
    large = await pumps.put(f"{BASE}/document", json={"content": " " * 65_537, "base_version": 0})
    assert (large.status_code, large.json()["params"]) == (413, {"size_bytes": 65_537, "most": 65_536})
    empty = await pumps.put(f"{BASE}/document", json={"content": "", "base_version": 0})
    assert empty.json()["title"] == "There is nothing: the smallest configuration is {}."


async def test_two_editors(door: Door, pumps: httpx.AsyncClient) -> None:
    await saved(pumps, "/document", "{}", 0)
    async with door.client(await door.token("ann", "operator", "pumps")) as ann:
        saves = [
            client.put(f"{BASE}/document", json={"content": f'{{"by":{place}}}', "base_version": 1})
            for place, client in enumerate([pumps, ann] * 5)
        ]
        answers = await asyncio.gather(*saves)
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    [taken] = [answer.json() for answer in answers if answer.status_code == 200]
    for problem in (answer.json() for answer in answers if answer.status_code == 409):
        assert problem["code"] == "config.version_newer"
        assert problem["params"]["created_by"] == taken["version"]["created_by"]
        assert problem["params"]["created_at"] == taken["version"]["created_at"]


async def test_narrower_documents_and_what_a_device_has(pumps: httpx.AsyncClient) -> None:
    await saved(pumps, "/document", '{"a":1,"b":{"x":1}}', 0)
    await saved(pumps, "/groups/1", '{"b":{"x":null,"y":2}}', 0, priority=7)
    await saved(pumps, "/devices/pump-1", '{"c":3}', 0)
    preview = (await pumps.get(f"{BASE}/preview", params={"device_name": "pump-1"})).json()
    assert preview["content"] == '{"a":1,"b":{"y":2},"c":3}'
    assert [(layer["scope"], layer["path"], layer["priority"]) for layer in preview["layers"]] == [
        ("product", None, 0),
        ("group", ["beta"], 7),
        ("device", None, 0),
    ]
    assert preview["origins"] == [{"path": "/a", "layer": 0}, {"path": "/b/y", "layer": 1}, {"path": "/c", "layer": 2}]
    groups = (await pumps.get(f"{BASE}/groups")).json()["items"]
    assert [(group["group_id"], group["path"], group["version"]["number"]) for group in groups] == [(1, ["beta"], 1)]
    devices = (await pumps.get(f"{BASE}/devices", params={"limit": 1})).json()
    assert [document["device_name"] for document in devices["items"]] == ["pump-1"]
    assert (await pumps.get(f"{BASE}/devices", params={"cursor": devices["next"]})).json()["items"] == []
    removed = await pumps.delete(f"{BASE}/devices/pump-1", params={"base_version": 1, "comment": "done"})
    assert (removed.json()["version"]["removed"], removed.json()["version"]["comment"]) == (True, "done")
    after = (await pumps.get(f"{BASE}/preview", params={"device_name": "pump-1"})).json()
    assert after["content"] == '{"a":1,"b":{"y":2}}'
    assert (await pumps.get(f"{BASE}/preview", params={"device_name": "pump-9"})).status_code == 404


async def test_the_switch_and_the_schema(pumps: httpx.AsyncClient) -> None:
    on = await pumps.put(f"{BASE}/switch", json={"enabled": True})
    assert (on.json()["enabled"], on.json()["schema_version"]) == (True, None)
    await saved(pumps, "/document", '{"a":"x"}', 0)
    schema = await saved(pumps, "/schema", '{"properties":{"a":{"type":"integer"}}}', 0)
    assert schema["violations"] == [
        {"pointer": "/a", "keyword": "type", "message": "'x' is not of type 'integer'"},
    ]
    refused = await pumps.put(f"{BASE}/document", json={"content": '{"a":"y"}', "base_version": 1})
    assert (refused.status_code, refused.json()["code"]) == (422, "config.schema_broken")
    assert refused.json()["title"] == "The schema does not allow it at '/a': 'y' is not of type 'integer'"
    assert refused.json()["params"]["violations"][0]["keyword"] == "type"
    shown = (await pumps.get(BASE)).json()
    assert (shown["enabled"], shown["schema_version"]["number"], shown["groups"], shown["devices"]) == (True, 1, 0, 0)
    assert (await pumps.delete(f"{BASE}/schema", params={"base_version": 1})).json()["version"]["removed"]
    await saved(pumps, "/document", '{"a":"y"}', 1)


async def test_a_viewer_looks_and_no_more(door: Door, pumps: httpx.AsyncClient) -> None:
    await saved(pumps, "/document", "{}", 0)
    async with door.client(await door.token("vic", "viewer", "pumps")) as viewer:
        for path in ("", "/document", "/document/versions", "/document/versions/1", "/devices/pump-1", "/groups/1"):
            assert (await viewer.get(f"{BASE}{path}")).status_code == 200, path
        assert (await viewer.put(f"{BASE}/switch", json={"enabled": True})).status_code == 403
