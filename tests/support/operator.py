"""What an operator does with a running server, over REST."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from linkops.accounts.model import FIRST_ADMIN
from linkops.accounts.passwords import Passwords
from linkops.accounts.service import Accounts
from linkops.accounts.tokens.identities import Identities
from linkops.clock import SystemClock
from linkops.db import open_database

_REQUEST_TIMEOUT_S = 60
_LOOK_AGAIN_S = 0.1

Shown = dict[str, Any]


def add_administrator(database_url: str) -> str:
    """Create the first administrator of a database that no server has opened yet, and return the password."""
    return asyncio.run(_add_administrator(database_url))


async def _add_administrator(database_url: str) -> str:
    Path(database_url).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    db, passwords = open_database(database_url), Passwords()
    try:
        password = await Accounts(db, SystemClock(), passwords, Identities()).create_first_admin()
    finally:
        passwords.close()
        db.close()
    assert password is not None
    return password


class Operator:
    """The session of an administrator, or of somebody else."""

    def __init__(self, url: str, password: str, name: str = FIRST_ADMIN) -> None:
        self.client = httpx.Client(base_url=f"{url}/api/v1", timeout=_REQUEST_TIMEOUT_S)
        session = self.post("/sessions", {"name": name, "password": password})
        self.client.headers["Authorization"] = f"Bearer {session['token']}"

    def get(self, path: str, **query: str | int) -> Any:
        """Return what a GET answers."""
        return _answer(self.client.get(path, params=query))

    def post(self, path: str, body: Shown) -> Any:
        """Return what a POST answers."""
        return _answer(self.client.post(path, json=body))

    def add_device(self, product_key: str, device_name: str) -> Shown:
        """Register a device and return its product_key, device_name and device_secret."""
        device: Shown = self.post(f"/products/{product_key}/devices", {"device_name": device_name})
        return device

    def wait_for_version(self, device: Shown, version: str) -> None:
        """Return once the device has reported this version of its default module."""
        wait_until(lambda: self.versions(device).get("default"), version)

    def versions(self, device: Shown) -> dict[str, str]:
        """Return the version of each module that the device has reported."""
        modules = self.get(f"{path_of(device)}/modules")["items"]
        return {module["module"]: module["version"] for module in modules}

    def add_package(self, product_key: str, version: str, content: bytes) -> int:
        """Upload a package of the default module and return its id."""
        answer = self.client.post("/uploads", params={"file_name": "firmware.bin"}, content=content)
        upload_id = _answer(answer)["id"]
        package = {"product_key": product_key, "name": f"firmware_{upload_id}"[:40], "version": version}
        return int(self.post("/ota/packages", {**package, "upload_id": upload_id})["id"])

    def start_job(self, package_id: int, **options: Any) -> int:
        """Start a rollout and return the job's id."""
        return int(self.post("/ota/jobs", {"package_id": package_id, **options})["id"])

    def wait_for_job(self, job_id: int, status: str, within_s: float = 60) -> Shown:
        """Return the job once it has this status."""
        wait_until(lambda: self.get(f"/ota/jobs/{job_id}")["status"], status, within_s)
        job: Shown = self.get(f"/ota/jobs/{job_id}")
        return job

    def tasks(self, job_id: int) -> list[Shown]:
        """Return the first tasks of a job."""
        tasks: list[Shown] = self.get(f"/ota/jobs/{job_id}/tasks")["items"]
        return tasks

    def keep_messages(self, device: Shown) -> None:
        """Switch the live message log of a device on."""
        _answer(self.client.put(f"{path_of(device)}/messages", json={"on": True}))

    def send(self, device: Shown, path: str, text: str) -> None:
        """Send a device a message on a custom topic."""
        self.post(f"{path_of(device)}/messages", {"path": path, "payload": text})

    def messages(self, device: Shown) -> list[Shown]:
        """Return the messages kept of a device."""
        messages: list[Shown] = self.get(f"{path_of(device)}/messages")["items"]
        return messages


def wait_until(look: Callable[[], Any], wanted: Any, within_s: float = 60) -> None:
    """Look again and again until ``look`` returns what is wanted."""
    deadline = time.monotonic() + within_s
    while (seen := look()) != wanted:
        assert time.monotonic() < deadline, f"after {within_s:g} s still {seen!r}, not {wanted!r}"
        time.sleep(_LOOK_AGAIN_S)


def path_of(device: Shown) -> str:
    """Return the path of a device's routes."""
    return f"/products/{device['product_key']}/devices/{device['device_name']}"


def _answer(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.method} {answer.request.url} → {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None
