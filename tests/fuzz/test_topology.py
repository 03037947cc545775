"""Whatever a gateway sends about sub-devices is read or refused, judged or refused, and can be answered."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from linkops.alink.jsontext import Malformed
from linkops.alink.messages import Named, read_request
from linkops.alink.topology import Addition, read_additions, read_named, write_named_reply
from linkops.devices.model import AuthType, DeviceKey, NodeType
from linkops.devices.topology.judging import Asking, possible_keys, refusal_of_found, refusal_to_add, refusal_to_remove
from linkops.devices.topology.model import Candidate

ASKING = Asking(1, DeviceKey("gpk", "gateway"), held=0, most=3)
texts = st.text() | st.sampled_from(["spk", "sub1", "\ud800", "\0", "hmacSha256", "hmacsha1"])
anything = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | texts | st.lists(texts, max_size=2)
fields = ("productKey", "deviceName", "clientId", "timestamp", "signmethod", "signMethod", "sign", "other")
entries = st.fixed_dictionaries({}, optional=dict.fromkeys(fields, texts | anything)) | anything
params = st.lists(entries, max_size=4) | entries


@given(params)
def test_messages(given_params: Any) -> None:
    payload = json.dumps({"id": "1", "params": given_params}).encode(errors="surrogatepass")
    for read in (read_named, read_additions):
        try:
            found: list[Any] = read(read_request(payload).params, 3)
        except Malformed:
            continue
        assert 0 < len(found) <= 3
        named = [each.named if isinstance(each, Addition) else each for each in found]
        assert json.loads(write_named_reply("1", named, ""))["data"]
        assert refusal_to_remove(1, named, {}) is not None
        assert refusal_of_found(named, set()) is not None
        assert all("\0" not in part for each in possible_keys(named) for part in each)


@given(
    st.lists(st.builds(Addition, st.builds(Named, texts, texts), st.none() | texts, st.none() | texts, texts, texts))
)
def test_without_the_secret_nothing_is_added(additions: list[Addition]) -> None:
    """Lone surrogates cannot come from JSON that was read."""
    readable = [each for each in additions if all(_is_utf8(part or "") for part in (*each.named, *each[1:]))]
    known = {
        each.named: Candidate(
            at,
            DeviceKey(*each.named),
            NodeType.SUBDEVICE,
            AuthType.SECRET,
            enabled=True,
            secret_sealed="s",
            gateway_id=1,
        )
        for at, each in enumerate(readable)
    }
    refused = refusal_to_add(ASKING, readable, known, lambda _: "kX9" * 10)
    assert (refused is None) == (not readable)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
