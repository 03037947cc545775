"""Whatever stands in a CONNECT is a login or refused with the one documented exception."""

from hypothesis import given
from hypothesis import strategies as st

from linkops.devices.credentials import BadCredentials, parse_login, split_client_id, verify
from linkops.devices.names import is_device_name, is_product_key

parts = st.sampled_from(
    [
        "|",
        ",",
        "=",
        "&",
        "securemode",
        "signmethod",
        "hmacsha1",
        "timestamp",
        "authType",
        "register",
        "ext",
        "3",
        " ",
        "\n",
        "pk1",
        "dev1",
        "灯",
    ]
)
texts = st.text() | st.lists(parts).map("".join)


@given(texts, texts, st.binary())
def test_connects(client_id: str, username: str, password: bytes) -> None:
    try:
        login = parse_login(client_id, username)
    except BadCredentials:
        return
    known = is_product_key(login.key.product_key) and is_device_name(login.key.device_name)
    assert known or username == "&"
    assert not verify(login, "secret", password)
    assert not verify(login, None, password)


@given(texts)
def test_nothing_of_a_client_id_gets_into_the_name_but_what_stands_before_the_bar(client_id: str) -> None:
    name, extension = split_client_id(client_id)
    assert client_id.startswith(name)
    assert "|" not in name
    assert all("," not in key + value for key, value in extension.items())
