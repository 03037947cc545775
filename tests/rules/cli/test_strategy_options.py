"""What options say, and what a file says, as REST wants it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from linkops.cli.failures import CommandFailed
from linkops.cli.job_pace import Pace, pace_body
from linkops.cli.job_scope import Scope, check_scope
from linkops.cli.job_strategy import (
    Conflicts,
    Delivery,
    Failures,
    Safety,
    Schedule,
    Strategy,
    StrategyFile,
    strategy_body,
)

NOW = datetime(2026, 12, 24, 18, 0, tzinfo=UTC)
HOUR_MS = 3_600_000


def body(**groups: Any) -> dict[str, Any]:
    """Return the strategy of these groups of options, and of the usual ones for the others."""
    usual: dict[str, Any] = {
        "file": StrategyFile(),
        "pace": Pace(unlimited=True),
        "schedule": Schedule(),
        "failures": Failures(),
        "safety": Safety(),
        "delivery": Delivery(),
        "conflicts": Conflicts(),
    }
    return strategy_body(Strategy(**{**usual, **groups}), NOW)


def test_only_the_pace_has_to_be_said() -> None:
    assert body() == {"rate_per_minute": None}
    with pytest.raises(CommandFailed, match="--rate N"):
        body(pace=Pace())


@pytest.mark.parametrize(
    "pace", [Pace(rate=5, unlimited=True), Pace(rate=5, rate_base=5), Pace(unlimited=True, rate_most=9)]
)
def test_a_pace_is_said_in_one_way(pace: Pace) -> None:
    with pytest.raises(CommandFailed, match="Say how fast"):
        pace_body(pace, required=False)


def test_a_growing_rate_needs_a_beginning_and_a_threshold() -> None:
    with pytest.raises(CommandFailed, match="--rate-base"):
        pace_body(Pace(rate_per_notified=100), required=True)
    with pytest.raises(CommandFailed, match="--rate-per-notified"):
        pace_body(Pace(rate_base=100), required=True)
    grown = pace_body(Pace(rate_base=10, rate_per_succeeded=100), required=True)
    assert grown == {"growth": {"base_per_minute": 10, "factor": 2.0, "succeeded": 100}}


def test_of_a_growing_rate_only_what_is_said_becomes_another() -> None:
    before = {"base_per_minute": 10, "factor": 1.5, "notified": 100, "succeeded": None, "most_per_minute": 500}
    assert pace_body(Pace(rate_most=900), required=False, before=before) == {
        "growth": {**before, "most_per_minute": 900}
    }


def test_the_finish_counts_from_the_start() -> None:
    said = body(schedule=Schedule(start="+2h", finish="+8h"))
    now = int(NOW.timestamp() * 1_000)
    assert (said["start_at"], said["finish_at"]) == (now + 2 * HOUR_MS, now + 10 * HOUR_MS)


def test_no_minutes_are_never() -> None:
    said = body(failures=Failures(notify_timeout_min=0, timeout_min=0.5))
    assert (said["notify_timeout_s"], said["timeout_s"]) == (None, 30)


def test_retries() -> None:
    said = body(failures=Failures(retry=3, retry_after_min=30, retry_backoff=2, retry_timeouts=True))
    assert said["retry"] == {"count": 3, "interval_s": 1_800, "backoff": 2, "timeouts": True}
    with pytest.raises(CommandFailed, match="--retry COUNT"):
        body(failures=Failures(retry_timeouts=True))


def test_safety_and_devices() -> None:
    said = body(
        safety=Safety(stage=["10:95", "50"], abort=["timeout:5"], approval=True),
        delivery=Delivery(confirm=True, pull_only=True, mqtt=True, tag=["ring=early"]),
        conflicts=Conflicts(overwrite=True),
    )
    assert [stage["percent"] for stage in said["stages"]] == [10, 50]
    assert said["abort"][0]["kind"] == "timeout"
    assert said["tags"] == {"ring": "early"}
    flags = ("approval", "need_confirm", "need_push", "download", "overwrite")
    assert [said[flag] for flag in flags] == [True, True, False, "MQTT", True]


def test_options_win_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "night.json"
    file.write_text(json.dumps({"rate_per_minute": 100, "timeout_s": 60, "need_push": False}))
    written = StrategyFile(strategy=file)
    assert body(file=written, pace=Pace()) == {"rate_per_minute": 100, "timeout_s": 60, "need_push": False}
    said = body(file=written, pace=Pace(rate_base=10, rate_per_notified=5), failures=Failures(timeout_min=2))
    assert said["timeout_s"] == 120
    assert "rate_per_minute" not in said


@pytest.mark.parametrize("text", ["{", "[]", "[" * 100_000])
def test_a_file_that_holds_no_strategy_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(text)
    with pytest.raises(CommandFailed, match=r"wrong\.json"):
        body(file=StrategyFile(strategy=file), pace=Pace())


@pytest.mark.parametrize(
    "scope",
    [
        Scope(package=1),
        Scope(package=1, every=True, gray=5),
        Scope(package=1, devices="a", group=3),
        Scope(package=1, every=True, refusals=Path("x")),
        Scope(package=1, every=True, only_new_reports=True),
    ],
)
def test_devices_are_said_in_one_way(scope: Scope) -> None:
    with pytest.raises(CommandFailed):
        check_scope(scope)
