"""How a rollout goes about it: options, and the strategy that REST makes of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.job_pace import Pace, pace_body
from linkops.cli.notation import (
    ABORT_HELP,
    STAGE_HELP,
    TIME_HELP,
    WINDOW_HELP,
    read_abort,
    read_all,
    read_stage,
    read_tags,
    read_time,
    read_window,
)

_WHEN = "When"
_FAILURES = "What becomes of failures"
_SAFETY = "Safety"
_DEVICES = "What devices do"


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When, as somebody says it."""

    start: Annotated[str | None, typer.Option(metavar="TIME", rich_help_panel=_WHEN, help=f"A time, {TIME_HELP}")] = (
        None
    )
    finish: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", rich_help_panel=_WHEN, help="Cancel what is unfinished then; +8h: after the start."
        ),
    ] = None
    window: Annotated[
        list[str] | None, typer.Option(metavar="WINDOW", rich_help_panel=_WHEN, help=f"{WINDOW_HELP} May be repeated.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class Failures:
    """What becomes of devices that fail or say nothing."""

    timeout_min: Annotated[
        float | None,
        typer.Option(min=0, rich_help_panel=_FAILURES, help="A device fails so many minutes after its first progress."),
    ] = None
    notify_timeout_min: Annotated[
        float | None,
        typer.Option(
            min=0,
            rich_help_panel=_FAILURES,
            help="A device fails that reports no progress for so long after the first offer; 0: never. Else a day.",
        ),
    ] = None
    retry: Annotated[
        int | None,
        typer.Option(min=0, metavar="COUNT", rich_help_panel=_FAILURES, help="Offer it so often again after failures."),
    ] = None
    retry_after_min: Annotated[
        float | None, typer.Option(min=0, rich_help_panel=_FAILURES, help="So many minutes after the failure; else 10.")
    ] = None
    retry_backoff: Annotated[
        float | None,
        typer.Option(min=1, rich_help_panel=_FAILURES, help="Each time so many times later than the last time."),
    ] = None
    retry_timeouts: Annotated[
        bool, typer.Option("--retry-timeouts", rich_help_panel=_FAILURES, help="Time-outs, too.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class Safety:
    """What holds a rollout back, or stops it."""

    stage: Annotated[
        list[str] | None, typer.Option(metavar="STAGE", rich_help_panel=_SAFETY, help=f"{STAGE_HELP} May be repeated.")
    ] = None
    abort: Annotated[
        list[str] | None, typer.Option(metavar="LIMIT", rich_help_panel=_SAFETY, help=f"{ABORT_HELP} May be repeated.")
    ] = None
    approval: Annotated[
        bool, typer.Option("--approval", rich_help_panel=_SAFETY, help="Somebody else must let it start.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What devices do with it."""

    confirm: Annotated[
        bool, typer.Option("--confirm", rich_help_panel=_DEVICES, help="Each waits for linkops job confirm.")
    ] = False
    pull_only: Annotated[
        bool, typer.Option("--pull-only", rich_help_panel=_DEVICES, help="They get it only by asking.")
    ] = False
    mqtt: Annotated[
        bool, typer.Option("--mqtt", rich_help_panel=_DEVICES, help="They download over MQTT; 16 MiB at most.")
    ] = False
    tag: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", rich_help_panel=_DEVICES, help="Handed to them; may be repeated."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Conflicts:
    """What becomes of other updates of the same devices."""

    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite", rich_help_panel=_DEVICES, help="Cancel their unfinished other updates, unless under way."
        ),
    ] = False
    multi_module: Annotated[
        bool, typer.Option("--multi-module", rich_help_panel=_DEVICES, help="They may update several modules at once.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class StrategyFile:
    """A strategy that was written down before."""

    strategy: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="JSON with fields of POST /ota/jobs, as rate_per_minute; options win."
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """All of it."""

    file: StrategyFile
    pace: Pace
    schedule: Schedule
    failures: Failures
    safety: Safety
    delivery: Delivery
    conflicts: Conflicts


def strategy_body(strategy: Strategy, now: datetime | None = None) -> dict[str, Any]:
    """Return a strategy as REST wants it: what the file says, and what options say instead.

    Raises:
        CommandFailed: when an option or the file is not understood, or no rate is said.
    """
    written = _written(strategy.file.strategy)
    pace = pace_body(strategy.pace, required=not {"rate_per_minute", "growth"} & set(written))
    if pace:
        written = {name: value for name, value in written.items() if name not in {"rate_per_minute", "growth"}}
    return {
        **written,
        **pace,
        **_schedule(strategy.schedule, now or datetime.now(UTC).astimezone()),
        **_failures(strategy.failures),
        **_safety(strategy.safety),
        **delivery_body(strategy.delivery),
        **_conflicts(strategy.conflicts),
    }


def _written(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        document = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise CommandFailed(f"{file} is not JSON: {error}") from None
    if not isinstance(document, Mapping):
        raise CommandFailed(f'{file} holds no strategy: write an object as {{"rate_per_minute": 100}}.')
    return dict(document)


def _schedule(schedule: Schedule, now: datetime) -> dict[str, Any]:
    body: dict[str, Any] = {}
    begin = now
    if schedule.start is not None:
        body["start_at"] = read_time(schedule.start, now)
        begin = datetime.fromtimestamp(body["start_at"] / 1_000, now.tzinfo)
    if schedule.finish is not None:
        body["finish_at"] = read_time(schedule.finish, now, begin)
    if schedule.window:
        body["windows"] = read_all(read_window, schedule.window)
    return body


def _failures(failures: Failures) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if failures.timeout_min is not None:
        body["timeout_s"] = seconds(failures.timeout_min)
    if failures.notify_timeout_min is not None:
        body["notify_timeout_s"] = seconds(failures.notify_timeout_min)
    further = (failures.retry_after_min, failures.retry_backoff, failures.retry_timeouts or None)
    if failures.retry:
        body["retry"] = _retry(failures, failures.retry)
    elif any(value is not None for value in further):
        raise CommandFailed("Say how often: --retry COUNT.")
    elif failures.retry == 0:
        body["retry"] = None
    return body


def _retry(failures: Failures, count: int) -> dict[str, Any]:
    after_min = 10.0 if failures.retry_after_min is None else failures.retry_after_min
    retry: dict[str, Any] = {"count": count, "interval_s": round(after_min * 60), "timeouts": failures.retry_timeouts}
    return retry | ({} if failures.retry_backoff is None else {"backoff": failures.retry_backoff})


def seconds(minutes: float) -> int | None:
    """Return minutes as REST wants a time-out: 0 is never."""
    return round(minutes * 60) or None


def _safety(safety: Safety) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if safety.stage:
        body["stages"] = read_all(read_stage, safety.stage)
    if safety.abort:
        body["abort"] = read_all(read_abort, safety.abort)
    return body | ({"approval": True} if safety.approval else {})


def delivery_body(delivery: Delivery) -> dict[str, Any]:
    """Return what devices do as REST wants it, as far as it was said."""
    body: dict[str, Any] = {"tags": read_tags(delivery.tag)} if delivery.tag else {}
    if delivery.confirm:
        body["need_confirm"] = True
    if delivery.pull_only:
        body["need_push"] = False
    return body | ({"download": "MQTT"} if delivery.mqtt else {})


def _conflicts(conflicts: Conflicts) -> dict[str, Any]:
    said = {"overwrite": conflicts.overwrite, "multi_module": conflicts.multi_module}
    return {name: True for name, chosen in said.items() if chosen}
