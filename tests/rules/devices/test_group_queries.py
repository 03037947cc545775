"""Which queries dynamic groups may have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.devices.conditions.model import MS_PER_DAY, Condition, ConditionField
from linkops.devices.groups.query import MAX_CHOICES, MAX_CONDITIONS, check_query, read_query, write_query
from linkops.errors import Invalid
from tests.conftest import NOW

ONLINE = Condition(field=ConditionField.ONLINE, holds=True)


def refusal(*query: Condition, of_product: bool = False) -> tuple[str, str]:
    """Return the code and the field of what is refused."""
    with pytest.raises(Invalid) as refused:
        check_query(query, of_product=of_product)
    return refused.value.code, refused.value.params["field"]


@pytest.mark.parametrize(
    "condition",
    [
        Condition(field=ConditionField.PRODUCT, product_keys=("pumps", "fans")),
        Condition(field=ConditionField.NAME_PREFIX, prefix="p"),
        Condition(field=ConditionField.TAG, key="site"),
        Condition(field=ConditionField.TAG, key="site", value="北京"),
        Condition(field=ConditionField.VERSION, module="default", versions=("1.0", "1.1")),
        Condition(field=ConditionField.VERSION, module="mcu", holds=False),
        ONLINE,
        Condition(field=ConditionField.ENABLED, holds=False),
        Condition(field=ConditionField.ACTIVATED, holds=False),
        Condition(field=ConditionField.ACTIVATED, since_at=0, before_at=NOW),
        Condition(field=ConditionField.ACTIVATED, within_days=7),
    ],
    ids=str,
)
def test_a_sound_condition_is_taken_and_kept_as_it_is(condition: Condition) -> None:
    check_query([condition], of_product=False)
    assert read_query(write_query([condition])) == (condition,)


@pytest.mark.parametrize(
    ("condition", "code", "name"),
    [
        (Condition(field=ConditionField.PRODUCT), "lacks", "product_keys"),
        (Condition(field=ConditionField.PRODUCT, product_keys=()), "invalid", "product_keys"),
        (Condition(field=ConditionField.PRODUCT, product_keys=("pumps", "pumps")), "invalid", "product_keys"),
        (Condition(field=ConditionField.PRODUCT, product_keys=("a/b",)), "invalid", "product_keys"),
        (Condition(field=ConditionField.NAME_PREFIX), "lacks", "prefix"),
        (Condition(field=ConditionField.NAME_PREFIX, prefix=""), "invalid", "prefix"),
        (Condition(field=ConditionField.NAME_PREFIX, prefix="p" * 33), "invalid", "prefix"),
        (Condition(field=ConditionField.NAME_PREFIX, prefix="#"), "invalid", "prefix"),
        (Condition(field=ConditionField.TAG), "lacks", "key"),
        (Condition(field=ConditionField.TAG, key="a b"), "invalid", "key"),
        (Condition(field=ConditionField.TAG, key="a", value=""), "invalid", "value"),
        (Condition(field=ConditionField.TAG, key="a", value="x\0"), "invalid", "value"),
        (Condition(field=ConditionField.TAG, key="a", holds=True), "takes_not", "holds"),
        (Condition(field=ConditionField.VERSION, versions=("1.0",)), "lacks", "module"),
        (Condition(field=ConditionField.VERSION, module="default"), "lacks", "versions"),
        (Condition(field=ConditionField.VERSION, module="default", versions=()), "invalid", "versions"),
        (Condition(field=ConditionField.VERSION, module="m", versions=("v",) * 2), "invalid", "versions"),
        (
            Condition(field=ConditionField.VERSION, module="m", versions=tuple(map(str, range(MAX_CHOICES + 1)))),
            "invalid",
            "versions",
        ),
        (Condition(field=ConditionField.VERSION, module="m", versions=("v",), holds=True), "contradicts", "versions"),
        (Condition(field=ConditionField.ONLINE), "lacks", "holds"),
        (Condition(field=ConditionField.ONLINE, holds=True, prefix="p"), "takes_not", "prefix"),
        (Condition(field=ConditionField.ENABLED), "lacks", "holds"),
        (Condition(field=ConditionField.ACTIVATED), "lacks", "holds"),
        (Condition(field=ConditionField.ACTIVATED, holds=True, within_days=1), "contradicts", "holds"),
        (Condition(field=ConditionField.ACTIVATED, since_at=-1), "invalid", "since_at"),
        (Condition(field=ConditionField.ACTIVATED, before_at=2**62), "invalid", "before_at"),
        (Condition(field=ConditionField.ACTIVATED, within_days=0), "invalid", "within_days"),
    ],
    ids=str,
)
def test_a_refusal_names_the_condition_and_what_is_wrong_with_it(condition: Condition, code: str, name: str) -> None:
    assert refusal(ONLINE, condition) == (f"group.condition_{code}", f"query.1.{name}")


def test_a_query_has_some_conditions_and_not_too_many() -> None:
    check_query([ONLINE] * MAX_CONDITIONS, of_product=True)
    assert refusal() == refusal(*[ONLINE] * (MAX_CONDITIONS + 1)) == ("group.query_size", "query")


def test_a_group_of_one_product_asks_for_no_other() -> None:
    of_fans = Condition(field=ConditionField.PRODUCT, product_keys=("fans",))
    assert refusal(of_fans, of_product=True) == ("group.query_names_product", "query.0.field")


def test_the_last_days_count_from_now() -> None:
    week = Condition(field=ConditionField.ACTIVATED, within_days=7)
    assert week.activated_since_at(NOW) == NOW - 7 * MS_PER_DAY
    both = Condition(field=ConditionField.ACTIVATED, within_days=7, since_at=NOW - MS_PER_DAY)
    assert both.activated_since_at(NOW) == NOW - MS_PER_DAY
    assert Condition(field=ConditionField.ACTIVATED, holds=True).activated_since_at(NOW) is None


WORDS = st.none() | st.text(max_size=40)


@given(
    query=st.lists(
        st.builds(
            Condition,
            field=st.sampled_from(ConditionField),
            holds=st.none() | st.booleans(),
            product_keys=st.none() | st.lists(st.text(max_size=9), max_size=3).map(tuple),
            prefix=WORDS,
            key=WORDS,
            value=WORDS,
            module=WORDS,
            versions=st.none() | st.lists(st.text(max_size=9), max_size=3).map(tuple),
            since_at=st.none() | st.integers(-(2**60), 2**60),
            within_days=st.none() | st.integers(-(2**31), 2**31),
        ),
        max_size=3,
    )
)
def test_whatever_is_asked_is_taken_or_refused_by_the_field(query: list[Condition]) -> None:
    try:
        check_query(query, of_product=False)
    except Invalid as invalid:
        refused = str(invalid.params["field"])
    else:
        refused = ""
    assert refused.startswith("query") or read_query(write_query(query)) == tuple(query)
