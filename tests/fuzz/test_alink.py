"""Whatever a device sends is either read or refused with the one documented exception."""

import json
from contextlib import suppress
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from linkops.alink.blocks import BlockFault, BlockRequest, read_block_request, write_block_error, write_block_reply
from linkops.alink.configuration import WrongPull, read_config_get, read_push_reply
from linkops.alink.firmware import read_firmware_get, read_progress, read_version_report
from linkops.alink.jsontext import INT64_MAX, INT64_MIN, Malformed, decode, encode, mend
from linkops.alink.messages import read_reply, read_request
from linkops.alink.ntp import MAX_TIME_CHARS, read_ntp_request, write_ntp_response
from linkops.alink.tags import keys_to_delete, tags_to_set
from linkops.alink.topics import Channel, channel_of, custom_levels, owner_of_filter, topic_for
from linkops.devices.names import is_tag_key
from linkops.devices.tags.changing import MAX_SYSTEM_VALUE_CHARS, tag_of

anything: msgspec.json.Decoder[Any] = msgspec.json.Decoder()

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(INT64_MIN, INT64_MAX)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
almost_json = st.lists(
    st.sampled_from(
        [
            b"{",
            b"}",
            b"[",
            b"]",
            b",",
            b":",
            b'"',
            b"\\",
            b"0",
            b"-",
            b"9",
            b"1e9",
            b"null",
            b" ",
            b'"id"',
            b'"params"',
            b"\xff",
        ]
    )
).map(b"".join)
levels = st.lists(
    st.sampled_from(
        [
            "",
            "sys",
            "ota",
            "device",
            "ext",
            "rrpc",
            "session",
            "ntp",
            "shadow",
            "thing",
            "event",
            "post",
            "+",
            "#",
            "pk",
            "dn",
            "user",
        ]
    )
).map("/".join)


@given(st.binary() | almost_json)
def test_payloads(payload: bytes) -> None:
    readers = (
        read_request,
        read_reply,
        read_version_report,
        read_progress,
        read_firmware_get,
        read_block_request,
        read_config_get,
        read_push_reply,
        read_ntp_request,
    )
    for read in readers:
        try:
            read(payload)
        except (Malformed, WrongPull):
            continue


numbers = st.integers(-(2**70), 2**70) | st.integers(-2, 300_000).map(str) | values


@given(values, values, numbers, numbers, numbers, numbers)
def test_block_requests(message_id: Any, token: Any, stream_id: Any, file_id: Any, size: Any, offset: Any) -> None:
    params = {
        "fileToken": token,
        "fileInfo": {"streamId": stream_id, "fileId": file_id},
        "fileBlock": {"size": size, "offset": offset},
    }
    try:
        request = read_block_request(json.dumps({"id": message_id, "params": params}).encode())
    except Malformed:
        return
    assert_echoed(request, message_id, token)


def assert_echoed(request: BlockRequest, message_id: Any, token: Any) -> None:
    """Check that whatever was accepted can be answered, with id and token as they came."""
    reply = write_block_reply(request, b"xyz", 3)
    head = json.loads(reply[2 : 2 + int.from_bytes(reply[:2], "big")])
    assert (head["id"], head["data"].get("fileToken")) == (message_id, token)
    assert reply[-5:-2] == b"xyz"
    assert write_block_error(request.id, BlockFault.NOT_FOUND)


@given(almost_json)
def test_what_was_read_can_be_written_and_stored(payload: bytes) -> None:
    try:
        value = decode(payload, anything)
    except Malformed:
        return
    assert json.loads(encode(value)) == value


@given(values)
def test_good_json_is_read_as_any_reader_reads_it(value: Any) -> None:
    text = json.dumps(value).encode()
    assert mend(text) == text
    assert decode(text, anything) == json.loads(text)


@given(st.text() | levels)
def test_topics(topic: str) -> None:
    address = channel_of(topic)
    assert address is None or topic.startswith("/")


@given(st.sampled_from(list(Channel)), st.sets(st.integers(1, 9)), st.none() | st.integers(1, 9))
def test_a_filter_that_matches_a_devices_topic_is_nobody_elses(
    channel: Channel, plus: set[int], cut: int | None
) -> None:
    rest = "7/pk/dn/user/get" if channel is Channel.CUSTOM_RRPC else "7"
    parts = topic_for(channel, "pk", "dn", rest).split("/")
    parts = [part if i not in plus else "+" for i, part in enumerate(parts)]
    topic_filter = "/".join(parts if cut is None else [*parts[:cut], "#"])
    assert owner_of_filter(topic_filter) in (None, ("pk", "dn"), ("pk", ""), ("", ""))


tag_entries = st.fixed_dictionaries(
    {}, optional={"attrKey": st.text() | values, "attrValue": st.text() | values, "domain": st.text() | values}
)


@given(values | st.lists(tag_entries))
def test_tags(params: Any) -> None:
    """Whatever stands in ``params`` is a list of tags that may be, or refused."""
    params = read_request(encode({"id": "1", "params": params})).params
    try:
        tags = {entry.attr_key: tag_of(entry) for entry in tags_to_set(params)}
    except Malformed:
        tags = {}
    assert all(is_tag_key(key) and len(tag.value) <= MAX_SYSTEM_VALUE_CHARS for key, tag in tags.items())
    with suppress(Malformed):
        assert all(isinstance(key, str) for key in keys_to_delete(params))


@given(st.text() | st.integers(INT64_MIN, INT64_MAX))
def test_time_of_a_device(sent: str | int) -> None:
    try:
        read = read_ntp_request(encode({"deviceSendTime": sent}))
    except Malformed:
        assert len(str(sent)) > MAX_TIME_CHARS
        return
    assert json.loads(write_ntp_response(read, 1, 2))["deviceSendTime"] == str(sent)


custom = st.sampled_from(["", "/pk/dn/user/", "/ext/rrpc/17/pk/dn/user/", "/ext/rrpc/17"])


@given(st.builds(str.__add__, custom, levels))
def test_the_path_of_a_custom_topic_is_what_its_channel_says(topic: str) -> None:
    """Rules look at a topic's levels, routes at its channel: they must never mean different topics."""
    address = channel_of(topic)
    path = custom_levels(topic.split("/"))
    if address is not None and address.channel is Channel.CUSTOM:
        assert path is not None
        assert "/".join(path) == address.rest
    elif address is not None and address.channel is Channel.CUSTOM_RRPC:
        inner = channel_of("/" + address.rest.partition("/")[2])
        assert inner is not None
        assert (path is not None) == (inner.channel is Channel.CUSTOM)
    elif address is not None:
        assert path is None
