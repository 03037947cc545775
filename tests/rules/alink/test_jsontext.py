"""Every fault that device-protocol.md#json lists is read; everything else that is not JSON is `Malformed`."""

from typing import Any

import msgspec
import pytest

from linkops.alink.jsontext import MAX_MENDED_BYTES, Malformed, decode, encode, mend

anything: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class Block(msgspec.Struct):
    offset: int


def test_output_has_no_blanks_and_keeps_the_order() -> None:
    assert encode({"b": [1, {"a": "x, y: z"}], "a": "灯"}) == '{"b":[1,{"a":"x, y: z"}],"a":"灯"}'.encode()


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        # C SDK 4: block request, trailing comma
        (
            b'{"id":"1","params":{"fileToken":"default","fileInfo":{"streamId":1397345,"fileId":1,},"fileBlock":{"size":10240}}}',
            {
                "id": "1",
                "params": {
                    "fileToken": "default",
                    "fileInfo": {"streamId": 1397345, "fileId": 1},
                    "fileBlock": {"size": 10240},
                },
            },
        ),
        # C SDK 3: shadow delete, double comma
        (b'{"method":"delete",,"state":{"reported":"null"}}', {"method": "delete", "state": {"reported": "null"}}),
        # C SDK 4: tunnel frame header, leading zero
        (
            b'{"frame_type":4,"frame_id":026551964,"session_id":"s"}',
            {"frame_type": 4, "frame_id": 26551964, "session_id": "s"},
        ),
        # C SDK 4: topology query, a text where an object belongs
        (b'{"id":"3","params":"{}"}', {"id": "3", "params": "{}"}),
        (b"[1 , , \n, 2 ,\t]", [1, 2]),
        (b"[00,-007,0.5,-0.5,1e05,100,00.25]", [0, -7, 0.5, -0.5, 1e5, 100, 0.25]),
    ],
)
def test_what_real_devices_get_wrong_is_read(sent: bytes, meant: Any) -> None:
    assert decode(sent, anything) == meant


@pytest.mark.parametrize("text", ['",,"', '",}"', '"a\\",,\\" 007"', '"007"', '"\\\\"'])
def test_texts_are_never_mended(text: str) -> None:
    sent = f'{{"t":{text},}}'.encode()
    assert mend(sent) == sent.replace(b",}", b"}") if text != '",}"' else mend(sent) == b'{"t":",}"}'
    assert decode(sent, anything) == {"t": msgspec.json.decode(text)}


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b'{"a":1',
        b'{"a" 1}',
        b"[,1]",
        b"{'a':1}",
        b"NaN",
        b"[Infinity]",
        b"1e400",
        b"[-1e400]",
        b"[9223372036854775808]",
        b"[-9223372036854775809]",
        b'{"a":{"b":[123456789012345678901234567890]}}',
        b"[" + b"9" * 5_000 + b"]",
        b"\xef\xbb\xbf{}",
        b'"\xff"',
        b'{"a":"\xc3\x28"}',
        b'"\\ud800"',
        b'"\x01"',
        b"[" * 5_000 + b"]" * 5_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"a":1}}',
        b'{"a":1}{"a":1}',
        b'"\\',
    ],
)
def test_anything_else_is_malformed(sent: bytes) -> None:
    with pytest.raises(Malformed):
        decode(sent, anything)


def test_the_largest_integers_that_fit_are_read() -> None:
    assert decode(b"[9223372036854775807,-9223372036854775808]", anything) == [2**63 - 1, -(2**63)]


def test_a_typed_message_is_bounded_too() -> None:
    decoder = msgspec.json.Decoder(Block)
    assert decode(b'{"offset":007}', decoder) == Block(7)
    for sent in (b'{"offset":9223372036854775808}', b'{"offset":1,"x":9223372036854775808}', b'{"offset":"1"}', b"[]"):
        with pytest.raises(Malformed):
            decode(sent, decoder)


def test_of_repeated_keys_the_last_counts() -> None:
    assert decode(b'{"a":1,"a":2}', anything) == {"a": 2}


def test_long_garbage_is_refused_without_being_mended() -> None:
    with pytest.raises(Malformed):
        decode(b"[" + b"1,," * MAX_MENDED_BYTES + b"1]", anything)


def test_mending_is_linear() -> None:
    for garbage in (b'"', b'\\"', b", ", b",\n", b"0", b"00,", b'"",', b"-0", b"0."):
        mend(garbage * (262_144 // len(garbage)))
