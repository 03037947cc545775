import pytest

from linkops.devices import generate
from linkops.devices.names import (
    check_description,
    check_device_name,
    check_nickname,
    check_product_key,
    check_product_name,
    check_secret,
    check_tags,
)
from linkops.errors import Invalid

HOSTILE = [
    "a/bc",
    "a+bc",
    "#abc",
    "ab\0c",
    "abc\n",
    "a bc",
    "a%2fbc",
    "abc\u202e",
    "😀😀😀😀",
    "灯灯灯灯",
    "a&bc",
    "a|bc",
    "\uff41bcd",
]


@pytest.mark.parametrize("name", ["abcd", "A-Z_0@x.y:z", "1234", "x" * 32])
def test_device_names(name: str) -> None:
    check_device_name(name)


@pytest.mark.parametrize("name", ["", "abc", "x" * 33, "x" * 65, *HOSTILE])
def test_names_that_would_mean_something_in_a_topic_are_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_device_name(name)
    assert (refused.value.code, refused.value.params["field"]) == ("device.name_invalid", "device_name")


@pytest.mark.parametrize("key", ["", "a", "x" * 33, "a-b", *HOSTILE])
def test_product_keys_are_letters_and_digits(key: str) -> None:
    with pytest.raises(Invalid):
        check_product_key(key)


@pytest.mark.parametrize("name", ["Pump", "Pump 7 (east)", "水泵", "ポンプ_2", "x" * 30, "水" * 15, "Pompe été"])
def test_product_names(name: str) -> None:
    check_product_name(name)


@pytest.mark.parametrize(
    "name", ["", "abc", "水", "x" * 31, "水" * 16, " pump", "pump ", "pu\nmp", "<b>pump", "pump😀", "pum\u202e"]
)
def test_names_that_are_no_titles_are_refused(name: str) -> None:
    with pytest.raises(Invalid):
        check_product_name(name)


def test_a_nickname_may_be_empty() -> None:
    for good in ("", "Pump in the hall", "x" * 64, "水" * 32):
        check_nickname(good)
    for bad in ("abc", "x" * 65, "水" * 33, "a\tbcd"):
        with pytest.raises(Invalid):
            check_nickname(bad)


def test_descriptions() -> None:
    check_description("two\nlines <b> 灯 😀")
    for bad in ("x" * 101, "\0", "\x1b[31m"):
        with pytest.raises(Invalid):
            check_description(bad)


def test_secrets_given_are_what_devices_can_store() -> None:
    check_secret("a" * 16)
    check_secret("A9" * 32)
    for bad in ("", "a" * 15, "a" * 65, "a" * 20 + "-", "a" * 20 + "\n"):
        with pytest.raises(Invalid):
            check_secret(bad)


def test_tags() -> None:
    check_tags({})
    check_tags({f"k{i}": "v" for i in range(100)})
    check_tags({"SYS_SDK.lang-2": "值 <b>"})
    for bad in ({"": "v"}, {"k" * 31: "v"}, {"a b": "v"}, {"k": ""}, {"k": "v" * 129}, {"k": "\0"}, {"k": "a\nb"}):
        with pytest.raises(Invalid):
            check_tags(bad)
    with pytest.raises(Invalid):
        check_tags({f"k{i}": "v" for i in range(101)})


def test_what_is_generated_is_allowed_and_new() -> None:
    names = {generate.device_name() for _ in range(100)}
    keys = {generate.product_key() for _ in range(100)}
    assert (len(names), len(keys)) == (100, 100)
    for name, key in zip(names, keys, strict=True):
        check_device_name(name)
        check_product_key(key)
        assert len(key) == 11
    assert len(generate.device_secret()) == 32
    check_secret(generate.device_secret())
    check_secret(generate.product_secret())
