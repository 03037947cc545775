"""Products and devices over HTTP."""

import json

import httpx

from tests.support.api import Door


async def product(admin: httpx.AsyncClient, name: str = "Pumps") -> str:
    """Create a product and return its key."""
    answer = await admin.post("/api/v1/products", json={"name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["product_key"])


async def test_a_product_from_creation_to_deletion(admin: httpx.AsyncClient) -> None:
    key = await product(admin)
    await admin.post(f"/api/v1/products/{key}/devices", json={"device_name": "pump-1"})
    shown = (await admin.get(f"/api/v1/products/{key}")).json()
    assert (shown["name"], shown["devices"], shown["online"]) == ("Pumps", 1, 0)
    assert "secret" not in json.dumps(shown).replace('"auth_type": "secret"', "")
    edited = await admin.patch(f"/api/v1/products/{key}", json={"description": "wet"})
    assert (edited.json()["name"], edited.json()["description"]) == ("Pumps", "wet")
    listed = (await admin.get("/api/v1/products")).json()
    assert ([item["product_key"] for item in listed["items"]], listed["total"], listed["next"]) == ([key], 1, None)

    unconfirmed = await admin.delete(f"/api/v1/products/{key}")
    assert (unconfirmed.status_code, unconfirmed.json()["field"]) == (422, "confirm")
    in_use = await admin.delete(f"/api/v1/products/{key}", params={"confirm": key})
    assert (in_use.status_code, in_use.json()["code"]) == (409, "product.in_use")
    assert (await admin.delete(f"/api/v1/products/{key}/devices/pump-1")).status_code == 204
    assert (await admin.delete(f"/api/v1/products/{key}", params={"confirm": key})).status_code == 204
    assert (await admin.get(f"/api/v1/products/{key}")).status_code == 404


async def test_a_device_is_managed(admin: httpx.AsyncClient) -> None:
    path = f"/api/v1/products/{await product(admin)}/devices"
    made = (await admin.post(path, json={"device_name": "pump-1", "nickname": "The first"})).json()
    device = f"{path}/pump-1"
    assert (await admin.post(f"{device}/secret")).json()["secret"] == made["device_secret"]
    new_secret = (await admin.post(f"{device}/reset-secret")).json()["secret"]
    assert new_secret != made["device_secret"]
    assert (await admin.patch(f"{device}/tags", json={"tags": {"site": "A", "row": "1"}})).json() == {
        "site": "A",
        "row": "1",
    }
    assert (await admin.patch(f"{device}/tags", json={"tags": {"row": None}})).json() == {"site": "A"}
    assert (await admin.patch(device, json={"nickname": "Another"})).json()["nickname"] == "Another"
    assert (await admin.post(f"{device}/disable")).status_code == 204
    shown = (await admin.get(device)).json()
    assert (shown["state"], shown["enabled"], shown["tags"]) == ("disabled", False, {"site": "A"})
    assert new_secret not in json.dumps(shown)
    assert (await admin.post(f"{device}/enable")).status_code == 204
    assert (await admin.get(f"{device}/modules")).json() == {"items": []}
    assert (await admin.put(f"{device}/messages", json={"on": True})).status_code == 204
    assert (await admin.get(f"{device}/messages")).json() == {"on": False, "items": []}  # no hub in this test


async def test_devices_are_listed_in_pages_by_filters(admin: httpx.AsyncClient) -> None:
    key = await product(admin)
    path = f"/api/v1/products/{key}/devices"
    assert len((await admin.post(f"{path}/generate", json={"count": 5})).json()["items"]) == 5
    for n in range(3):
        await admin.post(path, json={"device_name": f"pump-{n}"})
    await admin.patch(f"{path}/pump-1/tags", json={"tags": {"site": "A"}})
    asked: dict[str, str | int] = {"product_key": key, "name_prefix": "pump-", "limit": 2}
    first = (await admin.get("/api/v1/devices", params=asked)).json()
    second = (await admin.get("/api/v1/devices", params={**asked, "cursor": first["next"]})).json()
    names = [device["device_name"] for device in first["items"] + second["items"]]
    assert (names, first["total"], second["next"]) == (["pump-0", "pump-1", "pump-2"], 3, None)
    tagged = (await admin.get("/api/v1/devices", params={"tag_key": "site", "tag_value": "A"})).json()["items"]
    assert [(device["device_name"], device["tags"]) for device in tagged] == [("pump-1", {"site": "A"})]
    assert (await admin.get("/api/v1/devices", params={"cursor": "nonsense"})).json()["field"] == "cursor"
    assert (await admin.get("/api/v1/devices", params={"limit": 201})).json()["field"] == "limit"
    assert (await admin.get("/api/v1/devices", params={"colour": "red"})).json()["field"] == "colour"


async def test_several_devices_at_once(admin: httpx.AsyncClient) -> None:
    key = await product(admin)
    for n in range(3):
        await admin.post(f"/api/v1/products/{key}/devices", json={"device_name": f"pump-{n}"})
    named = {"devices": [{"product_key": key, "device_name": f"pump-{n}"} for n in range(3)]}
    assert (await admin.post("/api/v1/devices/disable", json=named)).json() == {"changed": 3}
    assert (await admin.post("/api/v1/devices/enable", json=named)).json() == {"changed": 3}
    assert (await admin.post("/api/v1/devices/tags", json={**named, "tags": {"site": "B"}})).status_code == 204
    foreign = {"devices": [*named["devices"], {"product_key": key, "device_name": "nobody"}]}
    assert (await admin.post("/api/v1/devices/delete", json=foreign)).status_code == 404
    assert (await admin.post("/api/v1/devices/delete", json=named)).json() == {"changed": 3}


async def test_a_list_becomes_devices_with_a_report_by_line(admin: httpx.AsyncClient) -> None:
    path = f"/api/v1/products/{await product(admin)}/devices"
    lines = [
        "device_name,nickname,secret",
        "pump-1,The first,",
        "=cmd|'x'!A0",
        "pump-1",
        "ü",
        "",
        "pump-2,,a1b2c3d4e5f6g7h8",
    ]
    headers = {"Accept-Language": "zh"}
    answer = await admin.post(f"{path}/import", content="\n".join(lines), headers=headers)
    assert answer.headers["content-type"] == "application/x-ndjson"
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [(row["line"], row["code"]) for row in rows] == [
        (2, None),
        (3, "device.name_invalid"),
        (4, "device.name_taken"),
        (5, "device.name_invalid"),
        (7, None),
    ]
    assert rows[-1]["device_secret"] == "a1b2c3d4e5f6g7h8"
    assert rows[1]["message"].startswith("设备名称")


async def test_a_large_list_does_not_wait_for_its_reader(admin: httpx.AsyncClient) -> None:
    path = f"/api/v1/products/{await product(admin)}/devices"
    text = "".join(f"pump-{n:06}\n" for n in range(20_000))
    rows = (await admin.post(f"{path}/import", content=text)).text.splitlines()
    assert len(rows) == 20_000
    assert all('"code":null' in row for row in rows)


async def test_a_list_for_an_unknown_product_is_refused_whole(admin: httpx.AsyncClient) -> None:
    answer = await admin.post("/api/v1/products/nowhere/devices/import", content="pump-1\n")
    assert (answer.status_code, answer.json()["code"]) == (404, "product.not_found")


async def test_a_line_without_end_ends_the_report(admin: httpx.AsyncClient) -> None:
    path = f"/api/v1/products/{await product(admin)}/devices"
    rows = (await admin.post(f"{path}/import", content="pump-1\n" + "x" * 100_000)).text.splitlines()
    assert json.loads(rows[-1])["code"] == "list.line_too_long"


async def test_rights_hold_for_one_product(door: Door, admin: httpx.AsyncClient) -> None:
    mine, other = await product(admin, "Mine"), await product(admin, "Other")
    for key in (mine, other):
        await admin.post(f"/api/v1/products/{key}/devices", json={"device_name": "pump-1"})
    async with door.client(await door.token("ann", "operator", mine)) as ann:
        assert [item["product_key"] for item in (await ann.get("/api/v1/products")).json()["items"]] == [mine]
        assert [item["product_key"] for item in (await ann.get("/api/v1/devices")).json()["items"]] == [mine]
        assert (await ann.get(f"/api/v1/products/{other}/devices/pump-1")).status_code == 404
        both = {"devices": [{"product_key": key, "device_name": "pump-1"} for key in (mine, other)]}
        assert (await ann.post("/api/v1/devices/delete", json=both)).status_code == 404
        assert (await ann.get(f"/api/v1/products/{mine}/devices/pump-1")).status_code == 200


async def test_a_payload_that_is_no_base64_is_refused(admin: httpx.AsyncClient) -> None:
    path = f"/api/v1/products/{await product(admin)}/devices"
    await admin.post(path, json={"device_name": "pump-1"})
    for payload in ("a", "ü"):
        message = {"path": "x", "payload": payload, "encoding": "base64"}
        answer = await admin.post(f"{path}/pump-1/messages", json=message)
        assert (answer.status_code, answer.json()["field"]) == (422, "payload")
