"""Whatever devices and gateways send to come to a secret is read, or refused with a documented answer."""

import json
from typing import Any
from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from linkops.alink.jsontext import Malformed
from linkops.alink.registration import MAX_ENTRIES, RegistrationFault, read_named, read_proxied
from linkops.api.forms import BadForm, read_form
from linkops.api.registration import registration_of
from linkops.devices.registration.model import Registration

FIELDS = st.sampled_from(["productKey", "deviceName", "random", "sign", "signMethod", "instanceId", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=40) | st.dictionaries(FIELDS | st.just("proxieds"), inner, max_size=6),
    max_leaves=60,
)


async def form_of(pieces: list[bytes]) -> dict[str, str]:
    messages = iter(pieces or [b""])
    left = len(pieces or [b""])

    async def receive() -> dict[str, Any]:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": next(messages), "more_body": left > 0}

    return await read_form(receive)


@given(pieces=st.lists(st.binary(max_size=2_000), max_size=5))
async def test_any_bytes(pieces: list[bytes]) -> None:
    try:
        form = await form_of(pieces)
    except BadForm:
        return
    assert form == dict(parse_qsl(b"".join(pieces).decode(), keep_blank_values=True))


@given(form=st.dictionaries(FIELDS, st.text(max_size=40), max_size=7))
def test_any_fields(form: dict[str, str]) -> None:
    assert isinstance(registration_of(form, "10.0.0.1"), Registration | RegistrationFault)


@given(params=JSON)
def test_any_params(params: Any) -> None:
    json.dumps(params)
    for read in (read_named, read_proxied):
        try:
            assert 1 <= len(read(params)) <= MAX_ENTRIES
        except Malformed:
            continue
