"""Webhooks and events in a terminal."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.operator import Operator
from tests.support.server import Server

WITHIN_S = 120


@pytest.fixture
def environment(server: Server, operator: Operator, tmp_path: Path) -> dict[str, str]:
    """Who commands are run as."""
    token = str(operator.client.headers["Authorization"]).removeprefix("Bearer ")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LINKOPS_")}
    home = {"XDG_CONFIG_HOME": str(tmp_path), "LINKOPS_URL": server.http, "LINKOPS_TOKEN": token}
    return {**inherited, **home, "COLUMNS": "200"}


def linkops(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "linkops", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def test_a_webhook_from_the_cradle_to_the_grave(environment: dict[str, str]) -> None:
    def run(*arguments: str) -> str:
        done = linkops(environment, "webhook", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    # Nothing of this kind happens in this file, so that nothing is posted.
    made = json.loads(run("create", "https://93.184.216.34/hook", "--kind", "ota.progress", "--json"))
    number = str(made["id"])
    assert "93.184.216.34" in run("list")
    assert "is disabled (operator)" in run("edit", number, "--disable", "--description", "Later")
    assert "Later" in run("show", number)
    assert run("rotate-secret", number, "--grace-h", "1", "--yes").strip() not in {"", made["secret"]}
    assert "No dead letters." in run("dead-letters", number)
    refused = linkops(environment, "webhook", "replay", number, "--all")
    assert (refused.returncode, refused.stderr) == (1, f"The webhook {number} is disabled.\n")
    assert "Name dead letters" in linkops(environment, "webhook", "replay", number).stderr
    assert "Deleted 0 dead letters." in run("discard", number, "--all", "--yes")
    assert linkops(environment, "webhook", "delete", number).returncode == 1
    run("delete", number, "--yes")
    assert "No webhooks." in run("list")
    inside = linkops(environment, "webhook", "create", "http://localhost/", "--kind", "ota.progress")
    assert (inside.returncode, "allowed networks" in inside.stderr) == (1, True)


def test_events_are_listed_and_followed(operator: Operator, environment: dict[str, str]) -> None:
    product = operator.post("/products", {"name": "Pumps"})["product_key"]
    for name in ("pump-1", "pump-2"):
        device = operator.add_device(product, name)
        operator.post("/devices/disable", {"devices": [{"product_key": product, "device_name": name}]})
    followed = linkops(environment, "event", "tail", "--product", product, "--after", "0", "--count", "2", "--json")
    assert followed.returncode == 0, followed.stderr
    events = [json.loads(line) for line in followed.stdout.splitlines()]
    assert [(event["kind"], event["payload"]["deviceName"]) for event in events] == [
        ("device.disabled", "pump-1"),
        ("device.disabled", "pump-2"),
    ]
    only = linkops(
        environment, "event", "tail", "--device", f"{product}/{device['device_name']}", "--after", "0", "--count", "1"
    )
    assert f"device.disabled       {product}/pump-2" in only.stdout
    listed = linkops(environment, "event", "list", "--kind", "device.disabled", "--limit", "1")
    assert "pump-2" in listed.stdout
    assert "pump-1" not in listed.stdout
    nobody = linkops({**environment, "LINKOPS_TOKEN": "lo_" + "x" * 43}, "event", "tail")
    assert nobody.returncode == 3


def test_figures_are_shown(server: Server, operator: Operator) -> None:
    text = operator.client.get(f"{server.http}/metrics").text
    for name in ("linkops_webhook_events_total", "linkops_webhook_dead_letters", "linkops_event_streams"):
        assert f"\n{name} 0.0\n" in text
