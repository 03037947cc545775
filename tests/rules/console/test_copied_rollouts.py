"""A copied rollout: what the wizard is filled in with asks for the same thing."""

from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from linkops.console.pages.jobs.copying import draft_of
from linkops.console.pages.jobs.draft import new_job
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
from linkops.ota.targeting import NewJob

seconds = st.integers(1, 30 * 86_400)
percents = st.sampled_from([0.1, 1.0, 12.5, 99.999, 100.0])
words = st.text("abc-1", min_size=1, max_size=5)
growths = st.builds(
    Growth,
    base_per_minute=st.integers(10, 10_000),
    factor=st.sampled_from([1.1, 2.0, 5.0]),
    notified=st.none() | st.integers(1, 9_999),
    succeeded=st.none() | st.integers(1, 9_999),
    most_per_minute=st.integers(10, 10_000),
)
retries = st.builds(
    Retry,
    interval_s=seconds,
    count=st.integers(1, 5),
    backoff=st.sampled_from([1.0, 1.5]),
    timeouts=st.booleans(),
)
limits = st.builds(
    Abort,
    kind=st.sampled_from(AbortKind),
    percent=st.none() | percents,
    failures=st.none() | st.integers(1, 99),
    after=st.integers(1, 99),
)
windows = st.builds(
    Window,
    days=st.sampled_from([(1,), (2, 5, 7)]),
    start=st.just("22:00"),
    end=st.just("04:00"),
    zone=st.just("Asia/Shanghai"),
)
rates = st.sampled_from([{}, {"rate_per_minute": 12}]) | st.fixed_dictionaries({"growth": growths})
strategies = st.builds(
    lambda strategy, rate: msgspec.structs.replace(strategy, **rate),
    st.builds(
        Strategy,
        timeout_s=st.none() | seconds,
        notify_timeout_s=st.none() | seconds,
        retry=st.none() | retries,
        need_push=st.booleans(),
        need_confirm=st.booleans(),
        overwrite=st.booleans(),
        multi_module=st.booleans(),
        download=st.sampled_from(DownloadProtocol),
        abort=st.lists(limits, max_size=2).map(tuple),
        stages=st.lists(st.builds(Stage, percent=percents, success_percent=st.none() | percents), max_size=2).map(
            tuple
        ),
        windows=st.lists(windows, max_size=2).map(tuple),
        approval=st.booleans(),
    ),
    rates,
)
regions = st.builds(Region, province=words, city=words | st.just(""))
scopes = {
    Targets.ALL: st.just(Scope()),
    Targets.SPECIFIC: st.just(Scope()),
    Targets.GROUP: st.builds(Scope, group_id=st.integers(1, 99)),
    Targets.GRAY: st.builds(Scope, percent=percents),
    Targets.REGION: st.builds(Scope, regions=st.lists(regions, min_size=1, max_size=3).map(tuple)),
}


@st.composite
def rollouts(draw: st.DrawFn) -> NewJob:
    """Rollouts that the service may have been asked for."""
    targets = draw(st.sampled_from(Targets))
    versioned = targets not in {Targets.SPECIFIC, Targets.GROUP}
    return NewJob(
        package_id=7,
        targets=targets,
        device_list_id=3 if targets is Targets.SPECIFIC else None,
        scope=draw(scopes[targets]),
        source_versions=tuple(draw(st.lists(words, max_size=2, unique=True))) if versioned else (),
        strategy=draw(strategies),
        tags=draw(st.dictionaries(words, words, max_size=2)),
    )


@given(rollouts())
def test_a_copy_asks_for_the_same(new: NewJob) -> None:
    assert new_job(draft_of(new, 5), 7, ZoneInfo("UTC")) == new


@given(rollouts(), st.sampled_from(DynamicMode))
def test_a_copy_of_a_dynamic_rollout_asks_for_the_same(new: NewJob, mode: DynamicMode) -> None:
    strategy = msgspec.structs.replace(new.strategy, dynamic_mode=mode, stages=())
    dynamic = msgspec.structs.replace(new, selection=Selection.DYNAMIC, strategy=strategy)
    assert new_job(draft_of(dynamic, 5), 7, ZoneInfo("UTC")) == dynamic
