"""Who comes to a secret: the rule alone, and what is signed."""

import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.alink.registration import RegistrationFault as Fault
from linkops.devices.model import AuthType, DeviceKey, NodeType
from linkops.devices.registration.judging import fault_of, proves, signed_text
from linkops.devices.registration.model import MAX_TOKENS, Candidate, Proof, Registration, Way
from tests.support.registration import registration

SECRET = "productSecret016"
KEY = DeviceKey("a1B2c3D4e5F", "pump-1")
GATEWAY = Registration(KEY, Way.GATEWAY, "", None, gateway_id=7)


def candidate(**known: Any) -> Candidate:
    usual: dict[str, Any] = {
        "product_id": 1,
        "product_secret_sealed": "",
        "node_type": NodeType.DEVICE,
        "auth_type": AuthType.SECRET,
        "registration": True,
        "listed_only": True,
        "device_id": 5,
    }
    return Candidate(**{**usual, **known})


def judged(way: Way = Way.LISTED, secret: str = SECRET, **known: Any) -> Fault | None:
    return fault_of(registration(KEY, secret, way), candidate(**known), SECRET)


def test_signed_is_everything_but_the_signature_in_the_order_of_the_names() -> None:
    form = {"sign": "x", "random": "r", "productKey": "pk", "signMethod": "hmacsha1", "deviceName": "dn", "Zone": "1"}
    assert signed_text(form) == "Zone1deviceNamedn" + "productKeypkrandomr"


def test_a_vector_made_with_openssl() -> None:
    # printf deviceNamedev1productKeypk1randomr1 | openssl dgst -sha1 -hmac secret
    proof = Proof("deviceNamedev1productKeypk1randomr1", "sha1", b"a094bc8fcd5e4f4458c3cd46be056708e31a6b12")
    assert proves(proof, "secret")
    assert proves(proof._replace(sign=proof.sign.upper()), "secret")
    assert not proves(proof._replace(digest="sha256"), "secret")
    assert not proves(proof, "Secret")


@pytest.mark.parametrize("digest", ["md5", "sha1", "sha256"])
@given(secret=st.text(min_size=1, max_size=20), other=st.text(max_size=20), text=st.text(max_size=50))
def test_only_the_secret_proves(digest: str, secret: str, other: str, text: str) -> None:
    sign = hmac.digest(secret.encode(), text.encode(), digest).hex().encode()
    assert proves(Proof(text, digest, sign), secret)
    # HMAC pads keys with zeros, so that two keys may be one.
    if secret.rstrip("\0") != other.rstrip("\0"):
        assert not proves(Proof(text, digest, sign), other)


def test_who_does_not_know_the_secret_hears_nothing_of_the_device() -> None:
    for known in ({}, {"device_id": None}, {"registration": False}, {"activated_at": 1}, {"enabled": False}):
        assert judged(secret="guess", **known) is Fault.WRONG_SIGNATURE
    assert fault_of(registration(KEY, SECRET), None, "") is Fault.NO_PRODUCT


@pytest.mark.parametrize(
    ("known", "fault"),
    [
        ({}, None),
        ({"registration": False}, Fault.OFF),
        ({"auth_type": AuthType.X509}, Fault.OFF),
        ({"device_id": None}, Fault.NO_DEVICE),
        ({"device_id": None, "listed_only": False}, Fault.NO_DEVICE),
        ({"enabled": False}, Fault.DISABLED),
        ({"activated_at": 10, "online_at": 10}, Fault.ACTIVE),
        ({"activated_at": 10, "online_at": 20, "register_again_at": 30}, None),
        ({"activated_at": 10, "online_at": 30, "register_again_at": 30}, Fault.ACTIVE),
        ({"activated_at": 10, "online_at": 31, "register_again_at": 30}, Fault.ACTIVE),
        ({"activated_at": 10, "online_at": 20, "register_again_at": 30, "enabled": False}, Fault.DISABLED),
        ({"activated_at": 10, "online_at": 10, "tokens_used": 1}, Fault.ACTIVE),
    ],
)
def test_listed_devices(known: dict[str, Any], fault: Fault | None) -> None:
    assert judged(**known) is fault


@pytest.mark.parametrize(
    ("known", "fault"),
    [
        ({}, None),
        ({"listed_only": True}, Fault.OFF),
        ({"device_id": None}, None),
        ({"activated_at": 10, "online_at": 10}, Fault.ACTIVE),  # it has a secret: a token would be a second key
        ({"activated_at": 10, "online_at": 10, "tokens_used": MAX_TOKENS - 1}, None),
        ({"activated_at": 10, "online_at": 10, "tokens_used": MAX_TOKENS}, Fault.ACTIVE),
        ({"activated_at": 10, "online_at": 10, "tokens_used": MAX_TOKENS, "register_again_at": 11}, None),
        ({"enabled": False}, Fault.DISABLED),
    ],
)
def test_names_that_nobody_listed(known: dict[str, Any], fault: Fault | None) -> None:
    assert judged(Way.UNLISTED, **{"listed_only": False, **known}) is fault


@pytest.mark.parametrize(
    ("known", "fault"),
    [
        ({}, None),
        ({"gateway_id": 7}, None),
        ({"gateway_id": 8}, Fault.BOUND_ELSEWHERE),
        ({"node_type": NodeType.DEVICE}, Fault.BAD_PARAMETERS),
        ({"node_type": NodeType.GATEWAY}, Fault.BAD_PARAMETERS),
        ({"registration": False}, Fault.OFF),
        ({"device_id": None}, Fault.NO_DEVICE),
        ({"device_id": None, "listed_only": False}, Fault.NO_DEVICE),
        ({"activated_at": 10, "online_at": 10, "gateway_id": 7}, Fault.ACTIVE),
    ],
)
def test_sub_devices(known: dict[str, Any], fault: Fault | None) -> None:
    assert fault_of(GATEWAY, candidate(**{"node_type": NodeType.SUBDEVICE, **known}), "") is fault


def test_a_gateway_asks_about_a_product_that_nobody_knows() -> None:
    assert fault_of(GATEWAY, None, "") is Fault.NO_SUB_PRODUCT
