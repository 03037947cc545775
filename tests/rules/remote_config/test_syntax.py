"""What may be a configuration document."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.errors import Invalid, TooLarge
from linkops.remote_config.documents.model import MAX_BYTES, MAX_DEPTH
from linkops.remote_config.documents.syntax import checked
from linkops.remote_config.documents.values import canonical
from linkops.texts.refusals import TEXTS
from tests.rules.remote_config.strategies import objects

REFUSED = [
    # text, code, line, column, what else is said
    ("", "empty", 1, 1, {}),
    (" \n\t ", "empty", 2, 3, {}),
    ("\ufeff{}", "bom", 1, 1, {}),
    ("[]", "not_object", 1, 1, {}),
    ("\n 5 ", "not_object", 2, 2, {}),
    ("{} {}", "text_after_end", 1, 4, {"found": "{"}),
    ("{}\n,", "text_after_end", 2, 1, {"found": ","}),
    ("{", "ends_early", 1, 2, {}),
    ('{"a"', "ends_early", 1, 5, {}),
    ('{"a":', "ends_early", 1, 6, {}),
    ('{"a":1', "ends_early", 1, 7, {}),
    ('{"a":[1,', "ends_early", 1, 9, {}),
    ('{"a":1,}', "trailing_comma", 1, 7, {}),
    ('{"a":[1,\r\n2,\r\n]}', "trailing_comma", 2, 2, {}),
    ("{,}", "name_expected", 1, 2, {"found": ","}),
    ("{a:1}", "name_expected", 1, 2, {"found": "a"}),
    ("{1:1}", "name_expected", 1, 2, {"found": "1"}),
    ("{'a':1}", "single_quotes", 1, 2, {"found": "'"}),
    ("{\"a\":'b'}", "single_quotes", 1, 6, {"found": "'"}),
    ('{"a" 1}', "colon_expected", 1, 6, {"found": "1"}),
    ('{"a"="b"}', "colon_expected", 1, 5, {"found": "="}),
    ('{"a":1 "b":2}', "comma_expected", 1, 8, {"found": '"', "closing": "}"}),
    ('{"a":1\r"b":2}', "comma_expected", 2, 1, {"found": '"', "closing": "}"}),
    ('{"a":[1 2]}', "comma_expected", 1, 9, {"found": "2", "closing": "]"}),
    ('{"a":[1}', "comma_expected", 1, 8, {"found": "}", "closing": "]"}),
    ('{"a":}', "value_expected", 1, 6, {"found": "}"}),
    ('{"a":[,1]}', "value_expected", 1, 7, {"found": ","}),
    ('{"a":True}', "value_expected", 1, 6, {"found": "True"}),
    ('{"a":nullx}', "value_expected", 1, 6, {"found": "nullx"}),
    ('{"a":undefined_is_a_very_long_word}', "value_expected", 1, 6, {"found": "undefined_is_a_very_"}),
    ('{"a":NaN}', "not_a_number", 1, 6, {"found": "NaN"}),
    ('{"a":-Infinity}', "not_a_number", 1, 6, {"found": "-Infinity"}),
    ('{"a":01}', "number", 1, 6, {"found": "01"}),
    ('{"a":+1}', "number", 1, 6, {"found": "+1"}),
    ('{"a":.5}', "number", 1, 6, {"found": ".5"}),
    ('{"a":1.}', "number", 1, 6, {"found": "1."}),
    ('{"a":1.2.3}', "number", 1, 6, {"found": "1.2.3"}),
    ('{"a":0x1F}', "number", 1, 6, {"found": "0x1F"}),
    ('{"a":-}', "number", 1, 6, {"found": "-"}),
    ('{"a":1e400}', "number_too_large", 1, 6, {"found": "1e400"}),
    ('{"a":' + "9" * 400 + "}", "number_too_large", 1, 6, {"found": "9" * 20}),
    ('{"a":"b}', "string_open", 1, 6, {}),
    ('{"a":"b\n"}', "control_character", 1, 8, {"found": "U+000A"}),
    ('{"a\t":1}', "control_character", 1, 4, {"found": "U+0009"}),
    ('{"a":"C:\\dir"}', "escape", 1, 9, {"found": "\\d"}),
    ('{"a":"\\u12x4"}', "escape", 1, 7, {"found": "\\u"}),
    ('{"a":"\\ud800"}', "lone_surrogate", 1, 7, {}),
    ('{"a":"\\ud800\\ud800\\udc00"}', "lone_surrogate", 1, 7, {}),
    ('{"a":"x\\udc00"}', "lone_surrogate", 1, 8, {}),
    ('{"a":"\\ud800x\\udc00"}', "lone_surrogate", 1, 7, {}),
    ('{"\\udbff":1}', "lone_surrogate", 1, 3, {}),
    ('{"a":"x\ud800"}', "lone_surrogate", 1, 8, {}),
    ('{"a":1,\n "b":2,\n "\\u0061":3}', "name_repeated", 3, 2, {"name": "a", "first_line": 1}),
    ('{"a":{"b":1,"b":1}}', "name_repeated", 1, 13, {"name": "b", "first_line": 1}),
    ("// mine\n{}", "comment", 1, 1, {}),
    ('{"a":1, /* why */ "b":2}', "comment", 1, 9, {}),
    ('{"a":1 # why\n}', "comment", 1, 8, {}),
    ('{"ü😀":1,\n"ü😀":2}', "name_repeated", 2, 1, {"name": "ü😀", "first_line": 1}),
    ('{"a":' * MAX_DEPTH + "{}" + "}" * MAX_DEPTH, "too_deep", 1, 5 * MAX_DEPTH + 1, {"most": MAX_DEPTH}),
    ("[" * 60_000, "too_deep", 1, MAX_DEPTH + 1, {"most": MAX_DEPTH}),
]


@pytest.mark.parametrize(("text", "code", "line", "column", "more"), REFUSED, ids=[repr(r[0])[:30] for r in REFUSED])
def test_what_is_refused_and_where(text: str, code: str, line: int, column: int, more: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        checked(text)
    assert (refused.value.code, refused.value.params) == (
        f"config.json_{code}",
        {"field": "content", "line": line, "column": column, **more},
    )


@pytest.mark.parametrize("code", sorted({code for _, code, *_ in REFUSED}))
def test_every_reason_has_a_text(code: str) -> None:
    assert f"config.json_{code}" in TEXTS


TAKEN = [
    "{}",
    " \r\n\t{ } \n",
    '{"a":[1,-0,0.5,1e5,1E-5,-12.50e+1,true,false,null,"",{},[]]}',
    '{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00"}',
    '{"a":"\\\\ud800"}',
    '{"a":"\\u0000\u2028ä😀"}',
    '{"A":1,"a":2}',
    '{"a":{"b":1},"b":{"b":1}}',
    '{"a":' * (MAX_DEPTH - 1) + "{}" + "}" * (MAX_DEPTH - 1),
    '{"a":1e-400}',
]


@pytest.mark.parametrize("text", TAKEN)
def test_what_is_taken_is_kept_byte_for_byte(text: str) -> None:
    assert checked(text).decode() == text


def test_the_limit_is_one_of_bytes() -> None:
    most = (MAX_BYTES - len('{"a":""}')) // 2
    assert len(checked('{"a":"' + "ä" * most + '"}')) == MAX_BYTES
    with pytest.raises(TooLarge) as refused:
        checked('{"a":"' + "ä" * most + '" }')
    assert refused.value.params == {"field": "content", "size_bytes": MAX_BYTES + 1, "most": MAX_BYTES}


@given(document=objects, indent=st.sampled_from([None, 0, 2]))
def test_every_object_is_taken(document: dict[str, Any], indent: int | None) -> None:
    text = canonical(document).decode()
    assert checked(text).decode() == text
    spaced = json.dumps(json.loads(text), indent=indent)
    assert checked(spaced).decode() == spaced


class NameTwiceError(Exception):
    pass


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise NameTwiceError
    return dict(pairs)


def no_constant(_: str) -> Any:
    raise ValueError


def is_one(text: str) -> bool:
    """Whether Python's own parser takes it, with its liberties taken away."""
    try:
        value = json.loads(text, object_pairs_hook=once, parse_constant=no_constant)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, NameTwiceError):
        return False
    return isinstance(value, dict)


