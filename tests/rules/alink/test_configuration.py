import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.alink.configuration import (
    MAX_ANSWER_CHARS,
    NO_CONFIGURATION,
    SWITCHED_OFF,
    Configuration,
    PushAnswer,
    WrongPull,
    printable,
    push_id_of,
    read_config_get,
    read_push_reply,
    write_config_push,
    write_config_refusal,
    write_config_reply,
)
from linkops.alink.jsontext import Malformed

SHA256 = "a" * 64
FOUND = Configuration.of("17", 22, SHA256, "https://ops.example/files/x")
DESCRIBED = (
    b'{"configId":"17","configSize":22,"sign":"' + SHA256.encode() + b'","signMethod":"Sha256",'
    b'"url":"https://ops.example/files/x","getType":"file"}'
)
ASKS = '{"configScope":"product","getType":"file"}'


def test_a_push_is_compact_and_describes_the_file_under_params() -> None:
    expected = b'{"id":"5","version":"1.0","params":' + DESCRIBED + b',"method":"thing.config.push"}'
    assert write_config_push(5, FOUND) == expected


def test_the_answer_to_a_pull_describes_it_under_data() -> None:
    expected = (
        b'{"id":123,"code":200,"data":'
        + DESCRIBED
        + b',"message":"success","method":"thing.config.get","version":"1.0"}'
    )
    assert write_config_reply(123, FOUND) == expected


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (SWITCHED_OFF, "thing config function is not available"),
        (NO_CONFIGURATION, "no data"),
        (460, "request parameter error"),
    ],
)
def test_a_pull_that_gets_nothing_is_told_why(code: int, message: str) -> None:
    answer = msgspec.json.decode(write_config_refusal("7", code))
    assert (answer["id"], answer["code"], answer["message"], answer["data"]) == ("7", code, message, {})


@pytest.mark.parametrize(
    ("sent", "message_id"),
    [
        (f'{{"id":"123","version":"1.0","sys":{{"ack":0}},"params":{ASKS},"method":"thing.config.get"}}', "123"),
        (f'{{"id":1, "params":{ASKS}}}', 1),
        (f'{{"id":"1","params":{ASKS},}}', "1"),
        (f'{{"params":{ASKS}}}', ""),
    ],
)
def test_pulls_are_read_whatever_they_leave_out(sent: str, message_id: str | int) -> None:
    assert read_config_get(sent.encode()) == message_id


@pytest.mark.parametrize(
    "params", ["{}", "null", "[]", '"{}"', '{"configScope":"device","getType":"file"}', '{"configScope":"product"}']
)
def test_pulls_of_anything_else_are_wrong(params: str) -> None:
    with pytest.raises(WrongPull) as wrong:
        read_config_get(f'{{"id":"9","params":{params}}}'.encode())
    assert wrong.value.message_id == "9"


@pytest.mark.parametrize("payload", [b"", b"[]", b"{", b'{"id":{}}', b'{"id":"' + b"1" * 600 + b'"}'])
def test_what_is_no_message_is_malformed(payload: bytes) -> None:
    for read in (read_config_get, read_push_reply):
        with pytest.raises(Malformed):
            read(payload)


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        ('{"id":"5","code":200,"data":{}}', PushAnswer("5", 200, "")),
        ('{"id":5,"code":"200"}', PushAnswer(5, 200, "")),
        ('{"id":"5"}', PushAnswer("5", 200, "")),
        ('{"id":"5","code":400,"message":"no such\\nkey\\u0000"}', PushAnswer("5", 400, "no such key")),
        ('{"id":"5","code":"broken","message":7}', PushAnswer("5", 0, "")),
        ('{"id":"5","code":"99999999999999999999"}', PushAnswer("5", 0, "")),
    ],
)
def test_answers_to_pushes(sent: str, answer: PushAnswer) -> None:
    assert read_push_reply(sent.encode()) == answer


@pytest.mark.parametrize(
    ("message_id", "push_id"),
    [("5", 5), (5, 5), ("", None), ("-5", None), ("5|x", None), ("\u0665", None), ("9" * 19, None)],
)
def test_only_ids_of_ours_are_pushes(message_id: str | int, push_id: int | None) -> None:
    assert push_id_of(message_id) == push_id


@given(st.text(max_size=300))
def test_what_devices_write_is_bounded_and_printable(text: str) -> None:
    shown = printable(text)
    assert len(shown) <= MAX_ANSWER_CHARS
    assert shown.isprintable()
