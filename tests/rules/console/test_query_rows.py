"""A query survives being shown in inputs: what nobody touched is sent back as it was."""

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from linkops.console.pages.groups.query_rows import condition_of, row_of
from linkops.devices.conditions.model import Condition, ConditionField

F = ConditionField
WORD = st.text("abcXYZ0189._-", min_size=1, max_size=12)
AT = st.integers(0, 4_000_000_000_000)
CONDITIONS = st.one_of(
    st.builds(Condition, field=st.sampled_from([F.ONLINE, F.ENABLED, F.ACTIVATED]), holds=st.booleans()),
    st.builds(Condition, field=st.just(F.PRODUCT), product_keys=st.lists(WORD, min_size=1, max_size=3).map(tuple)),
    st.builds(Condition, field=st.just(F.NAME_PREFIX), prefix=WORD),
    st.builds(Condition, field=st.just(F.TAG), key=WORD, value=st.none() | WORD),
    st.builds(
        Condition, field=st.just(F.VERSION), module=WORD, versions=st.lists(WORD, min_size=1, max_size=3).map(tuple)
    ),
    st.builds(Condition, field=st.just(F.VERSION), module=WORD, holds=st.booleans()),
    st.builds(Condition, field=st.just(F.ACTIVATED), within_days=st.integers(1, 3_650)),
    st.builds(Condition, field=st.just(F.ACTIVATED), since_at=AT, before_at=st.none() | AT),
    st.builds(Condition, field=st.just(F.ACTIVATED), before_at=AT),
)
ZONES = st.sampled_from([ZoneInfo(name) for name in ("UTC", "Asia/Shanghai", "America/St_Johns")])


@given(CONDITIONS, ZONES)
def test_what_nobody_touched_stays(condition: Condition, zone: ZoneInfo) -> None:
    assert condition_of(row_of(condition, zone), zone) == condition


def test_a_day_begins_where_the_viewer_is() -> None:
    row = row_of(Condition(field=F.ACTIVATED, since_at=0), ZoneInfo("UTC")) | {"day": "2026-05-01"}
    assert condition_of(row, ZoneInfo("Asia/Shanghai")).since_at == 1_777_564_800_000