PUNCTUATION = list('{}[],:"-.\\/ \n')
PIECES = ['"a"', '"b"', "1", "0", "e5", "true", "null", "NaN", "\\u", "d800", "dc00", "é"]
pieces = st.sampled_from(PUNCTUATION + PIECES)


def refusal(text: str) -> Invalid | None:
    """Return why a text is refused; None: it is taken, byte for byte."""
    try:
        assert checked(text).decode() == text
    except Invalid as refused:
        return refused
    return None


@given(text=st.lists(pieces, max_size=12).map("".join))
def test_any_text_is_taken_or_refused_as_the_standard_says(text: str) -> None:
    refused = refusal(text)
    assert (refused is None) == is_one(text)
    assert refused is None or refused.code in TEXTS


@given(document=objects, data=st.data())
def test_a_document_with_one_character_gone_or_another(document: dict[str, Any], data: st.DataObject) -> None:
    text = canonical(document).decode()
    at = data.draw(st.integers(0, len(text)))
    broken = text[:at] + data.draw(st.sampled_from(["", ",", '"', "}", "0", "\\", "x"])) + text[at + 1 :]
    refused = refusal(broken)
    assert (refused is None) == is_one(broken)
    assert refused is None or 1 <= refused.params["line"] <= broken.count("\n") + broken.count("\r") + 1
