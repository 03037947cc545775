"""Download links: what we wrote opens what we meant, and nothing else opens anything."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from linkops.errors import Forbidden
from linkops.links import Link, Opens, link_key, opens_what, read_token, write_token

NOW = 1_800_000_000_000
KEY = link_key(b"m" * 32)
IDS = st.integers(1, 2**63 - 1)
EXPIRIES = st.integers(NOW // 1_000 + 1, 2**32 - 1)


@given(device_id=IDS, item_id=IDS, expires_at_s=EXPIRIES, opens=st.sampled_from(Opens))
def test_a_token_opens_what_it_was_written_for(device_id: int, item_id: int, expires_at_s: int, opens: Opens) -> None:
    link = Link(device_id, item_id, expires_at_s, opens)
    token = write_token(KEY, link)
    assert read_token(KEY, token, NOW) == link
    assert opens_what(token) is opens
    assert len(token) == 50
    assert ":" not in token


def test_it_ends_to_the_millisecond() -> None:
    token = write_token(KEY, Link(1, 2, NOW // 1_000))
    assert read_token(KEY, token, NOW - 1).device_id == 1
    with pytest.raises(Forbidden) as refused:
        read_token(KEY, token, NOW)
    assert refused.value.code == "link.expired"


@given(at=st.integers(0, 49), other=st.sampled_from("ABCxyz059-_"))
def test_no_changed_character_opens_anything(at: int, other: str) -> None:
    token = write_token(KEY, Link(1, 2, NOW // 1_000 + 60))
    changed = token[:at] + other + token[at + 1 :]
    if changed != token:
        with pytest.raises(Forbidden) as refused:
            read_token(KEY, changed, NOW)
        assert refused.value.code == "link.invalid"


@given(token=st.text(max_size=60))
def test_anything_else_is_refused(token: str) -> None:
    with pytest.raises(Forbidden):
        read_token(KEY, token, NOW)


def test_another_server_has_other_links() -> None:
    with pytest.raises(Forbidden):
        read_token(link_key(b"n" * 32), write_token(KEY, Link(1, 2, NOW // 1_000 + 60)), NOW)
