"""Statistics add up over processes, and percentiles mean what they say."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.simulator import DeviceIdentity, Statistics
from linkops.simulator.processes import divide
from linkops.simulator.statistics import Latencies
from linkops.simulator.worker import Orders

DEVICE = DeviceIdentity("pk", "dn", "secret")


@given(st.lists(st.floats(0.0001, 100), min_size=1), st.sampled_from([50, 95, 99]))
def test_a_percentile_is_exact_to_ten_percent(seconds: list[float], percent: int) -> None:
    latencies = Latencies()
    for one in seconds:
        latencies.add(one)
    exact = sorted(seconds)[max(0, -(-len(seconds) * percent // 100) - 1)] * 1000
    found = latencies.percentile(percent)
    assert found is not None
    assert exact * 0.99 - 0.01 <= found <= exact * 1.11 + 0.06


def test_no_latencies_have_no_percentile() -> None:
    assert Latencies().summary() == {"p50_ms": None, "p95_ms": None, "p99_ms": None}


def test_processes_add_up() -> None:
    parts = []
    for _ in range(3):
        part = Statistics(devices=2)
        part.connected(DEVICE, 0.01)
        part.connected(DEVICE, 0.02)
        part.disconnected(DEVICE, expected=False)
        part.refused(DEVICE, "CONNACK 5")
        part.acknowledged(DEVICE, "t", b"", 0.001)
        part.ended(DEVICE, "succeeded")
        parts.append(msgspec.json.decode(msgspec.json.encode(part), type=Statistics))
    total = Statistics()
    for part in parts:
        total.merge(part)
    summary = total.summary()
    assert (total.devices, total.online, total.connects, total.losses, total.reports) == (6, 3, 6, 3, 3)
    assert summary["outcomes"] == {"succeeded": 3}
    assert summary["refusals"] == {"CONNACK 5": 3}
    assert summary["connect"]["p99_ms"] == pytest.approx(20, rel=0.11)


def test_a_restart_of_the_devices_own_is_no_loss() -> None:
    statistics = Statistics()
    statistics.connected(DEVICE, 0.01)
    statistics.disconnected(DEVICE, expected=True)
    assert (statistics.online, statistics.losses) == (0, 0)


def test_a_large_fleet_is_divided_evenly_and_dials_from_several_addresses() -> None:
    identities = [DeviceIdentity("pk", f"d{n}", "s") for n in range(20_000)]
    parts = divide(Orders(host="127.0.0.1", port=1883, identities=identities, connects_per_s=600))
    assert [len(part.identities) for part in parts] == [6_667, 6_667, 6_666]
    assert sorted(d.device_name for part in parts for d in part.identities) == sorted(d.device_name for d in identities)
    assert [part.local_host for part in parts] == ["127.0.0.2", "127.0.0.3", "127.0.0.4"]
    assert sum(part.connects_per_s or 0 for part in parts) == pytest.approx(600)


def test_a_small_fleet_is_one_process() -> None:
    orders = Orders(host="192.0.2.1", port=1883, identities=[DEVICE])
    assert divide(orders) == [orders]
