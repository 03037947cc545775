"""Documents laid over each other."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.remote_config.documents.merge import Origin, merged, origins, overlaid
from linkops.remote_config.documents.values import Number, canonical, parse, value_at
from tests.rules.remote_config.strategies import objects, values

# RFC 7386, appendix A.
APPENDIX = [
    ('{"a":"b"}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'),
    ('{"a":"b"}', '{"a":null}', "{}"),
    ('{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'),
    ('{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'),
    ('{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'),
    ('{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'),
    ('["a","b"]', '["c","d"]', '["c","d"]'),
    ('{"a":"b"}', '["c"]', '["c"]'),
    ('{"a":"foo"}', "null", "null"),
    ('{"a":"foo"}', '"bar"', '"bar"'),
    ('{"e":null}', '{"a":1}', '{"a":1,"e":null}'),
    ("[1,2]", '{"a":"b","c":null}', '{"a":"b"}'),
    ("{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'),
]


@pytest.mark.parametrize(("target", "patch", "result"), APPENDIX)
def test_the_examples_of_the_standard(target: str, patch: str, result: str) -> None:
    assert canonical(merged(parse(target.encode()), parse(patch.encode()))).decode() == result


def naive(target: Any, patch: Any) -> Any:
    """The pseudocode of RFC 7386, section 2, word by word."""
    if isinstance(patch, dict):
        target = dict(target) if isinstance(target, dict) else {}
        for name, value in patch.items():
            if value is None:
                if name in target:
                    del target[name]
            else:
                target[name] = naive(target.get(name), value)
        return target
    return patch


@given(target=objects, patch=objects)
def test_any_merge_is_that_of_the_standard(target: dict[str, Any], patch: dict[str, Any]) -> None:
    before = canonical(target), canonical(patch)
    assert merged(target, patch) == naive(target, patch)
    assert (canonical(target), canonical(patch)) == before


@given(target=objects, patch=objects)
def test_laying_the_same_over_twice_changes_nothing(target: dict[str, Any], patch: dict[str, Any]) -> None:
    once = merged(target, patch)
    assert merged(once, patch) == once


@given(layers=st.lists(objects, min_size=1, max_size=4))
def test_a_merge_is_no_larger_than_its_parts(layers: list[dict[str, Any]]) -> None:
    assert len(canonical(overlaid(layers))) <= sum(len(canonical(layer)) for layer in layers)


@given(layers=st.lists(objects, min_size=1, max_size=4))
def test_every_value_comes_from_the_last_document_that_has_it(layers: list[dict[str, Any]]) -> None:
    whole = overlaid(layers)
    found, more = origins(layers)
    assert not more
    for path, place in found:
        value, origin = at(whole, path), at(layers[place], path)
        assert value == origin or (value == {} and isinstance(origin, dict))
        assert all(at(layer, path, None) is None for layer in layers[place + 1 :])
    assert rebuilt({path: at(whole, path) for path, _ in found}) == whole


def test_origins_name_the_document() -> None:
    layers = [parse(text) for text in (b'{"a":1,"b":{"x":1,"y":[1]},"n":null}', b'{"b":{"x":2}}', b'{"c":{"d/e":3}}')]
    assert origins(layers)[0] == [
        Origin("/a", 0),
        Origin("/b/x", 1),
        Origin("/b/y", 0),
        Origin("/c/d~1e", 2),
        Origin("/n", 0),
    ]


def test_a_list_of_origins_ends() -> None:
    many = {f"{i}": True for i in range(2_000)}
    assert (len(origins([many])[0]), origins([many])[1]) == (1_000, True)
    long = {"x" * 30_000: {f"{i}": True for i in range(100)}}
    found, more = origins([long])
    assert more
    assert len(found) < 10


@given(value=values)
def test_canonical_text_is_read_back_as_the_same_value(value: Any) -> None:
    text = canonical(value)
    assert parse(text) == value
    assert b"\n" not in text
    assert canonical(parse(text)) == text


def test_canonical_text_is_compact_in_order_and_in_utf_8() -> None:
    typed = '{ "b" : [1.10, -0, 1E+2, 12345678901234567890.5],\n"a":"\\u00e4\\/ \\n", "\\ud83d\\ude00": null }'
    expected = '{"a":"ä/ \\n","b":[1.10,-0,1E+2,12345678901234567890.5],"😀":null}'
    assert canonical(parse(typed.encode())).decode() == expected


def test_names_with_slashes_and_tildes_are_found() -> None:
    assert value_at(parse(b'{"a/b": {"~1": "here"}}'), "/a~1b/~01") == "here"
    assert value_at({}, "") == {}


def test_a_number_is_no_text() -> None:
    assert parse(b'{"a":1}') != parse(b'{"a":"1"}')
    assert parse(b'{"a":1}') != parse(b'{"a":true}')
    assert parse(b'{"a":1}') == {"a": Number("1")}


MISSING = object()


def at(value: Any, path: str, default: Any = MISSING) -> Any:
    """Return what a pointer points at."""
    for part in path.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(value, dict) or name not in value:
            assert default is not MISSING, path
            return default
        value = value[name]
    return value


def rebuilt(leaves: dict[str, Any]) -> Any:
    """Return the object that has these leaves."""
    result: Any = {}
    for path, value in leaves.items():
        if path == "":
            return value
        inner = result
        *above, last = (part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:])
        for name in above:
            inner = inner.setdefault(name, {})
        inner[last] = json.loads(json.dumps(value)) if value == {} else value
    return result
