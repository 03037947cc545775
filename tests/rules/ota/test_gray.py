"""Gray scales: how many devices, and a stable random order to take them from."""

from collections import Counter

import hypothesis.strategies as st
import pytest
from hypothesis import given

from linkops.devices.lots import lot
from linkops.ota.candidates.survey import gray_devices


@pytest.mark.parametrize(
    ("devices", "percent", "taken"),
    [
        (100, 33.33, 33),
        (10, 0.001, 1),
        (0, 50, 0),
        (1, 0.001, 1),
        (1_000_000, 0.001, 10),
        (1_000, 33.3, 333),
        (1_000, 0.7, 7),
        (100, 29, 29),
        (3, 99.999, 2),
        (7, 100, 7),
    ],
)
def test_a_share_is_rounded_down_to_at_least_one(devices: int, percent: float, taken: int) -> None:
    assert gray_devices(devices, percent) == taken


@given(st.integers(0, 1_000_000), st.integers(1, 100_000))
def test_exactly_as_on_paper(devices: int, thousandths: int) -> None:
    taken = gray_devices(devices, thousandths / 1_000)
    assert taken == min(devices, max(1, devices * thousandths // 100_000))


def test_the_place_of_a_device_never_changes() -> None:
    assert [lot("pump-0"), lot("pump-1"), lot("é")] == [278_720_016, 1_738_268_294, 235_179_326]
    assert all(0 <= lot(name) < 2**31 for name in ("", "a", "固件", "x" * 32))


def test_numbered_devices_are_well_spread() -> None:
    """Each tenth of the order has a tenth of every hundred neighbours, roughly."""
    devices = 100_000
    lots = [lot(f"pump-{number:06}") for number in range(devices)]
    tenths = Counter(each * 10 // 2**31 for each in lots)
    assert all(0.9 <= 10 * tenths[tenth] / devices <= 1.1 for tenth in range(10))
    first = sum(each < 2**31 // 10 for each in lots[: devices // 10])
    assert 0.8 <= first / (devices // 100) <= 1.2
