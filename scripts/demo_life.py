"""What goes on at a server that is looked at: devices that are online, what they get, people and scripts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.demo_data import PUMPS, SETTLED
from tests.support.fleet import simulated
from tests.support.operator import Operator, Shown, path_of, wait_until
from tests.support.server import Server

NETWORK = "10.20.0.0/16"
"""Where the webhook would be; nobody answers there."""
_BEHAVIOUR, _RATE = "succeed=80,fail:-2=8,fail:-4=4,hang=8", 16
_CONFIGURATION = f"/products/{PUMPS}/configuration"
_DOCUMENTS = (
    ({"report_every_s": 60, "pressure": {"low_kpa": 120, "high_kpa": 480}}, "First values"),
    ({"report_every_s": 60, "pressure": {"low_kpa": 120, "high_kpa": 450}}, "Quieter at night"),
    ({"report_every_s": 30, "pressure": {"low_kpa": 120, "high_kpa": 450}, "night": {"from": "22:00"}}, "Night mode"),
)


@contextmanager
def life(server: Server, operator: Operator, folder: Path) -> Iterator[None]:
    """Have life at a server that `scripts.demo_data` filled, until the block ends."""
    found = operator.get("/devices", product_key=PUMPS, module="default", version=SETTLED, limit=100)["items"]
    pumps = [_with_secret(operator, pump) for pump in found]
    operator.keep_messages(pumps[0])
    _people(operator)
    _configure(operator)
    with simulated(server, pumps, folder, behaviour=_BEHAVIOUR, version=SETTLED):
        wait_until(lambda: operator.get("/devices", product_key=PUMPS, online="true", limit=1)["total"], len(pumps))
        operator.post("/groups/1/members", {"devices": [_key(pump) for pump in pumps[:12]]})
        push = operator.post(f"{_CONFIGURATION}/pushes", {})
        path = f"/configuration/pushes/{push['id']}"
        wait_until(lambda: operator.get(path)["counts"].get("ACKNOWLEDGED", 0) >= len(pumps), True)
        _roll_out(operator)
        yield


def _roll_out(operator: Operator) -> None:
    """Begin a rollout that is half done when this returns."""
    upload = operator.client.post("/uploads", params={"file_name": "firmware.bin"}, content=b"firmware" * 20_000).json()
    package = {"product_key": PUMPS, "name": "pump-firmware-2-1-0", "version": "2.1.0", "upload_id": upload["id"]}
    package_id = operator.post("/ota/packages", package)["id"]
    job_id = operator.start_job(package_id, source_versions=[SETTLED], rate_per_minute=_RATE)
    path = f"/ota/jobs/{job_id}"
    wait_until(lambda: operator.get(path)["counts"]["SUCCEEDED"] >= _RATE, wanted=True, within_s=180)


def _with_secret(operator: Operator, device: Shown) -> Shown:
    return device | {"device_secret": operator.post(f"{path_of(device)}/secret", {})["secret"]}


def _key(device: Shown) -> dict[str, Any]:
    return {name: device[name] for name in ("product_key", "device_name")}


def _people(operator: Operator) -> None:
    operator.post("/users", {"name": "ana", "grants": [{"role": "operator"}]})
    operator.post("/users", {"name": "li.wei", "grants": [{"role": "viewer", "product_key": PUMPS}]})
    operator.post("/tokens", {"name": "Release pipeline"})
    hook = {"url": "http://10.20.0.5/hooks/linkops", "kinds": ["ota.job_changed"], "description": "Ticket system"}
    operator.post("/webhooks", hook)


def _configure(operator: Operator) -> None:
    for number, (document, comment) in enumerate(_DOCUMENTS):
        draft = {"content": json.dumps(document, indent=2), "base_version": number, "comment": comment}
        operator.client.put(f"{_CONFIGURATION}/document", json=draft).raise_for_status()
    operator.client.put(f"{_CONFIGURATION}/switch", json={"enabled": True}).raise_for_status()
