"""Groups over HTTP."""

import json

import httpx
import pytest

from tests.support.api import Door


async def product(admin: httpx.AsyncClient, name: str, *devices: str) -> str:
    """Create a product with devices and return its key."""
    key = str((await admin.post("/api/v1/products", json={"name": name})).json()["product_key"])
    for device in devices:
        await admin.post(f"/api/v1/products/{key}/devices", json={"device_name": device})
    return key


async def group(admin: httpx.AsyncClient, **new: object) -> str:
    """Create a group and return its path."""
    answer = await admin.post("/api/v1/groups", json=new)
    assert answer.status_code == 201, answer.text
    return f"/api/v1/groups/{answer.json()['id']}"


def named(key: str, *devices: str) -> dict[str, list[dict[str, str]]]:
    return {"devices": [{"product_key": key, "device_name": device} for device in devices]}


async def test_a_static_group_from_creation_to_deletion(admin: httpx.AsyncClient) -> None:
    key = await product(admin, "Pumps", "pump-1", "pump-2", "pump-3")
    top = await group(admin, name="North", product_key=key, description="all halls")
    low = await group(admin, name="Hall 1", parent_id=int(top.rsplit("/", 1)[1]))
    assert (await admin.post(f"{low}/members", json=named(key, "pump-1", "pump-2"))).json() == {"changed": 2}
    assert (await admin.post(f"{top}/members", json=named(key, "pump-3"))).json() == {"changed": 1}
    assert (await admin.post(f"{low}/members/remove", json=named(key, "pump-2"))).json() == {"changed": 1}
    shown = (await admin.get(top)).json()
    assert (shown["kind"], shown["devices"], shown["devices_capped"], shown["sub_groups"]) == ("static", 2, False, 1)
    members = (await admin.get(f"{top}/members", params={"limit": 1})).json()
    rest = (await admin.get(f"{top}/members", params={"cursor": members["next"]})).json()
    assert [device["device_name"] for device in members["items"] + rest["items"]] == ["pump-1", "pump-3"]
    assert (await admin.get(f"{top}/members", params={"direct": True})).json()["total"] == 1
    filtered = await admin.get("/api/v1/devices", params={"group_id": shown["id"]})
    assert [device["device_name"] for device in filtered.json()["items"]] == ["pump-1", "pump-3"]
    of_device = (await admin.get(f"/api/v1/products/{key}/devices/pump-1/groups")).json()["items"]
    assert [found["path"] for found in of_device] == [["North", "Hall 1"]]
    assert (await admin.patch(top, json={"name": "South"})).json()["name"] == "South"
    listed = (await admin.get("/api/v1/groups", params={"product_key": key})).json()
    assert [(found["path"], found["level"]) for found in listed["items"]] == [(["South"], 1), (["South", "Hall 1"], 2)]
    assert (await admin.delete(top)).json()["code"] == "group.has_sub_groups"
    assert [(await admin.delete(path)).status_code for path in (low, top)] == [204, 204]
    assert (await admin.get(top)).status_code == 404
    assert (await admin.get(f"/api/v1/products/{key}/devices/pump-1")).status_code == 200


