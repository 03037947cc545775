"""Beginning a rollout like one that there is: the wizard with everything filled in, and nothing started."""

import msgspec

from linkops.console.pages.jobs.draft import Draft, Row
from linkops.console.parts.links import go
from linkops.console.parts.places import with_filters
from linkops.console.view import view
from linkops.errors import NotFound
from linkops.ota.model import Job, Targets
from linkops.ota.strategy import Retry, Stage, Strategy
from linkops.ota.targeting import NewJob


async def begin_copy(job: Job) -> None:
    """Open the wizard with the same package, or with the choice of one if that is gone."""
    seen, package_id = view(), job.package_id
    try:
        await seen.services.ota.packages.get(await seen.act(), package_id)
    except NotFound:
        go(copy_place(job.id, product=job.product_key))
    else:
        go(copy_place(job.id, package=package_id))


def copy_place(like: int | None, **chosen: object) -> str:
    """Return the address of the wizard, filled in as the rollout ``like`` (None: as nothing)."""
    return with_filters("/console/jobs/new", **chosen, like=like)


def draft_of(new: NewJob, listed_devices: int) -> Draft:
    """Return the draft that asks for ``new``, which has no start and no end (`linkops.ota.creating`).

    Args:
        new: the rollout, with its named devices as a list.
        listed_devices: how many that list has.
    """
    draft = Draft(
        selection=new.selection,
        targets=new.targets,
        listed=new.device_list_id,
        listed_devices=listed_devices,
        versions=list(new.source_versions),
        tags=[{"key": key, "value": value} for key, value in new.tags.items()],
    )
    _fill_scope(draft, new)
    _fill_strategy(draft, new.strategy)
    _fill_rate(draft, new.strategy)
    if new.strategy.retry is not None:
        _fill_retry(draft, new.strategy.retry)
    return draft


def _fill_scope(draft: Draft, new: NewJob) -> None:
    draft.group_id = new.scope.group_id
    if new.targets is Targets.GRAY:
        draft.percent = new.scope.percent
    if new.scope.regions:
        draft.regions = [{"province": each.province, "city": each.city} for each in new.scope.regions]


def _fill_strategy(draft: Draft, strategy: Strategy) -> None:
    draft.timeout_min = _in(strategy.timeout_s, 60)
    draft.notify_timeout_h = _in(strategy.notify_timeout_s, 3_600)
    for name in ("need_push", "need_confirm", "overwrite", "multi_module", "download", "approval", "dynamic_mode"):
        setattr(draft, name, getattr(strategy, name))
    draft.aborts = [msgspec.structs.asdict(each) for each in strategy.abort]
    draft.stages = [_stage(each) for each in strategy.stages]
    draft.windows = [{**msgspec.structs.asdict(each), "days": list(each.days)} for each in strategy.windows]


def _fill_rate(draft: Draft, strategy: Strategy) -> None:
    growth = strategy.growth
    if growth is not None:
        draft.rate_kind = "growing"
        draft.base, draft.factor, draft.most = growth.base_per_minute, growth.factor, growth.most_per_minute
        draft.notified, draft.succeeded = growth.notified, growth.succeeded
    elif strategy.rate_per_minute is None:
        draft.rate_kind = "unlimited"
    else:
        draft.rate = strategy.rate_per_minute


def _fill_retry(draft: Draft, retry: Retry) -> None:
    draft.retries, draft.retry_min = retry.count, _in(retry.interval_s, 60)
    draft.backoff, draft.retry_timeouts = retry.backoff, retry.timeouts


def _stage(stage: Stage) -> Row:
    gate = "manual" if stage.success_percent is None else "success"
    return {"percent": stage.percent, "gate": gate, "success_percent": stage.success_percent}


def _in(seconds: int | None, unit_s: int) -> float | None:
    return None if seconds is None else seconds / unit_s
