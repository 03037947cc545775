import pytest

from linkops.alink.topics import (
    BOTH,
    DOWN,
    UP,
    Address,
    Channel,
    channel_of,
    owner_of_filter,
    reply_topic,
    topic_for,
)

PK, DN = "a1B2c3D4e5F", "pump-7@hall.2:x_y"
OWN = (PK, DN)


@pytest.mark.parametrize("channel", list(Channel))
def test_every_topic_is_understood_as_the_channel_it_was_made_for(channel: Channel) -> None:
    rest = f"17/{PK}/{DN}/user/get" if channel is Channel.CUSTOM_RRPC else "17"
    address = channel_of(topic_for(channel, PK, DN, rest))
    assert address is not None
    assert (address.channel, address.direction) == (channel, channel.begins)
    assert address.product_key == (PK if "{pk}" in channel.pattern or channel is Channel.CUSTOM_RRPC else "")
    assert address.device_name == (DN if "{dn}" in channel.pattern or channel is Channel.CUSTOM_RRPC else "")
    assert address.rest == (rest if "{rest}" in channel.pattern else "")


@pytest.mark.parametrize(
    "channel", [c for c in Channel if c.begins is not BOTH and c.pattern.startswith(("/sys", "/ext/s"))]
)
def test_the_answer_travels_the_other_way_on_the_same_channel(channel: Channel) -> None:
    reply = topic_for(channel, PK, DN, "17", reply=True)
    assert reply == reply_topic(topic_for(channel, PK, DN, "17"))
    opposite = DOWN if channel.begins is UP else UP
    assert channel_of(reply) == Address(channel, PK, DN, opposite, "17" if "{rest}" in channel.pattern else "")


def test_nobody_answers_a_version_report() -> None:
    with pytest.raises(ValueError, match="no reply"):
        topic_for(Channel.VERSION_REPORT, PK, DN, reply=True)


def test_answers_to_a_request_topic_are_responses() -> None:
    assert reply_topic(f"/ext/ntp/{PK}/{DN}/request") == f"/ext/ntp/{PK}/{DN}/response"
    assert reply_topic(f"/sys/{PK}/{DN}/rrpc/request/17") == f"/sys/{PK}/{DN}/rrpc/response/17"
    assert (
        reply_topic(f"/sys/{PK}/{DN}/secure_tunnel/proxy/request")
        == f"/sys/{PK}/{DN}/secure_tunnel/proxy/request_reply"
    )


def test_a_property_is_not_mistaken_for_an_event_or_a_service() -> None:
    sys = f"/sys/{PK}/{DN}/thing"
    meanings = {
        topic: channel_of(f"{sys}/{topic}")
        for topic in ("event/property/post", "event/tamper/post", "service/property/set")
    }
    assert [address and address.channel for address in meanings.values()] == [
        Channel.PROPERTY_POST,
        Channel.EVENT_POST,
        Channel.PROPERTY_SET,
    ]
    assert channel_of(f"{sys}/event/hall:tamper/post_reply") == Address(Channel.EVENT_POST, PK, DN, DOWN, "hall:tamper")
    assert channel_of(f"{sys}/service/reboot_reply") == Address(Channel.SERVICE_CALL, PK, DN, UP, "reboot")


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "/",
        "//",
        "///",
        "x",
        "sys/a/b/thing/enable",
        f"/sys/{PK}/{DN}",
        f"/sys/{PK}/{DN}/",
        f"/sys/{PK}/{DN}/thing",
        f"/sys/{PK}/{DN}/thing/event/",
        f"/sys/{PK}/{DN}/thing/event//post",
        f"/sys/{PK}/{DN}/thing/service/",
        f"/sys/{PK}/{DN}/rrpc/request/",
        f"/sys/{PK}/{DN}/thing/enable/now",
        f"/ota/device/inform/{PK}",
        f"/ota/device/inform/{PK}/{DN}/x",
        f"/ota/devices/inform/{PK}/{DN}",
        f"/ota/device/{{pk}}/{PK}/{DN}",
        f"/shadow/update/{PK}",
        f"/shadow/update/{PK}/{DN}/x",
        f"/ext/session/{PK}/{DN}/combine",
        f"/ext/ntp/{PK}",
        f"/ext/error/{PK}/{DN}/x",
        "/ext/register/x",
        "/ext/rrpc/17",
        "/ext/rrpc/17/x",
        f"/broadcast/{PK}",
        f"/broadcast/{PK}/",
        f"/{PK}/{DN}/user",
        f"/{PK}/{DN}/user/",
        f"/{PK}/{DN}/other/x",
        "/ext/rrpc/1" * 6_000,
        "$SYS/broker/version",
    ],
)
def test_other_topics_are_not_the_protocols(topic: str) -> None:
    assert channel_of(topic) is None


@pytest.mark.parametrize(
    "topic_filter",
    [
        f"/sys/{PK}/{DN}/thing/event/+/post_reply",
        f"/sys/{PK}/{DN}/rrpc/request/+",
        f"/sys/{PK}/{DN}/#",
        f"/ota/device/upgrade/{PK}/{DN}",
        f"/ota/device/+/{PK}/{DN}",
        f"/shadow/get/{PK}/{DN}",
        f"/ext/session/{PK}/{DN}/combine/login_reply",
        f"/ext/ntp/{PK}/{DN}/response",
        f"/ext/error/{PK}/{DN}",
        f"/ext/rrpc/+/{PK}/{DN}/user/get",
        f"/ext/rrpc/+/sys/{PK}/{DN}/thing/x",
        f"/{PK}/{DN}/user/get",
        f"/{PK}/{DN}/user/#",
        f"/{PK}/{DN}/#",
    ],
)
def test_a_filter_with_its_own_names_belongs_to_the_device(topic_filter: str) -> None:
    assert owner_of_filter(topic_filter) == OWN


@pytest.mark.parametrize(
    "topic_filter",
    [
        "#",
        "/#",
        "+/+",
        "/+/+/user/get",
        "$SYS/#",
        f"$share/x/sys/{PK}/{DN}/#",
        f"$share/x//sys/{PK}/{DN}/#",
        "/sys/+/+/thing/service/property/set",
        f"/sys/{PK}/#",
        f"/sys/{PK}/+/thing/enable",
        f"/sys/+/{DN}/thing/enable",
        f"/+/{PK}/{DN}/user/get",
        f"/sys/{PK}",
        "/ota/device/#",
        "/ota/device/upgrade/#",
        f"/ota/device/upgrade/{PK}/+",
        f"/ext/+/{PK}/{DN}/combine/login_reply",
        f"/ext/rrpc/#/{PK}",
        "/ext/rrpc/+/#",
        "/ext/rrpc/#",
        "/ext/#",
        "/broadcast/+/news",
        "/broadcast/#",
        f"/{PK}/#",
        f"/{PK}/pre#/user/x",
        "/ext/rrpc/+" * 6_000,
        "",
    ],
)
def test_a_filter_that_could_match_anybody_elses_topics_has_no_owner(topic_filter: str) -> None:
    assert owner_of_filter(topic_filter) is None


def test_a_filter_belongs_to_whom_it_names() -> None:
    assert owner_of_filter("/sys/other/device/#") == ("other", "device")
    assert owner_of_filter(f"/broadcast/{PK}/news") == (PK, "")
    assert owner_of_filter("/ext/register") == ("", "")


def test_only_custom_topics_and_broadcasts_wait_for_a_subscription() -> None:
    asked_for = [channel for channel in Channel if channel.needs_subscribe]
    assert asked_for == [Channel.CUSTOM_RRPC, Channel.BROADCAST, Channel.CUSTOM]