async def test_a_dynamic_group_is_tried_and_follows_its_devices(admin: httpx.AsyncClient) -> None:
    key = await product(admin, "Pumps", "pump-1", "pump-2", "pump-3")
    query = [{"field": "tag", "key": "site", "value": "A"}, {"field": "enabled", "holds": True}]
    await admin.post("/api/v1/devices/tags", json={**named(key, "pump-1", "pump-3"), "tags": {"site": "A"}})
    tried = (await admin.post("/api/v1/groups/preview", json={"product_key": key, "query": query, "limit": 1})).json()
    assert ([device["device_name"] for device in tried["items"]], tried["total"]) == (["pump-1"], 2)
    path = await group(admin, name="Site A", product_key=key, query=query)
    assert (await admin.get(path)).json()["devices"] == 2
    await admin.post("/api/v1/devices/disable", json=named(key, "pump-3"))
    assert [device["device_name"] for device in (await admin.get(f"{path}/members")).json()["items"]] == ["pump-1"]
    shown = (await admin.patch(path, json={"query": query[:1]})).json()
    assert [{name: value for name, value in found.items() if value is not None} for found in shown["query"]] == query[
        :1
    ]
    assert (await admin.get(path)).json()["devices"] == 2
    refused = await admin.post(f"{path}/members", json=named(key, "pump-2"))
    assert (refused.status_code, refused.json()["code"]) == (409, "group.is_dynamic")


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ({"field": "tag", "key": "a b"}, "query.0.key"),
        ({"field": "version", "module": "default"}, "query.0.versions"),
        ({"field": "online", "holds": True, "prefix": "p"}, "query.0.prefix"),
        ({"field": "colour"}, "query.0.field"),
        ({"field": "online", "colour": "red"}, "query.0.colour"),
    ],
)
async def test_a_refused_query_names_the_field(
    admin: httpx.AsyncClient, condition: dict[str, object], field: str
) -> None:
    answer = await admin.post("/api/v1/groups/preview", json={"query": [condition]})
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_list_becomes_members_with_a_report_by_line(admin: httpx.AsyncClient) -> None:
    key = await product(admin, "Pumps", "pump-1", "pump-2")
    path = await group(admin, name="North", product_key=key)
    headers = {"Accept-Language": "zh"}
    answer = await admin.post(f"{path}/members/import", content="pump-1\npump-9\n\nü\npump-2", headers=headers)
    assert answer.headers["content-type"] == "application/x-ndjson"
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [(row["line"], row["device_name"], row["code"]) for row in rows] == [
        (1, "pump-1", None),
        (2, "pump-9", "device.not_found"),
        (4, "ü", "device.name_invalid"),
        (5, "pump-2", None),
    ]
    assert rows[1]["message"] == "没有设备 pump-9。"
    assert (await admin.get(path)).json()["devices"] == 2
    large = "x" * 50 + "\n"
    refused = (await admin.post(f"{path}/members/import", content=large * 30_000)).text.splitlines()
    assert len(refused) == 30_000  # beyond the limit of other bodies
    unknown = await admin.post("/api/v1/groups/999/members/import", content="pump-1")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "group.not_found")


async def test_rights_hold_for_one_product(door: Door, admin: httpx.AsyncClient) -> None:
    mine, other = await product(admin, "Mine", "pump-1"), await product(admin, "Other", "pump-1")
    theirs, everywhere = await group(admin, name="theirs", product_key=other), await group(admin, name="everywhere")
    async with door.client(await door.token("ann", "operator", mine)) as ann:
        own = await group(ann, name="own", product_key=mine)
        assert (await ann.post(f"{own}/members", json=named(mine, "pump-1"))).json() == {"changed": 1}
        assert [found["name"] for found in (await ann.get("/api/v1/groups")).json()["items"]] == ["own"]
        for path in (theirs, everywhere):
            assert (await ann.get(path)).status_code == 404
            assert (await ann.get(f"{path}/members")).status_code == 404
            assert (await ann.delete(path)).status_code == 404
            assert (await ann.post(f"{path}/members", json=named(mine, "pump-1"))).status_code == 404
            assert (await ann.get("/api/v1/devices", params={"group_id": path.rsplit("/", 1)[1]})).status_code == 404
        assert (await ann.post("/api/v1/groups", json={"name": "all"})).status_code == 403
        both = {"devices": [*named(mine, "pump-1")["devices"], *named(other, "pump-1")["devices"]]}
        assert (await ann.post(f"{own}/members/remove", json=both)).status_code == 404
        assert (await ann.get(own)).json()["devices"] == 1
    async with door.client(await door.token("bob", "viewer", mine)) as bob:
        assert (await bob.get(own)).status_code == 200
        assert (await bob.delete(own)).status_code == 403
