"""What a rollout does, in words: for the review before it starts, and for its page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from linkops.console.parts.panels import Fact
from linkops.console.parts.times import exact, lasting
from linkops.console.texts import _, n_
from linkops.ota.model import FailureKind, Scope, Selection, Targets, TaskStatus
from linkops.ota.strategy import Abort, AbortKind, DownloadProtocol, DynamicMode, Stage, Strategy, Window

STATUSES = {
    TaskStatus.CONFIRM: n_("To be confirmed"),
    TaskStatus.QUEUED: n_("To be pushed"),
    TaskStatus.NOTIFIED: n_("Pushed"),
    TaskStatus.IN_PROGRESS: n_("In progress"),
    TaskStatus.SUCCEEDED: n_("Succeeded"),
    TaskStatus.FAILED: n_("Failed"),
    TaskStatus.CANCELED: n_("Canceled"),
}
FAILURES = {
    FailureKind.CONFLICT: n_("Another update was not finished"),
    FailureKind.UPDATE: n_("Update failed (-1)"),
    FailureKind.DOWNLOAD: n_("Download failed (-2)"),
    FailureKind.VERIFY: n_("Check of the file failed (-3)"),
    FailureKind.FLASH: n_("Flashing failed (-4)"),
    FailureKind.TIMEOUT: n_("Timed out"),
    FailureKind.WRONG_VERSION: n_("Came up with another version"),
}
ABORTS = {
    AbortKind.ANY: n_("any failures"),
    AbortKind.REPORTED: n_("failures that devices report"),
    AbortKind.TIMEOUT: n_("time-outs"),
    AbortKind.WRONG_VERSION: n_("wrong versions"),
}
DAYS = (n_("Mon"), n_("Tue"), n_("Wed"), n_("Thu"), n_("Fri"), n_("Sat"), n_("Sun"))


def scope_text(targets: Targets, scope: Scope, *, named: int | None = None, group: str = "") -> str:
    """Return which devices a rollout is for; ``named``: how many devices were named, where that is known."""
    if targets is Targets.ALL:
        return _("All devices of the product")
    if targets is Targets.GRAY:
        return _("{percent} % of the devices of the product", percent=f"{scope.percent or 0:g}")
    if targets is Targets.GROUP:
        return _("Devices of the group {group}", group=group or f"#{scope.group_id}")
    if targets is Targets.REGION:
        places = ", ".join(f"{one.province} {one.city}".strip() for one in scope.regions)
        return _("Devices whose tags place them in {places}", places=places)
    return _("Named devices") if named is None else _("{count} named devices", count=f"{named:,}")


def selection_text(selection: Selection, mode: DynamicMode) -> str:
    """Return when devices are selected."""
    if selection is Selection.STATIC:
        return _("Once, when the rollout starts")
    if mode is DynamicMode.NEW_REPORTS:
        return _("Whenever a device reports one of the versions from now on")
    return _("At the start, and whenever a device comes to match later")


def versions_text(versions: Sequence[str]) -> str:
    """Return by which of their versions devices are selected."""
    return ", ".join(versions) if versions else _("Any other version, and devices that never reported one")


def rate_text(strategy: Strategy) -> str:
    """Return how fast devices are told."""
    grows = strategy.growth
    if grows is None:
        return rate_now_text(strategy.rate_per_minute)
    steps = []
    if grows.notified is not None:
        steps.append(_("{count} pushed", count=f"{grows.notified:,}"))
    if grows.succeeded is not None:
        steps.append(_("{count} succeeded", count=f"{grows.succeeded:,}"))
    return _(
        "{base} devices a minute at first, times {factor} with each {step}, at most {most}",
        base=f"{grows.base_per_minute:,}",
        factor=f"{grows.factor:g}",
        step=_(" or ").join(steps),
        most=f"{grows.most_per_minute:,}",
    )


def rate_now_text(rate: int | None) -> str:
    """Return a rate."""
    return _("As fast as it goes") if rate is None else _("{rate} devices a minute", rate=f"{rate:,}")


def when_text(strategy: Strategy) -> str:
    """Return when it starts, and is ended by force."""
    start = _("At once") if strategy.start_at is None else exact(strategy.start_at)
    if strategy.finish_at is None:
        return start
    return _("{start}; what is unfinished at {finish} is canceled", start=start, finish=exact(strategy.finish_at))


def timeout_text(strategy: Strategy) -> str:
    """Return how long devices have."""
    silent = _("A device that stays silent after the push is waited for without end")
    if strategy.notify_timeout_s is not None:
        silent = _("A device that stays silent fails {time} after the push", time=lasting(strategy.notify_timeout_s))
    if strategy.timeout_s is None:
        return _("{silent}; one that reports progress may take any time", silent=silent)
    return _(
        "{silent}; one that reports progress has {time} from its first report",
        silent=silent,
        time=lasting(strategy.timeout_s),
    )


def retry_text(strategy: Strategy) -> str:
    """Return what is done about a device that fails."""
    retry = strategy.retry
    if retry is None:
        return _("No: a device that fails has failed")
    text = _("Up to {count} times, {time} after the failure", count=retry.count, time=lasting(retry.interval_s))
    if retry.backoff > 1:
        text += _(", each time {factor} times as long", factor=f"{retry.backoff:g}")
    return text + (_("; time-outs too") if retry.timeouts else _("; not after a time-out"))


def delivery_text(strategy: Strategy) -> str:
    """Return how devices are told, and download."""
    how = _("Pushed to devices that are online; others get it when they connect")
    if not strategy.need_push:
        how = _("Devices get it only by asking")
    if strategy.need_confirm:
        how = _("Nothing is offered before the device's task is confirmed. Then: {how}", how=how)
    over = "MQTT" if strategy.download is DownloadProtocol.MQTT else "HTTPS"
    return _("{how}. Download over {protocol}.", how=how, protocol=over)


def conflict_text(strategy: Strategy) -> str:
    """Return what becomes of a device that has another unfinished update."""
    if strategy.multi_module:
        return _("Updates of other modules go on beside this one; an older one of the same module is canceled")
    if strategy.overwrite:
        return _("The older update is canceled, unless the device is at it: then this one fails for the device")
    return _("The older update goes on; this one fails for the device at once")


def stage_text(number: int, stage: Stage) -> str:
    """Return what a stage is, and what lets the next one begin."""
    reach = _("Stage {number}: until {percent} % of the devices", number=number + 1, percent=f"{stage.percent:g}")
    if stage.success_percent is None:
        return _("{reach}; then somebody decides", reach=reach)
    return _("{reach}; goes on if {percent} % succeeded", reach=reach, percent=f"{stage.success_percent:g}")


def abort_text(limit: Abort) -> str:
    """Return when a rollout stops itself."""
    kind, after = _(ABORTS[limit.kind]), f"{limit.after:,}"
    if limit.percent is not None:
        share = f"{limit.percent:g}"
        return _(
            "When {percent} % have failed ({kind}), at least {after} being done", percent=share, kind=kind, after=after
        )
    count = f"{limit.failures or 0:,}"
    return _("When {count} have failed ({kind}), at least {after} being done", count=count, kind=kind, after=after)


def window_text(window: Window) -> str:
    """Return a time of the week."""
    days = _("Every day") if len(window.days) == len(DAYS) else " ".join(_(DAYS[day - 1]) for day in window.days)
    return f"{days} {window.start}-{window.end} ({window.zone})"


def strategy_facts(strategy: Strategy) -> Iterator[Fact]:
    """Yield how a rollout goes about it, a line a subject."""
    yield Fact(_("Start"), when_text(strategy))
    yield Fact(_("Rate"), rate_text(strategy))
    yield Fact(_("Stages"), _lines([stage_text(*one) for one in enumerate(strategy.stages)]) or _("None: all at once"))
    yield Fact(_("Stops itself"), _lines([abort_text(limit) for limit in strategy.abort]) or _("Never"))
    yield Fact(_("Push window"), _lines([window_text(one) for one in strategy.windows]) or _("As the product says"))
    yield Fact(_("Time-out"), timeout_text(strategy))
    yield Fact(_("Tries again"), retry_text(strategy))
    yield Fact(_("Delivery"), delivery_text(strategy))
    yield Fact(_("Other updates"), conflict_text(strategy))
    yield Fact(_("Approval"), _("Somebody else lets it start") if strategy.approval else _("As the product says"))


def tags_fact(tags: Mapping[str, str]) -> Fact:
    """Return what is handed to devices with the update."""
    return Fact(_("Tags"), _lines([f"{key} = {value}" for key, value in tags.items()]))


def _lines(texts: Sequence[Any]) -> str:
    return "\n".join(texts)
