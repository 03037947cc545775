"""What an operator does with rollouts in a terminal, with devices on the wire."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from linkops.simulator import DeviceIdentity
from tests.support.operator import Operator, wait_until
from tests.support.restarts import add_fleet
from tests.support.server import Server
from tests.support.switched_on import switched_on
from tests.support.terminal import Terminal

pytestmark = pytest.mark.timeout(300)


class Site(NamedTuple):
    """Devices that nobody has switched on, a package for them, and a terminal."""

    terminal: Terminal
    operator: Operator
    product_key: str
    identities: list[DeviceIdentity]
    package: int

    def job(self, job_id: int) -> Any:
        return self.operator.get(f"/ota/jobs/{job_id}")

    def wait_for_tasks(self, job_id: int, status: str, count: int) -> None:
        wait_until(lambda: self.job(job_id)["counts"][status], count)


@pytest.fixture
def terminal(server: Server, administered_data: tuple[Path, str], tmp_path: Path) -> Terminal:
    return Terminal(server, tmp_path, administered_data[1])


@pytest.fixture
def build(terminal: Terminal, operator: Operator) -> Callable[[int], Site]:
    def build(devices: int) -> Site:
        key, identities = add_fleet(operator, devices)
        return Site(terminal, operator, key, identities, operator.add_package(key, "2.0.0", b"firmware" * 100))

    return build


def test_stages_are_watched_and_resumed(server: Server, build: Callable[[int], Site]) -> None:
    site = build(4)
    say = site.terminal.says
    with switched_on(server.mqtt, site.identities):
        preview = say("job", "preview", "--package", site.package, "--all", "--unlimited")
        assert "devices:        4" in preview
        guarded = ("--stage", "50", "--stage", "75:90", "--abort", "timeout:5", "--tag", "ring=all")
        scope = ("--package", site.package, "--all", "--rate", 6000)
        made = site.terminal.shows("job", "create", *scope, *guarded)
        job = made["id"]
        wait_until(lambda: site.job(job)["hold"], "stage")
        shown = say("job", "show", job)
        assert f"waits after stage 1 for somebody to look: linkops job resume {job}" in shown
        assert "1 of 2 (to 50 % of the devices; 50 | 75:90)" in shown
        assert "timeout:5" in shown
        assert "IN_PROGRESS, stage" in say("job", "list")
        assert "goes on" in say("job", "resume", job)
        watched = say("job", "watch", job)
        assert "4 of 4" in watched
    assert "has ended" in site.terminal.refused("job", "resume", job)
    assert site.job(job)["tags"] == {"ring": "all"}


def test_a_job_is_paused_edited_and_canceled(build: Callable[[int], Site]) -> None:
    site = build(2)
    say = site.terminal.says
    say("job", "create", "--package", site.package, "--all", "--rate-base", 10, "--rate-per-succeeded", 100,
        "--window", "daily 00:00-23:59 Europe/Berlin")  # fmt: skip
    (job,) = (row["id"] for row in site.operator.get("/ota/jobs", product_key=site.product_key)["items"])
    assert "resume" in say("job", "pause", job)
    assert "x2 every 100 succeeded" in say("job", "edit", job, "--rate-most", 500, "--no-windows")
    changed = site.job(job)
    assert (changed["growth"]["most_per_minute"], changed["growth"]["succeeded"], changed["windows"]) == (500, 100, [])
    assert "kind of rate stays" in site.terminal.refused("job", "edit", job, "--rate", 100)
    assert "Say what" in site.terminal.refused("job", "edit", job)
    assert "--yes" in site.terminal.refused("job", "cancel", job)
    site.wait_for_tasks(job, "QUEUED", 2)
    assert "CANCELED 2" in say("job", "cancel", job, "--reason", "enough", "--yes")
    assert site.job(job)["stop_reason"] == "enough"


def test_tasks_are_confirmed_and_begun_again(server: Server, build: Callable[[int], Site]) -> None:
    site = build(3)
    say = site.terminal.says
    job = site.terminal.shows("job", "create", "--package", site.package, "--all", "--unlimited", "--confirm")["id"]
    site.wait_for_tasks(job, "CONFIRM", 3)
    with switched_on(server.mqtt, site.identities, "fail:-3"):
        first = site.terminal.shows("job", "tasks", job, "--limit", 1)[0]["id"]
        assert "Confirmed 1 tasks" in say("job", "confirm", first)
        assert "Confirmed 2 tasks" in say("job", "confirm", "--job", job)
        site.wait_for_tasks(job, "FAILED", 3)
    history = say("job", "task", first)
    assert "verify" in history
    assert [word for word in ("QUEUED", "FAILED") if word not in history] == []
    watched = site.terminal.run("job", "watch", job)
    assert watched.returncode == 5
    with switched_on(server.mqtt, site.identities):
        assert "Began 3 tasks again" in say("job", "again", job, "--failed", "--why", "verify")
        say("job", "confirm", "--job", job)
        site.wait_for_tasks(job, "SUCCEEDED", 3)


def test_a_file_of_names_starts_a_job_and_says_what_was_refused(build: Callable[[int], Site], tmp_path: Path) -> None:
    site = build(3)
    names = tmp_path / "names.csv"
    names.write_text("\n".join([*(each.device_name for each in site.identities[:2]), "ghost", '"=1+1"']))
    scope = ("--package", site.package, "--file", "names.csv", "--unlimited")
    told = site.terminal.run("job", "create", *scope, "--refusals", "refused.csv")
    assert told.returncode == 0, told.stderr
    assert "2 lines name no device and were left out: see refused.csv." in told.stderr
    with (tmp_path / "refused.csv").open(newline="", encoding="utf-8") as report:
        assert [row["content"] for row in csv.DictReader(report)] == ["ghost", "'=1+1"]
    assert "exists already" in site.terminal.refused("job", "preview", *scope, "--refusals", "refused.csv")
    names.write_text("ghost\n")
    assert "No line of names.csv names a device" in site.terminal.refused("job", "preview", *scope)


def test_somebody_else_approves_and_the_product_says_so(
    server: Server, build: Callable[[int], Site], tmp_path: Path
) -> None:
    site = build(1)
    say = site.terminal.says
    window = "mon-sun 00:00-23:59 UTC"
    rule = say("product", "rule", "set", site.product_key, "--approval", "--window", window)
    assert "daily 00:00-23:59 UTC" in rule
    assert "somebody else lets each job start" in say("product", "rule", "show", site.product_key)
    made = say("job", "create", "--package", site.package, "--all", "--unlimited")
    job = site.operator.get("/ota/jobs", product_key=site.product_key)["items"][0]["id"]
    assert f"linkops job approve {job}" in made
    assert "waits until somebody else approves it" in say("job", "show", job)
    assert "Somebody else approves" in site.terminal.refused("job", "approve", job, code=3)
    assert "Approved" in say("job", "approve", job, "--override")
    assert "always" in say("product", "rule", "set", site.product_key, "--no-windows", "--no-approval")


def test_a_job_is_planned_copied_and_made_of_a_file_of_fields(build: Callable[[int], Site], tmp_path: Path) -> None:
    site = build(2)
    (tmp_path / "night.json").write_text(json.dumps({"rate_per_minute": 100, "retry": {"interval_s": 60, "count": 2}}))
    planned = site.terminal.says("job", "create", "--package", site.package, "--gray", "50", "--strategy", "night.json",
                                 "--start", "+2h", "--finish", "+8h")  # fmt: skip
    assert planned.startswith("Planned the job")
    job = site.operator.get("/ota/jobs", product_key=site.product_key)["items"][0]
    assert (job["percent"], job["finish_at"] - job["start_at"]) == (50, 8 * 3_600_000)
    shown = site.terminal.says("job", "show", job["id"])
    assert "2 times, 1 min after the failure" in shown
    copied = site.terminal.shows("job", "clone", job["id"])
    assert (copied["status"], copied["retry"]) == ("IN_PROGRESS", job["retry"])
    (tmp_path / "wrong.json").write_text('{"rate": 5}')
    wrong = site.terminal.refused(
        "job", "create", "--package", site.package, "--all", "--strategy", "wrong.json", "--unlimited"
    )
    assert "rate" in wrong


def test_a_dynamic_job_is_stopped_without_touching_its_tasks(build: Callable[[int], Site]) -> None:
    site = build(1)
    job = site.terminal.shows("job", "create", "--package", site.package, "--all", "--from", "1.0.0", "--dynamic",
                              "--only-new-reports", "--unlimited")["id"]  # fmt: skip
    assert "only those that report such a version from now on" in site.terminal.says("job", "show", job)
    assert "Canceled the job" in site.terminal.says("job", "cancel", job, "--leave-tasks", "--yes")
    assert site.job(job)["status"] == "CANCELED"


def test_a_package_is_tried_out_before_it_goes_to_many(
    server: Server, build: Callable[[int], Site], tmp_path: Path
) -> None:
    site = build(2)
    (tmp_path / "f.bin").write_bytes(b"new firmware")
    package = site.terminal.shows("package", "create", "f.bin", "--product", site.product_key, "--version", "3.0.0",
                                  "--name", f"f{site.package}", "--needs-verification")["id"]  # fmt: skip
    many = ("job", "create", "--package", package, "--all", "--unlimited")
    assert "verif" in site.terminal.refused(*many).lower()
    with switched_on(server.mqtt, site.identities):
        name = site.identities[0].device_name
        told = site.terminal.says("package", "verify", package, "--devices", name, "--timeout-min", 10, "--watch")
        assert "1 of 1" in told
        assert site.terminal.shows("package", "show", package)["status"] == "verified"
        site.terminal.says(*many)


WRONG = [
    (("--all", "--rate", "5", "--stage", "ten"), "is no stage"),
    (("--all", "--rate", "5", "--abort", "lots"), "is no limit"),
    (("--all", "--rate", "5", "--window", "nightly"), "is no window"),
    (("--all", "--rate", "5", "--start", "later"), "is no time"),
    (("--all",), "Say how fast"),
    (("--rate", "5"), "Say which devices"),
]


@pytest.mark.parametrize(("options", "lesson"), WRONG)
def test_what_is_not_understood_is_refused_before_anything_is_asked(
    terminal: Terminal, options: tuple[str, ...], lesson: str
) -> None:
    assert lesson in terminal.refused("job", "create", "--package", 1, *options)
