"""Texts that would be code if a page took them for anything but text: from people over REST, from devices over MQTT."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect

from linkops.devices.model import DeviceKey, NewDevice
from linkops.mqtt.packets import PubAck, Publish
from tests.support.browser import Visitor
from tests.support.mqtt import MqttClient, connect_of
from tests.support.operator import Operator, Shown, wait_until
from tests.support.server import Server, running_server

IMAGE = '<img src=x onerror="window.ran=1">'
HOSTILE = f"{IMAGE}</script><script>window.ran=1</script>{{{{7*191}}}}"
LINK = "javascript:window.ran=1"
KEY = "hostile0001"
DEVICE = f"/products/{KEY}/devices/hostile"
SEEN = {
    f"{DEVICE}?tab=overview": IMAGE,
    f"{DEVICE}?tab=messages": IMAGE,
    f"{DEVICE}?tab=log": IMAGE,
    f"{DEVICE}?tab=updates": IMAGE,
    "/groups/1": IMAGE,
    "/groups": "hostile",
    "/packages/1?tab=details": IMAGE,
    "/packages/1?tab=devices": IMAGE,
    "/packages": "hostile",
    "/jobs/1": "hostile",
    "/jobs/1?tab=tasks": IMAGE,
    "/jobs/1?tab=settings": IMAGE,
    "/jobs/new?package=1": "hostile",
    f"/configuration/{KEY}": IMAGE,
    "/webhooks": IMAGE,
    "/webhooks/1": IMAGE,
    "/tokens": IMAGE,
    "/trail": "account.login",
    f"/statistics?product={KEY}": IMAGE,
    f"/devices?product={KEY}": "hostile",
    "/": "hostile",
}

OPENED = {
    f"{DEVICE}?tab=messages": "Whole message",
    f"/configuration/{KEY}": "Look at version 1",
    "/trail?action_begins=token.create": "Look at the line",
}
LOG = {
    "utcTime": "2026/11/24 6:52:10",
    "logLevel": "ERROR",
    "module": IMAGE,
    "code": "200",
    "traceContext": "0",
    "logContent": HOSTILE,
}


@pytest.fixture(scope="module")
def server(administered_data: tuple[Path, str]) -> Iterator[Server]:
    data_dir, _ = administered_data
    log = data_dir.with_name("log")
    with running_server(data_dir, log, console=True, webhook_allowed_networks="10.255.255.0/24") as server:
        yield server


@pytest.fixture(scope="module", autouse=True)
def hostile(server: Server, operator: Operator) -> None:
    """Have all that people and devices can write somewhere."""
    device = written_by_people(operator)
    operator.keep_messages(device)
    operator.client.put(f"{DEVICE}/log-switch", json={"on": True})
    with ThreadPoolExecutor(1) as aside:  # Playwright's loop may be running here
        aside.submit(asyncio.run, written_by_a_device(server, operator, device)).result()


def written_by_people(operator: Operator) -> Shown:
    """Write what takes any text, and return the device that it is about."""
    operator.post("/products", {"name": "hostile", "product_key": KEY})
    device = operator.add_device(KEY, "hostile")
    operator.client.patch(f"{DEVICE}/tags", json={"tags": {"note": HOSTILE, "link": LINK}})
    operator.post("/groups", {"name": "hostile", "description": HOSTILE[:100], "product_key": KEY})
    operator.post("/groups/1/members", {"devices": [{"product_key": KEY, "device_name": "hostile"}]})
    upload = operator.client.post("/uploads", params={"file_name": "a.bin"}, content=b"firmware").json()["id"]
    package = {"product_key": KEY, "name": "hostile", "version": "2", "description": HOSTILE, "custom_info": HOSTILE}
    operator.post("/ota/packages", {**package, "upload_id": upload})
    operator.client.put(f"/products/{KEY}/configuration/switch", json={"enabled": True})
    draft = {"content": json.dumps({"text": HOSTILE, "link": LINK}), "base_version": 0, "comment": HOSTILE}
    operator.client.put(f"/products/{KEY}/configuration/document", json=draft)
    operator.post("/webhooks", {"url": "http://10.255.255.1/", "kinds": ["device.message"], "description": HOSTILE})
    operator.post("/tokens", {"name": IMAGE})
    return device


async def written_by_a_device(server: Server, operator: Operator, device: Shown) -> None:
    """Say as a device what a device may say, and fail an update."""
    key = DeviceKey(KEY, "hostile")
    async with await MqttClient.open(server.mqtt) as client:
        await client.login(connect_of(NewDevice(1, key, device["device_secret"])))
        await say(client, f"/ota/device/inform/{KEY}/hostile", {"version": IMAGE})
        await say(client, f"/sys/{KEY}/hostile/thing/deviceinfo/update", [{"attrKey": "said", "attrValue": HOSTILE}])
        await say(client, f"/sys/{KEY}/hostile/thing/log/post", [LOG])
        await say(client, f"/{KEY}/hostile/user/{IMAGE}", HOSTILE)
        await say(client, f"/{KEY}/hostile/user/link", LINK)
        operator.post("/ota/jobs", {"package_id": 1, "tags": {"ring": HOSTILE}})
        wait_until(lambda: [task["status"] for task in operator.tasks(1)], ["NOTIFIED"])
        await say(client, f"/ota/device/progress/{KEY}/hostile", {"step": "-1", "desc": HOSTILE})
        wait_until(lambda: [task["status"] for task in operator.tasks(1)], ["FAILED"])


async def say(client: MqttClient, topic: str, params: object) -> None:
    """Publish, and return when it is acknowledged; what the server sends meanwhile is not looked at."""
    payload = json.dumps({"id": "1", "version": "1.0", "params": params}).encode()
    await client.send(Publish(topic, payload, 1, 1))
    while not isinstance(await client.next(), PubAck):
        pass


def test_nothing_that_somebody_wrote_runs(admin: Visitor) -> None:
    page = admin.page
    dialogs: list[str] = []

    def refuse(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    unseen = []
    for path, text in SEEN.items():
        admin.go(path)
        if page.get_by_text(text).count() == 0 and text not in page.locator("main#content").inner_text():
            unseen.append(path)
        assert ran(page) == [], path
    assert unseen == []
    assert dialogs == []
    assert admin.complaints == []


def test_what_is_opened_from_a_page_runs_nothing(admin: Visitor) -> None:
    page = admin.page
    for path, button in OPENED.items():
        admin.go(path)
        page.get_by_role("button", name=button).first.click()
        expect(page.get_by_role("dialog").get_by_text("window.ran=1").first).to_be_visible()
        assert ran(page) == [], path
    assert admin.complaints == []


def ran(page: Page) -> list[str]:
    """Return what of the texts a page took for more than text."""
    found = {
        "a script": page.evaluate("'ran' in window"),
        "a picture": page.locator("img[src=x]").count() > 0,
        "a link": page.locator('a[href^="javascript"]').count() > 0,
        "a template": "1337" in page.locator("main#content").inner_text(),
    }
    return [what for what, is_so in found.items() if is_so]
