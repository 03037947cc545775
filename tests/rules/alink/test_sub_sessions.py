"""What gateways say about the sessions of sub-devices, as SDKs write it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.alink.sub_sessions import (
    BadParameters,
    SessionFault,
    SessionRequest,
    read_batch_login,
    read_batch_logout,
    read_login,
    read_logout,
    write_bad_parameters,
    write_session_error,
    write_session_refusal,
    write_session_reply,
)

C_SDK = b"""{"id":"5","version":"1.0","params":{"productKey":"spk","deviceName":"sub1",\
"clientId":"spk.sub1|_ss=1,_v=sdk-c-3.2.0|",\
"timestamp":"3566640","signMethod":"hmacSha256","sign":"ABCD","cleanSession":"false"}}"""
READERS = (read_login, read_batch_login, read_logout, read_batch_logout)


def test_the_c_sdk_s_login() -> None:
    request, (login,) = read_login(C_SDK)
    assert request == SessionRequest("5", False, [("spk", "sub1")])
    assert login.client_id == "spk.sub1|_ss=1,_v=sdk-c-3.2.0|"
    assert (login.timestamp, login.sign_method, login.sign, login.clean_session) == (
        "3566640",
        "hmacSha256",
        "ABCD",
        False,
    )


def test_the_method_of_a_batch_stands_on_top_or_with_each() -> None:
    item = {"productKey": "a", "clientId": "", "sign": ""}
    listed = [{**item, "deviceName": "x"}, {**item, "deviceName": "y", "signmethod": "hmacmd5"}]
    payload = msgspec.json.encode({"id": 1, "params": {"signMethod": "hmacSha1", "deviceList": listed}})
    request, logins = read_batch_login(payload)
    assert (request.id, request.batch) == (1, True)
    assert [each.sign_method for each in logins] == ["hmacSha1", "hmacmd5"]


@pytest.mark.parametrize(
    ("said", "clean"), [("true", True), ("false", False), ("False", False), (False, False), (True, True), ("", True)]
)
def test_clean_session_is_a_text_or_not(said: object, clean: bool) -> None:  # noqa: FBT001 - drawn
    message = msgspec.json.decode(C_SDK)
    message["params"]["cleanSession"] = said
    assert read_login(msgspec.json.encode(message)).logins[0].clean_session is clean


def test_answers_are_compact_and_in_the_order_of_the_samples() -> None:
    one, some = SessionRequest(7, False, [("a", "b")]), SessionRequest("7", True, [("a", "b")])
    named = b'{"productKey":"a","deviceName":"b"}'
    assert write_session_reply(one) == b'{"id":7,"code":200,"data":' + named + b',"message":"success","version":"1.0"}'
    assert write_session_reply(some).startswith(b'{"id":"7","code":200,"data":[' + named + b"],")
    refused = write_session_refusal(one, SessionFault.NO_SESSION, ("a", "b"))
    assert refused == b'{"id":7,"code":520,"data":' + named + b',"message":"device no session","version":"1.0"}'
    assert write_bad_parameters("x").startswith(b'{"id":"x","code":460,"data":{},')
    error = write_session_error(3, SessionFault.ELSEWHERE, ("a", "b"))
    assert error == b'{"id":"3","code":427,"data":' + named + b',"message":"device connected elsewhere"}'


@given(st.binary(max_size=200) | st.builds(msgspec.json.encode, st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "params", "deviceList", "productKey", "deviceName", "clientId", "sign", "timestamp"]),
        inner, max_size=6),
)))  # fmt: skip
def test_anything_is_read_or_refused(payload: bytes) -> None:
    for read in READERS:
        try:
            said = read(payload)
        except BadParameters:
            continue
        request = said if isinstance(said, SessionRequest) else said.request
        assert len(set(request.names)) == len(request.names) > 0


def test_every_fault_has_a_message() -> None:
    for fault in SessionFault:
        assert msgspec.json.decode(write_session_error(1, fault, ("a", "b")))["message"]
