"""A job in words."""

from typing import Any

from linkops.cli import job_view
from linkops.cli.output import moment

NOW = 1_800_000_000_000
HOUR_MS = 3_600_000
WINDOW = {"days": [1, 2, 3, 4, 5], "start": "22:00", "end": "04:00", "zone": "Europe/Berlin"}


def job(**fields: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "id": 12,
        "status": "IN_PROGRESS",
        "hold": "",
        "stage": None,
        "stages": [],
        "windows": [],
        "window_opens_at": 0,
        "window_closes_at": None,
        "start_at": None,
        "ended_at": None,
        "stop_reason": "",
        "targets": "ALL",
        "selection": "STATIC",
    }
    return {**usual, **fields}


def test_a_hold_says_what_to_do() -> None:
    assert job_view.holds(job()) == ""
    assert "linkops job approve 12" in job_view.holds(job(hold="approval"))
    assert "stage 2" in job_view.holds(job(hold="stage", stage=1))
    assert "too few devices of stage 1 succeeded" in job_view.holds(job(hold="gate", stage=0))


def test_stages_are_counted_from_one() -> None:
    stages = [{"percent": 1.0, "success_percent": None}, {"percent": 10.0, "success_percent": 95.0}]
    assert job_view.stage(job(stages=stages, stage=1)) == "2 of 2 (to 10 % of the devices; 1 | 10:95)"
    assert job_view.stage(job(stages=stages)) == "none yet of 1 | 10:95"
    assert job_view.stage(job(stages=stages, stage=2)).startswith("all that are left")


def test_a_window_says_whether_it_is_open() -> None:
    times = {"window_opens_at": NOW - HOUR_MS, "window_closes_at": NOW + HOUR_MS}
    shown = job_view.window(job(windows=[WINDOW], **times), NOW)
    assert shown == f"open until {moment(NOW + HOUR_MS)} (mon-fri 22:00-04:00 Europe/Berlin)"
    assert job_view.window(job(**times), NOW - 2 * HOUR_MS) == f"opens {moment(NOW - HOUR_MS)} (of the product)"
    assert job_view.window(job(**times), NOW + 2 * HOUR_MS) == "closed (of the product)"
    assert job_view.window(job(), NOW) == ""


def test_who_watches_is_told_what_holds_and_what_stopped_it() -> None:
    assert job_view.notes(job(), NOW) == []
    assert job_view.notes(job(hold="paused"), NOW) == ["paused: linkops job resume 12"]
    assert job_view.notes(job(stop_reason="aborted: 3 of 4 devices failed"), NOW) == ["aborted: 3 of 4 devices failed"]
    assert job_view.notes(job(windows=[WINDOW], ended_at=NOW), NOW) == []
    assert job_view.notes(job(status="PLANNED", start_at=NOW), NOW) == [f"starts {moment(NOW)}"]


def test_targets() -> None:
    assert job_view.targets(job()) == "ALL"
    assert job_view.targets(job(targets="GRAY", percent=12.5)) == "GRAY 12.5 %"
    regions = [{"province": "Bavaria", "city": "Munich"}, {"province": "Hesse", "city": ""}]
    assert job_view.targets(job(targets="REGION", regions=regions)) == "REGION Bavaria/Munich, Hesse"
    dynamic = job(selection="DYNAMIC", dynamic_mode="new_reports")
    assert job_view.targets(dynamic) == "ALL, only those that report such a version from now on"


def test_a_rate_that_grows() -> None:
    growth = {"factor": 1.5, "notified": 1_000, "succeeded": None, "most_per_minute": 5_000}
    shown = job_view.pace({"rate_per_minute": 100, "growth": growth})
    assert shown == "100/min, x1.5 every 1,000 notified, 5,000/min at most"
    assert job_view.pace({"rate_per_minute": None}) == "unlimited"


def test_time_spans() -> None:
    assert [job_view.span(seconds) for seconds in (None, 90, 600, 86_400)] == ["never", "90 s", "10 min", "24 h"]
