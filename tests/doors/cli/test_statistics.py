"""What an operator looks at in a terminal after a rollout, and takes away as files."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.operator import Operator, wait_until
from tests.support.server import Server

WITHIN_S = 120


@pytest.fixture
def job(operator: Operator) -> int:
    """A job over three devices, none of which ever connects."""
    key = operator.post("/products", {"name": "Pumps", "product_key": "pumps"})["product_key"]
    for number in range(3):
        operator.add_device(key, f"pump-{number}")
    job = operator.start_job(operator.add_package(key, "2.0", b"image"))
    wait_until(lambda: operator.get(f"/ota/jobs/{job}")["filled_at"] is not None, True)
    return job


def test_results_and_charts_in_a_terminal(server: Server, operator: Operator, job: int, tmp_path: Path) -> None:
    token = operator.client.headers["Authorization"].removeprefix("Bearer ")

    def linkops(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "linkops", *arguments],
            cwd=tmp_path,
            env={**os.environ, "LINKOPS_URL": server.http, "LINKOPS_TOKEN": token},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )

    saved = linkops("job", "results", str(job), "--output", "results.csv")
    assert saved.returncode == 0, saved.stderr
    with (tmp_path / "results.csv").open(newline="") as file:
        assert [row["device_name"] for row in csv.DictReader(file)] == ["pump-0", "pump-1", "pump-2"]
    again = linkops("job", "results", str(job), "--output", "results.csv")
    assert (again.returncode, again.stderr) == (1, "results.csv exists already.\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results.csv"]
    assert linkops("job", "results", str(job), "--status", "FAILED").stdout.count("\n") == 1
    assert "no job" in linkops("job", "results", "4711").stderr.lower()

    outcomes = linkops("stats", "outcomes", "--job", str(job))
    assert "(never reported)" in outcomes.stdout, outcomes.stderr
    assert "100.00%" in outcomes.stdout
    assert json.loads(linkops("stats", "outcomes", "--product", "pumps", "--json").stdout)["unfinished"] == 3
    assert linkops("stats", "outcomes", "--csv", "outcomes.csv").stdout == "Wrote outcomes.csv.\n"
    assert (tmp_path / "outcomes.csv").read_text().splitlines()[1] == ",3,100.00%,0,0,0,3,,"

    assert linkops("stats", "versions", "pumps").stdout == "No device has reported this module.\n"
    assert linkops("stats", "devices", "pumps", "--version", "2.0").stdout == "No such devices.\n"
