"""What a webhook may look like, when it is tried again, and what is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.alink.iot_ids import read_iot_id, write_iot_id
from linkops.errors import Invalid
from linkops.events.kinds import KINDS
from linkops.subscriptions.model import Happened
from linkops.subscriptions.retries import DELAYS_MS, FAILING_DAYS, MAX_TRIES, Verdict, delay_ms, events_at_once, verdict
from linkops.subscriptions.signatures import new_secret, signature_header
from linkops.subscriptions.urls import check_kinds, check_url, host_of
from linkops.subscriptions.wire import envelope, request_body

DAY_MS = 86_400_000
AT = 1_571_323_748_000


@pytest.mark.parametrize(
    "url", ["https://example.com", "http://example.com:8080/a/b?c=d", "https://[2606:4700::1]/x", "http://8.8.8.8/"]
)
def test_urls_that_may_be(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "//example.com",
        "file:///etc/passwd",
        "gopher://example.com",
        "ftp://example.com",
        "javascript:alert(1)",
        "http://",
        "http:///path",
        "http://user@example.com",
        "http://user:word@example.com",
        "http://@example.com",
        "https://example.com/#part",
        "https://example.com/#",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://example.com:x/",
        "http://exa mple.com",
        "http://example.com/\r\nHost: inside",
        "http://example.com\\@inside/",
        "http://例子.example/",
        "http://[fe80::1%25eth0]/",
        "http://[::1",
        "https://example.com/" + "x" * 2_048,
    ],
)
def test_urls_that_may_not_be(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_url(url)
    assert refused.value.params["field"] == "url"


@given(text=st.text(max_size=100))
def test_any_text_is_refused_or_leads_to_a_host(text: str) -> None:
    for url in (text, f"http://{text}", f"https://example.com/{text}"):
        try:
            check_url(url)
        except Invalid:
            continue
        host, port = host_of(url)
        assert host
        assert 0 < port < 65_536


@pytest.mark.parametrize("kinds", [[], ["ota.nothing"], ["*"], ["ota.progress", "ota.progress"]])
def test_kinds_that_may_not_be(kinds: list[str]) -> None:
    with pytest.raises(Invalid):
        check_kinds(kinds)


def test_ten_tries_take_most_of_a_day() -> None:
    check_kinds(KINDS)
    assert len(DELAYS_MS) == MAX_TRIES - 1
    assert 0.8 * DAY_MS < sum(DELAYS_MS) < DAY_MS


@given(failures=st.integers(1, 30), chance=st.floats(0, 1))
def test_the_next_try_is_later_each_time_and_spread(failures: int, chance: float) -> None:
    least = delay_ms(failures, 0)
    assert least <= delay_ms(failures, chance) <= least * 1.1
    assert delay_ms(failures + 1, 0) >= least


def test_what_follows_from_a_failure() -> None:
    assert verdict(1, None, AT) is Verdict.AGAIN
    assert verdict(MAX_TRIES, AT - DAY_MS, AT) is Verdict.DEAD
    assert verdict(3, AT - FAILING_DAYS * DAY_MS, AT) is Verdict.DISABLE


@given(most=st.integers(1, 1_000), failures=st.integers(0, 20))
def test_a_request_always_carries_something_and_at_last_one(most: int, failures: int) -> None:
    assert 1 <= events_at_once(most, failures) <= most
    assert events_at_once(most, MAX_TRIES - 1) <= max(1, most // 500)


def test_two_secrets_make_two_signatures() -> None:
    first, second = new_secret(), new_secret()
    header = signature_header([first, second], b"{}", AT)
    at, one, two = header.split(",")
    assert at == f"t={AT // 1_000}"
    assert {one, two} == {signature_header([key], b"{}", AT).split(",")[1] for key in (first, second)}


@given(device_id=st.integers(1, 2**40))
def test_an_iot_id_names_one_device(device_id: int) -> None:
    assert read_iot_id(write_iot_id(device_id)) == device_id
    assert read_iot_id(write_iot_id(device_id)[:-1]) is None
    assert read_iot_id("0" * 20 + f"{device_id:012x}") is None


def happened(kind: str, body: dict[str, object], device_id: int | None = 7) -> Happened:
    return Happened(1, AT, kind, 3, device_id, "a1Zb", None if device_id is None else "lamp-7", body)


WHO = {"productKey": "a1Zb", "deviceName": "lamp-7"}
IOT = {"iotId": write_iot_id(7), **WHO}


@pytest.mark.parametrize(
    ("event", "topic", "payload"),
    [
        (
            happened("ota.version_changed", {"moduleName": "MCU", "moduleVersion": "2.0"}),
            "/a1Zb/lamp-7/ota/version/post",
            {**IOT, "moduleName": "MCU", "moduleVersion": "2.0", "messageCreateTime": AT},
        ),
        (
            happened("ota.progress", {"step": 50}),
            "/a1Zb/lamp-7/ota/progress/post",
            {**WHO, "step": 50, "messageCreateTime": AT},
        ),
        (
            happened("ota.job_changed", {"packageId": "5", "jobId": "9", "status": "COMPLETED"}, None),
            "/a1Zb/5/9/ota/job/status",
            {"productKey": "a1Zb", "packageId": "5", "jobId": "9", "status": "COMPLETED", "messageCreateTime": AT},
        ),
        (
            happened("device.offline", {"product_key": "a1Zb", "device_name": "lamp-7", "reason": "closed"}),
            "/as/mqtt/status/a1Zb/lamp-7",
            {**IOT, "status": "offline", "reason": "closed", "messageCreateTime": AT},
        ),
        (
            happened("device.deleted", {"product_key": "a1Zb", "device_name": "lamp-7"}),
            None,
            {**IOT, "messageCreateTime": AT},
        ),
    ],
)
def test_events_as_applications_read_them(event: Happened, topic: str | None, payload: dict[str, object]) -> None:
    assert envelope(event) == {"id": 1, "kind": event.kind, "at": AT, "topic": topic, "payload": payload}


def test_a_request_is_a_list_or_one_event() -> None:
    assert request_body([b"{}", b"[]"], batch=True) == b"[{},[]]"
    assert request_body([b"{}"], batch=False) == b"{}"
