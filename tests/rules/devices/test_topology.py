"""May a gateway have these sub-devices?"""

import hmac
from typing import Any

import pytest

from linkops.alink.messages import Named
from linkops.alink.topology import Addition, TopologyFault
from linkops.devices.model import AuthType, DeviceKey, NodeType
from linkops.devices.topology.judging import (
    Asking,
    Refused,
    possible_keys,
    proves,
    refusal_of_found,
    refusal_to_add,
    refusal_to_remove,
)
from linkops.devices.topology.model import Candidate

SECRET = "s" * 32
GATEWAY, OTHER = 1, 2
ASKING = Asking(GATEWAY, DeviceKey("gpk", "hall"), held=0, most=2)


def signed(
    name: str = "sub1",
    *,
    secret: str = SECRET,
    client_id: str | None = "cid",
    timestamp: str | None = "3566640",
    method: str = "hmacSha256",
    digest: str = "sha256",
) -> Addition:
    parts = [("clientId", client_id), ("deviceName", name), ("productKey", "spk"), ("timestamp", timestamp)]
    text = "".join(f"{key}{value}" for key, value in parts if value is not None)
    sign = hmac.digest(secret.encode(), text.encode(), digest).hex().upper()
    return Addition(Named("spk", name), client_id, timestamp, method, sign)


def candidate(name: str = "sub1", **changes: Any) -> Candidate:
    usual = Candidate(7, DeviceKey("spk", name), NodeType.SUBDEVICE, AuthType.SECRET, True, SECRET, None)
    return usual._replace(**changes)


def judged(addition: Addition, known: Candidate | None, asking: Asking = ASKING) -> TopologyFault | None:
    candidates = {} if known is None else {addition.named: known}
    refused = refusal_to_add(asking, [addition], candidates, lambda sealed: sealed)
    assert refused is None or refused.entry in {0, None}
    return None if refused is None else refused.fault


@pytest.mark.parametrize("client_id", ["spk.sub1", "spk&sub1", "spk.sub1|lan=Python,_v=2.2.1,_ss=1|", "", None])
@pytest.mark.parametrize("timestamp", ["2524608000000", "0", "yesterday", None])
def test_the_client_id_is_signed_as_it_stands(client_id: str | None, timestamp: str | None) -> None:
    addition = signed(client_id=client_id, timestamp=timestamp)
    assert judged(addition, candidate()) is None
    assert not proves(addition._replace(client_id="spk.sub2"), SECRET, "sha256")
    assert not proves(addition._replace(timestamp="1"), SECRET, "sha256")


def test_the_example_of_the_manual() -> None:
    """The vendor's text to sign: clientId123deviceNametestproductKey123timestamp1524448722000."""
    sign = hmac.digest(b"secret", b"clientId123deviceNametestproductKey123timestamp1524448722000", "md5").hex()
    assert proves(Addition(Named("123", "test"), "123", "1524448722000", "hmacmd5", sign), "secret", "md5")


@pytest.mark.parametrize(
    ("method", "digest"),
    [("hmacSha256", "sha256"), ("HMACSHA1", "sha1"), ("hmacsha1", "sha1"), ("hmacMd5", "md5"), ("", "md5")],
)
def test_methods_in_any_case_and_md5_when_absent(method: str, digest: str) -> None:
    assert judged(signed(method=method, digest=digest), candidate()) is None


@pytest.mark.parametrize(
    ("addition", "known", "fault"),
    [
        (signed(secret="t" * 32), candidate(), TopologyFault.WRONG_SIGNATURE),
        (signed()._replace(sign=""), candidate(), TopologyFault.WRONG_SIGNATURE),
        (signed()._replace(sign="ä"), candidate(), TopologyFault.WRONG_SIGNATURE),
        (signed(method="hmacsha1"), candidate(), TopologyFault.WRONG_SIGNATURE),
        (signed(method="plain"), candidate(), TopologyFault.BAD_PARAMETERS),
        (signed(), None, TopologyFault.UNKNOWN_DEVICE),
        (signed(), candidate(auth_type=AuthType.X509), TopologyFault.WRONG_SIGNATURE),
        (signed(), candidate(node_type=NodeType.DEVICE), TopologyFault.BAD_PARAMETERS),
        (signed(), candidate(node_type=NodeType.GATEWAY), TopologyFault.BAD_PARAMETERS),
        (signed(), candidate(enabled=False), TopologyFault.DISABLED),
        (signed(secret="t" * 32), candidate(enabled=False), TopologyFault.WRONG_SIGNATURE),
        (signed()._replace(named=Named("gpk", "hall")), candidate(), TopologyFault.ITSELF),
        (signed(), candidate(gateway_id=OTHER), None),
    ],
)
def test_what_is_refused(addition: Addition, known: Candidate | None, fault: TopologyFault | None) -> None:
    assert judged(addition, known) is fault


@pytest.mark.parametrize(
    ("held", "gateway_id", "fault"),
    [
        (1, None, None),
        (2, None, TopologyFault.TOO_MANY),
        (2, OTHER, TopologyFault.TOO_MANY),
        (2, GATEWAY, None),
        (3, GATEWAY, None),  # the limit was lowered: what a gateway has, it keeps
    ],
)
def test_a_gateway_may_be_full(held: int, gateway_id: int | None, fault: TopologyFault | None) -> None:
    assert judged(signed(), candidate(gateway_id=gateway_id), ASKING._replace(held=held)) is fault


def test_one_wrong_entry_refuses_all() -> None:
    entries = [signed("sub1"), signed("sub2", secret="t" * 32), signed("sub3")]
    known = {entry.named: candidate(entry.named.device_name) for entry in entries}
    refused = refusal_to_add(ASKING, entries, known, lambda sealed: sealed)
    assert refused == Refused(TopologyFault.WRONG_SIGNATURE, 1)


def test_only_its_own_a_gateway_gives_up() -> None:
    one, two = Named("spk", "sub1"), Named("spk", "sub2")
    own = {one: candidate("sub1", gateway_id=GATEWAY)}
    assert refusal_to_remove(GATEWAY, [one], own) is None
    assert refusal_to_remove(GATEWAY, [one, two], own) == Refused(TopologyFault.UNKNOWN_DEVICE, 1)
    for gateway_id in (None, OTHER):
        known = {**own, two: candidate("sub2", gateway_id=gateway_id)}
        assert refusal_to_remove(GATEWAY, [one, two], known) == Refused(TopologyFault.NO_RELATION, 1)


@pytest.mark.parametrize(
    ("found", "refused"),
    [
        (Named("spk", "sub1"), None),
        (Named("xpk", "sub1"), Refused(TopologyFault.UNKNOWN_PRODUCT, 1)),
        (Named("spk", "a"), Refused(TopologyFault.BAD_DEVICE_NAME, 1)),
        (Named("spk", "sub/1"), Refused(TopologyFault.BAD_DEVICE_NAME, 1)),
    ],
)
def test_what_can_be_found(found: Named, refused: Refused | None) -> None:
    assert refusal_of_found([Named("spk", "sub0"), found], {"spk"}) == refused


def test_what_is_no_name_is_not_looked_up() -> None:
    impossible = [Named("spk", "a\0bcd"), Named("s/k", "sub1"), Named("", ""), Named("spk", "x" * 33)]
    assert possible_keys([*impossible, Named("spk", "sub1")]) == [Named("spk", "sub1")]
