"""Configuration from the operator's keyboard to devices on the wire and back, by REST and in a terminal."""

import asyncio
import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from linkops.mqtt.packets import Connect
from linkops.simulator import DeviceIdentity, Fleet, Pace
from linkops.simulator.configuring import CONFIG_BEHAVIOURS, write_config_get
from linkops.simulator.credentials import login
from linkops.simulator.link import open_link
from tests.support.operator import wait_until
from tests.support.restarts import RestartedServer, add_fleet

pytestmark = pytest.mark.long

DEVICES = 30
PACE = Pace(reconnect_s=0.2)
BEHAVIOURS = ["acknowledge"] * 20 + ["fetch"] * 6 + ["refuse"] * 3 + ["ignore"]


class Site:
    """A server, its operator, and devices that nobody has switched on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = RestartedServer(folder / "data")
        self.server.start()
        self.operator = self.server.operator()
        self.product_key, self.identities = add_fleet(self.operator, DEVICES)
        self.path = f"/products/{self.product_key}/configuration"
        self.saved = 0
        self.put(f"{self.path}/switch", {"enabled": True})

    def put(self, path: str, body: dict[str, Any]) -> None:
        assert self.operator.client.put(path, json=body).is_success

    def save(self, text: str) -> bytes:
        """Save a document, and return its bytes."""
        self.put(f"{self.path}/document", {"content": text, "base_version": self.saved})
        self.saved += 1
        return text.encode()

    def fleet(self, identities: list[DeviceIdentity] | None = None) -> Fleet:
        return Fleet(self.server.mqtt, identities or self.identities, pace=PACE)

    def push(self, **wanted: Any) -> int:
        return int(self.operator.post(f"{self.path}/pushes", wanted)["id"])

    def counts(self, push_id: int) -> dict[str, int]:
        counts = self.operator.get(f"/configuration/pushes/{push_id}")["counts"]
        return {status: devices for status, devices in counts.items() if devices}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.operator.client.close()
    site.server.kill()
    assert site.server.sound(), site.server.log.read_text()[-8_000:]


async def seen(site: Site, push_id: int, wanted: dict[str, int]) -> None:
    await asyncio.to_thread(wait_until, lambda: site.counts(push_id), wanted)


async def test_devices_take_it_fetch_it_or_refuse_it(site: Site) -> None:
    body = site.save('{ "interval": 30, "name": "caf\u00e9" }')
    async with site.fleet() as fleet:
        await fleet.settled()
        for device, name in zip(fleet.devices, BEHAVIOURS, strict=True):
            device.configuring = CONFIG_BEHAVIOURS[name]
        push_id = await asyncio.to_thread(site.push)
        await seen(site, push_id, {"ACKNOWLEDGED": 20, "DOWNLOADED": 6, "FAILED": 3, "SENT": 1})
        assert {device.configuration for device in fleet.devices[:26]} == {body}
        silent = fleet.devices[-1]
        silent.configuring = CONFIG_BEHAVIOURS["fetch"]
        assert await silent.pull_configuration()
        await seen(site, push_id, {"ACKNOWLEDGED": 20, "DOWNLOADED": 7, "FAILED": 3})
        assert silent.configuration == body
    answer = site.operator.client.get(f"/configuration/pushes/{push_id}/results.csv", params={"status": "FAILED"})
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [row["code"] for row in rows] == ["100000"] * 3
    drift = site.operator.get(f"{site.path}/drift/summary")
    assert drift["counts"] == {"in_step": 27, "behind": 0, "refused": 3, "unknown": 0, "none_wanted": 0}
    wait_until(lambda: site.operator.get(f"/configuration/pushes/{push_id}")["status"], "COMPLETED")
    refused = site.operator.client.post(f"{site.path}/pushes", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "config_push.once")


async def test_a_push_goes_on_after_kill_9_and_tells_nobody_twice(site: Site) -> None:
    site.save("{}")
    push_id = await asyncio.to_thread(site.push)
    async with site.fleet(site.identities[:10]) as early:
        await seen(site, push_id, {"ACKNOWLEDGED": 10, "OFFLINE": DEVICES - 10})
        await asyncio.to_thread(site.server.kill)
        site.operator.client.close()
        await asyncio.to_thread(site.server.start)
        site.operator = await asyncio.to_thread(site.server.operator)
        async with site.fleet(site.identities[10:]) as late:
            await seen(site, push_id, {"ACKNOWLEDGED": DEVICES})
            assert late.statistics.configurations == {"configured": DEVICES - 10}
        await early.settled()
        assert early.statistics.configurations == {"configured": 10}


async def asked_for(site: Site, identity: DeviceIdentity) -> str:
    """Return the link that a device is given which asks for its configuration."""
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    says = login(identity, tls=False)
    hello = Connect(says.client_id, keep_alive_s=60, username=says.user_name, password=says.password.encode())
    link = await open_link(
        site.server.mqtt, hello, lambda _, payload: told.set_result(json.loads(payload)["data"]["url"])
    )
    link.send(f"/sys/{identity.product_key}/{identity.device_name}/thing/config/get", write_config_get(1))
    async with asyncio.timeout(120):
        url = await told
    link.close()
    return url


async def test_a_link_is_answered_byte_for_byte_in_ranges_and_in_exact_case(site: Site) -> None:
    body = site.save(json.dumps({"text": "x" * 5_000}))
    url = await asked_for(site, site.identities[0])
    device = f"/products/{site.product_key}/devices/{site.identities[0].device_name}/configuration/drift"
    async with httpx.AsyncClient() as client:
        part = await client.get(url, headers={"Range": "bytes=0-99"})
        assert (part.status_code, part.content) == (206, body[:100])
        assert site.operator.get(device)["standing"] == "unknown", "the last byte was not sent yet"
        whole = await client.get(url, headers={"Range": "bytes=0-"})
        assert (whole.status_code, whole.content) == (206, body)
        assert (b"Content-Length", b"%d" % len(body)) in whole.headers.raw
        assert (await client.head(url)).status_code == 200
        assert (await client.get(url[:-1] + ("A" if url[-1] != "A" else "B"))).status_code == 403
    wait_until(lambda: site.operator.get(device)["standing"], "in_step")


def run(site: Site, *arguments: str, code: int = 0, text: str = "") -> str:
    """Return what a command printed."""
    done = subprocess.run(
        [sys.executable, "-m", "linkops", *arguments],
        env={"XDG_CONFIG_HOME": str(site.folder / "config"), "PATH": ""},
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.timeout(300)
async def test_a_push_in_a_terminal(site: Site) -> None:
    site.save("{}")
    password = site.server.password or ""
    await asyncio.to_thread(run, site, "login", site.server.http, "--password-stdin", text=password)
    async with site.fleet(site.identities[:10]) as fleet:
        await fleet.settled()
        said = await asyncio.to_thread(run, site, "config", "push", site.product_key, code=1)
        assert f"Push version 1 to {DEVICES} devices? Nobody is there to answer" in said
        refusing = fleet.devices[0]
        refusing.configuring = CONFIG_BEHAVIOURS["refuse"]
        said = await asyncio.to_thread(run, site, "config", "push", site.product_key, "--yes", code=5)
        assert "ACKNOWLEDGED 9" in said
        assert "1 devices failed" in said
        listed = json.loads(await asyncio.to_thread(run, site, "config", "pushes", site.product_key, "--json"))
        push_id = str(listed[0]["id"])
        failed = json.loads(
            await asyncio.to_thread(run, site, "config", "results", push_id, "--status", "FAILED", "--json")
        )
        assert [row["device_name"] for row in failed] == [refusing.identity.device_name]
        file = site.folder / "results.csv"
        await asyncio.to_thread(run, site, "config", "results", push_id, "-o", str(file))
        assert len(file.read_text().splitlines()) == DEVICES + 1
        assert "9  have what they should" in await asyncio.to_thread(run, site, "config", "drift", site.product_key)
        drifting = await asyncio.to_thread(run, site, "config", "drift", site.product_key, "--standing", "refused")
        assert refusing.identity.device_name in drifting
        said = await asyncio.to_thread(run, site, "config", "push", site.product_key, code=1)
        assert "pushed this configuration" in said
