"""A rollout as somebody fills it in: what the fields of the wizard hold, and the rollout that they ask for."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from linkops.errors import Invalid
from linkops.ota.model import Region, Scope, Selection, Targets
from linkops.ota.strategy import (
    Abort,
    AbortKind,
    DownloadProtocol,
    DynamicMode,
    Growth,
    Retry,
    Stage,
    Strategy,
    Window,
)
from linkops.ota.strategy_check import RATES
from linkops.ota.targeting import NewJob

Row = dict[str, Any]
_BETWEEN_NAMES = re.compile(r"[\s,;，；、]+")  # noqa: RUF001 - as people paste lists


@dataclass(slots=True)
class Draft:
    """What was filled in so far; numbers are as inputs give them, and None where nothing stands.

    Attributes:
        names: of devices, as they were typed or pasted.
        listed: names of an uploaded list instead, as its number; `listed_devices` is how many it has.
        rate_kind: ``constant``, ``growing`` or ``unlimited``.
        start_at: as an input for date and time says it, in the viewer's zone; the same with `finish_at`.
        tags: rows of ``key`` and ``value``; the other rows have the members of what they stand for.
    """

    selection: str = Selection.STATIC
    targets: str = Targets.ALL
    names: str = ""
    listed: int | None = None
    listed_devices: int = 0
    percent: float | None = 10
    group_id: int | None = None
    regions: list[Row] = field(default_factory=lambda: [{"province": "", "city": ""}])
    versions: list[str] = field(default_factory=list)
    dynamic_mode: str = DynamicMode.ALL_MATCHING
    start: str = "now"
    start_at: str = ""
    finish_at: str = ""
    rate_kind: str = "constant"
    rate: float | None = 1_000
    base: float | None = 50
    factor: float | None = 2
    notified: float | None = 1_000
    succeeded: float | None = None
    most: float | None = 1_000
    timeout_min: float | None = 60
    notify_timeout_h: float | None = 24
    retries: float | None = 0
    retry_min: float | None = 10
    backoff: float | None = 1
    retry_timeouts: bool = False
    need_push: bool = True
    need_confirm: bool = False
    overwrite: bool = False
    multi_module: bool = False
    download: str = DownloadProtocol.HTTPS
    approval: bool = False
    stages: list[Row] = field(default_factory=list)
    aborts: list[Row] = field(
        default_factory=lambda: [{"kind": AbortKind.ANY, "percent": 20, "failures": None, "after": 10}]
    )
    windows: list[Row] = field(default_factory=list)
    tags: list[Row] = field(default_factory=list)


def device_names(text: str) -> tuple[str, ...]:
    """Return the names in a text, apart by blanks, lines, commas or semicolons; each once.

    >>> device_names("pump-1, pump-2; pump-1")
    ('pump-1', 'pump-2')
    """
    return tuple(dict.fromkeys(name for name in _BETWEEN_NAMES.split(text) if name))


def new_job(draft: Draft, package_id: int, zone: ZoneInfo) -> NewJob:
    """Return the rollout that a draft asks for.

    Raises:
        Invalid: a field that has to be filled in is empty; what the fields say is looked at by the service.
    """
    targets, dynamic = Targets(draft.targets), draft.selection == Selection.DYNAMIC
    named = targets is Targets.SPECIFIC and draft.listed is None
    return NewJob(
        package_id=package_id,
        selection=Selection(draft.selection),
        targets=targets,
        device_names=device_names(draft.names) if named else (),
        device_list_id=draft.listed if targets is Targets.SPECIFIC else None,
        scope=_scope(draft, targets),
        source_versions=() if targets in {Targets.SPECIFIC, Targets.GROUP} else tuple(draft.versions),
        strategy=strategy(draft, zone, dynamic=dynamic),
        tags={row["key"].strip(): row["value"] or "" for row in draft.tags if (row["key"] or "").strip()},
    )


def _scope(draft: Draft, targets: Targets) -> Scope:
    if targets is Targets.GRAY:
        return Scope(percent=_number(draft.percent, "percent", "job.percent_invalid"))
    if targets is Targets.GROUP:
        return Scope(group_id=draft.group_id)
    if targets is Targets.REGION:
        rows = [(row["province"] or "", row["city"] or "") for row in draft.regions]
        filled = [(province.strip(), city.strip()) for province, city in rows if province.strip() or city.strip()]
        return Scope(regions=tuple(Region(province=province, city=city) for province, city in filled))
    return Scope()


def strategy(draft: Draft, zone: ZoneInfo, *, dynamic: bool) -> Strategy:
    """Return how a draft wants to go about it; what a dynamic rollout cannot have is left out.

    Raises:
        Invalid: a field that has to be filled in is empty.
    """
    later = draft.start == "at" and not dynamic
    return Strategy(
        rate_per_minute=_rate(draft.rate, "rate_per_minute") if draft.rate_kind == "constant" else None,
        growth=growth(draft) if draft.rate_kind == "growing" else None,
        timeout_s=_times(draft.timeout_min, 60),
        notify_timeout_s=_times(draft.notify_timeout_h, 3_600),
        retry=_retry(draft),
        need_push=draft.need_push,
        need_confirm=draft.need_confirm,
        overwrite=draft.overwrite,
        multi_module=draft.multi_module,
        download=DownloadProtocol(draft.download),
        start_at=_needed_moment(draft.start_at, zone) if later else None,
        finish_at=moment(draft.finish_at, zone, "finish_at", "job.finish_invalid") if later else None,
        dynamic_mode=DynamicMode(draft.dynamic_mode) if dynamic else DynamicMode.ALL_MATCHING,
        abort=aborts(draft.aborts),
        stages=() if dynamic else tuple(_stage(number, row) for number, row in enumerate(draft.stages)),
        windows=windows(draft.windows),
        approval=draft.approval,
    )


def growth(draft: Draft) -> Growth:
    """Return the growing rate of a draft.

    Raises:
        Invalid: a field that has to be filled in is empty.
    """
    return Growth(
        base_per_minute=_rate(draft.base, "growth.base_per_minute"),
        factor=_number(draft.factor, "growth.factor", "job.growth_factor", least=1.1, most=5.0),
        notified=_whole(draft.notified),
        succeeded=_whole(draft.succeeded),
        most_per_minute=_rate(draft.most, "growth.most_per_minute"),
    )


def aborts(rows: list[Row]) -> tuple[Abort, ...]:
    """Return the limits that rows describe."""
    return tuple(
        Abort(
            kind=AbortKind(row["kind"]),
            percent=row["percent"],
            failures=_whole(row["failures"]),
            after=_whole(row["after"]) or 1,
        )
        for row in rows
    )


def windows(rows: list[Row]) -> tuple[Window, ...]:
    """Return the times of the week that rows describe."""
    return tuple(
        Window(days=tuple(sorted(row["days"])), start=row["start"] or "", end=row["end"] or "", zone=row["zone"] or "")
        for row in rows
    )


def moment(text: str, zone: ZoneInfo, name: str, code: str) -> int | None:
    """Return a date and time of a zone, as inputs give it, in Unix milliseconds; None if there is none.

    Raises:
        Invalid: it is no date and time.
    """
    if not text:
        return None
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1_000)
    except (ValueError, OverflowError):
        raise Invalid(code, field=name) from None


def _needed_moment(text: str, zone: ZoneInfo) -> int:
    at = moment(text, zone, "start_at", "job.start_invalid")
    if at is None:
        raise Invalid("job.start_invalid", field="start_at")
    return at


def _retry(draft: Draft) -> Retry | None:
    count = _whole(draft.retries)
    if not count:
        return None
    return Retry(
        interval_s=_times(draft.retry_min, 60) or 0,
        count=count,
        backoff=1.0 if draft.backoff is None else float(draft.backoff),
        timeouts=draft.retry_timeouts,
    )


def _stage(number: int, row: Row) -> Stage:
    percent = _number(row["percent"], f"stages.{number}.percent", "job.percent_invalid")
    success = None
    if row["gate"] == "success":
        success = _number(row["success_percent"], f"stages.{number}.success_percent", "job.percent_invalid")
    return Stage(percent=percent, success_percent=success)


def _rate(value: float | None, name: str) -> int:
    return int(_number(value, name, "job.rate_invalid", least=RATES[0], most=RATES[-1]))


def _number(value: float | None, name: str, code: str, **limits: object) -> float:
    if value is None:
        raise Invalid(code, field=name, **limits)
    return float(value)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _times(value: float | None, seconds: int) -> int | None:
    return None if value is None else round(value * seconds)
