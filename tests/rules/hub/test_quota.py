"""How long a device that talks too much is not read."""

import pytest

from linkops.hub.quota import BURST_S, Quota

QUOTA = Quota(messages_per_second=10, bytes_per_second=1_000)


def test_a_burst_is_free_and_what_is_beyond_is_waited_for() -> None:
    used = QUOTA.charged(0.0, 100.0, 20, 0)
    assert QUOTA.pause_s(used, 100.0) == pytest.approx(0)
    used = QUOTA.charged(used, 100.0, 5, 0)
    assert QUOTA.pause_s(used, 100.0) == pytest.approx(0.5)
    assert QUOTA.pause_s(used, 100.5) == pytest.approx(0)


def test_few_messages_of_many_bytes_count_by_their_bytes() -> None:
    used = QUOTA.charged(0.0, 100.0, 1, 5_000)
    assert QUOTA.pause_s(used, 100.0) == pytest.approx(5 - BURST_S)


def test_silence_is_not_saved_up() -> None:
    used = QUOTA.charged(QUOTA.charged(0.0, 0.0, 1, 0), 1_000.0, 30, 0)
    assert QUOTA.pause_s(used, 1_000.0) == pytest.approx(3 - BURST_S)


def test_a_gateway_uses_it_up_more_slowly() -> None:
    used = QUOTA.charged(0.0, 100.0, 100 / 4, 0)
    assert QUOTA.pause_s(used, 100.0) == pytest.approx(0.5)
    block = QUOTA.charged_block(0.0, 100.0, 1_000, share=4)
    assert block - 100.0 == pytest.approx((1 - 0.1) / 4)
