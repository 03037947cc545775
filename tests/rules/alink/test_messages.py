from typing import Any

import pytest

from linkops.alink.jsontext import Malformed
from linkops.alink.messages import MAX_ID_CHARS, read_reply, read_request, write_reply, write_request


@pytest.mark.parametrize(
    ("sent", "message_id"),
    [
        (b'{"id":"123","params":{}}', "123"),
        (b'{"id":1,"params":{}}', 1),
        (b'{"id":0}', 0),
        (b'{"id":"0"}', "0"),
        (b'{"id":""}', ""),
        (b'{"params":{}}', ""),
        (b'{"id":4294967296}', 4294967296),
        (
            b'{"id":"1|exp-topic|/sys/pk/dn/thing/event/property/post_reply","method":""}',
            "1|exp-topic|/sys/pk/dn/thing/event/property/post_reply",
        ),
    ],
)
def test_an_id_is_echoed_as_it_came(sent: bytes, message_id: str | int) -> None:
    request = read_request(sent)
    assert request.id == message_id
    echoed = read_reply(write_reply(request.id, {}))
    assert (echoed.id, echoed.code, echoed.data) == (message_id, 200, {})


@pytest.mark.parametrize(
    "sent",
    [
        b"[]",
        b'"x"',
        b"1",
        b"null",
        b'{"id":{}}',
        b'{"id":1.5}',
        b'{"id":true}',
        b'{"id":9223372036854775808}',
        b'{"sys":[]}',
        b'{"id":"' + b"x" * (MAX_ID_CHARS + 1) + b'"}',
    ],
)
def test_what_is_no_request_is_malformed(sent: bytes) -> None:
    with pytest.raises(Malformed):
        read_request(sent)


@pytest.mark.parametrize(
    ("sys", "wants"),
    [
        ("", True),
        (',"sys":{}', True),
        (',"sys":{"ack":1}', True),
        (',"sys":{"ack":0}', False),
        (',"sys":{"ack":"0"}', False),
    ],
)
def test_a_device_may_say_that_it_wants_no_reply(sys: str, wants: bool) -> None:  # noqa: FBT001 - a table column
    assert read_request(f'{{"id":"1"{sys}}}'.encode()).wants_reply is wants


@pytest.mark.parametrize("params", ["{}", [], {"a": 1}, None, "text", 5])
def test_params_are_whatever_the_sender_put_there(params: Any) -> None:
    assert read_request(write_request("1", params, "thing.x")).params == params


def test_a_reply_is_compact_and_in_the_order_of_the_samples() -> None:
    assert (
        write_reply("123", None, method="thing.topo.get")
        == b'{"id":"123","code":200,"data":{},"message":"success","method":"thing.topo.get","version":"1.0"}'
    )
    assert (
        write_reply(7, [], code=460, message="params")
        == b'{"id":7,"code":460,"data":[],"message":"params","version":"1.0"}'
    )


def test_a_request_is_compact_and_in_the_order_of_the_samples() -> None:
    assert (
        write_request("9", {"a": 1}, "thing.config.push")
        == b'{"id":"9","version":"1.0","params":{"a":1},"method":"thing.config.push"}'
    )


def test_a_devices_answer_is_read_with_its_code_as_number_or_text() -> None:
    assert read_reply(b'{"id":"77","code":200,"data":{}}').code == 200
    assert read_reply(b'{"id":77,"code":"400"}').code == "400"
