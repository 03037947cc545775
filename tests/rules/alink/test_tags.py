from typing import Any

import pytest

from linkops.alink.jsontext import Malformed
from linkops.alink.messages import read_request
from linkops.alink.tags import MAX_ENTRIES, TagEntry, keys_to_delete, tags_to_set


def params(text: str) -> Any:
    return read_request(f'{{"id":"1","params":{text}}}'.encode()).params


def test_tags_as_sdks_send_them() -> None:
    sent = '[{"attrKey":"SYS_SDK_LANGUAGE","attrValue":"NodeJS","domain":"SYSTEM"},{"attrKey":"room","attrValue":"7"},]'
    assert tags_to_set(params(sent)) == [
        TagEntry("SYS_SDK_LANGUAGE", "NodeJS", "SYSTEM"),
        TagEntry("room", "7"),
    ]
    assert keys_to_delete(params('[{"attrKey":"room"},{"attrKey":"x","attrValue":"ignored"}]')) == ["room", "x"]
    assert not tags_to_set([])
    assert not keys_to_delete([])


@pytest.mark.parametrize(("sent", "value"), [("7", "7"), ("-1.5", "-1.5"), ("true", "true"), ('"x"', "x")])
def test_a_number_is_as_good_as_a_text(sent: str, value: str) -> None:
    assert tags_to_set(params(f'[{{"attrKey":"k","attrValue":{sent}}}]'))[0].value == value


@pytest.mark.parametrize(
    "sent",
    [
        "null",
        "{}",
        '"{}"',
        "[1]",
        "[[]]",
        '[{"attrValue":"v"}]',
        '[{"attrKey":1,"attrValue":"v"}]',
        '[{"attrKey":"k"}]',
        '[{"attrKey":"k","attrValue":null}]',
        '[{"attrKey":"k","attrValue":[]}]',
    ],
)
def test_what_is_no_list_of_tags(sent: str) -> None:
    with pytest.raises(Malformed, match="params"):
        tags_to_set(params(sent))


def test_as_many_as_a_device_may_have_and_no_more() -> None:
    entries = [{"attrKey": f"k{number}", "attrValue": "v"} for number in range(MAX_ENTRIES + 1)]
    assert len(tags_to_set(entries[1:])) == MAX_ENTRIES
    for read in (tags_to_set, keys_to_delete):
        with pytest.raises(Malformed, match="100"):
            read(entries)
