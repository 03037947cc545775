"""Mixtures of behaviours: what people may write, and what a fleet gets."""

from collections import Counter
from itertools import islice

import pytest

from linkops.simulator.behaviour import BEHAVIOURS, Install, Mix, UnknownBehaviour


def _dealt(text: str, devices: int) -> Counter[str]:
    return Counter(behaviour.name for behaviour in islice(Mix.parse(text), devices))


def test_one_name_is_a_mixture() -> None:
    assert _dealt("fail:-2", 7) == {"fail:-2": 7}


@pytest.mark.parametrize("devices", [20, 100, 1_000, 20_000])
def test_any_run_of_devices_comes_close_to_the_weights(devices: int) -> None:
    dealt = _dealt("succeed=90, fail:-2=5, hang=5", devices)
    assert dealt["fail:-2"] == pytest.approx(devices * 0.05, abs=2)
    assert dealt["hang"] == pytest.approx(devices * 0.05, abs=2)
    assert dealt.total() == devices


def test_weights_need_not_add_up_to_anything() -> None:
    assert _dealt("slow=1,succeed=1", 10) == {"slow": 5, "succeed": 5}


def test_the_same_devices_get_the_same_behaviours_again() -> None:
    mix = Mix.parse("succeed=3,hang=1")
    assert list(islice(mix, 50)) == list(islice(mix, 50))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("explode", "no behaviour 'explode'"),
        ("", "no behaviour ''"),
        ("succeed=90,", "no behaviour ''"),
        ("succeed=many", "'many' is not a weight"),
        ("succeed=0", "not a positive number"),
        ("succeed=-1", "not a positive number"),
        ("succeed=nan", "not a positive number"),
        ("succeed=inf", "not a positive number"),
        ("hang=1,hang=2", "hang stands twice"),
    ],
)
def test_a_wrong_mixture_is_refused_with_its_reason(text: str, said: str) -> None:
    with pytest.raises(UnknownBehaviour, match=said):
        Mix.parse(text)


def test_each_failure_of_the_protocol_has_a_behaviour() -> None:
    assert {f"fail:{step}" for step in (-1, -2, -3, -4)} <= set(BEHAVIOURS)


def test_a_script_goes_nowhere_after_installing() -> None:
    for behaviour in BEHAVIOURS.values():
        assert not any(isinstance(act, Install) for act in behaviour.script[:-1])
