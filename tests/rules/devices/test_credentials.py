"""docs/protocol/device-protocol.md#login: every form in which real SDKs sign in."""

import hmac

import pytest

from linkops.devices.credentials import (
    BadCredentials,
    LoginMethod,
    parse_login,
    signature,
    signed_text,
    split_client_id,
    verify,
)
from linkops.devices.model import DeviceKey

C4 = "pk1.dev1|timestamp=2524608000000,_ss=1,_v=sdk-c-4.1.0,securemode=2,signmethod=hmacsha256,ext=3,_conn=tls_2e|"
C3 = "pk1.dev1|timestamp=2524608000000,_v=sdk-c-3.2.0,securemode=2,signmethod=hmacsha256,lan=C,_ss=1,gw=0,ext=0|"
PYTHON = "pk1&dev1|securemode=2,signmethod=hmacsha1,ext=1,_ss=1,lan=Python,_v=1.2.13,timestamp=1606190000|"
NODE = "pk1&dev1|securemode=2,signmethod=hmacsha1,timestamp=1606190000123,lan=NodeJS,_v=1.2.8|"
NODE_OLD = (
    "pk1&dev1_aliyun-iot-device-sdk-js|securemode=3,\n        signmethod=hmacsha1,\n        timestamp=1606190000123|"
)
SECRET = "DEVSECRET1"


def test_vector_of_the_documentation() -> None:
    login = parse_login("12345|signmethod=hmacsha1,timestamp=789|", "device&pk")
    assert signature(login, "secret") == b"fafd82a3d602b37fb0fa8b7892f24a477f851a14"


def test_vector_of_the_c_sdk() -> None:
    login = parse_login(C4, "dev1&pk1")
    assert signed_text(login) == "clientIdpk1.dev1deviceNamedev1productKeypk1timestamp2524608000000"
    password = b"7A078115AE36C25FB778F030FEB321C32C43F3735C0997B6825C79D57D9A65B4"
    assert verify(login, SECRET, password)
    assert verify(login, SECRET, password.lower())


@pytest.mark.parametrize(
    ("client_id", "name", "digest", "timestamp", "subscribes", "rrpc", "language", "version"),
    [
        (C4, "pk1.dev1", "sha256", "2524608000000", True, True, "", "sdk-c-4.1.0"),
        (C3, "pk1.dev1", "sha256", "2524608000000", True, False, "C", "sdk-c-3.2.0"),
        (PYTHON, "pk1&dev1", "sha1", "1606190000", True, True, "Python", "1.2.13"),
        (NODE, "pk1&dev1", "sha1", "1606190000123", False, False, "NodeJS", "1.2.8"),
        (NODE_OLD, "pk1&dev1_aliyun-iot-device-sdk-js", "sha1", "1606190000123", False, False, "", ""),
        ("x", "x", "md5", None, False, False, "", ""),
        ("x|securemode=3|", "x", "md5", None, False, False, "", ""),
        ("|securemode=3,signmethod=HmacSHA256|", "", "sha256", None, False, False, "", ""),
    ],
)
def test_every_sdk_is_understood(
    client_id: str,
    name: str,
    digest: str,
    timestamp: str | None,
    subscribes: bool,  # noqa: FBT001
    rrpc: bool,  # noqa: FBT001
    language: str,
    version: str,
) -> None:
    login = parse_login(client_id, "dev1&pk1")
    assert (login.key, login.client_id, login.digest) == (DeviceKey("pk1", "dev1"), name, digest)
    assert (login.timestamp, login.auto_subscribe, login.custom_rrpc) == (timestamp, subscribes, rrpc)
    assert (login.sdk_language, login.sdk_version, login.method) == (language, version, LoginMethod.SECRET)
    text = f"clientId{name}deviceNamedev1productKeypk1" + ("" if timestamp is None else f"timestamp{timestamp}")
    assert verify(login, SECRET, hmac.new(SECRET.encode(), text.encode(), digest).hexdigest().encode())


@pytest.mark.parametrize(
    ("client_id", "name", "extension"),
    [
        ("a|k=v,|", "a", {"k": "v"}),
        ("a|k=v,lan=JS|Broswer |", "a", {"k": "v", "lan": "JS|Broswer"}),
        ("a|lan=JS|Ali,k=v|", "a", {"lan": "JS|Ali", "k": "v"}),
        ("a| k = v , \n j=w |", "a", {"k": "v", "j": "w"}),
        ("a|k=v", "a", {"k": "v"}),
        ("a|k=v|tail", "a", {"k": "v"}),
        ("a|k=1,k=2|", "a", {"k": "1"}),
        ("a|k==|", "a", {"k": "="}),
        ("a||", "a", {}),
        ("a|", "a", {}),
        ("|", "", {}),
        ("", "", {}),
        ("||||", "", {}),
        ("a b|k|", "a b", {}),
    ],
)
def test_a_client_id_is_split_at_its_first_and_last_bar(client_id: str, name: str, extension: dict[str, str]) -> None:
    assert split_client_id(client_id) == (name, extension)


@pytest.mark.parametrize("timestamp", ["0", "3566640", "2524608000000", "-1", "", "now", "9" * 40])
def test_a_timestamp_is_signed_and_never_judged(timestamp: str) -> None:
    login = parse_login(f"c|timestamp={timestamp}|", "dev1&pk1")
    assert verify(login, SECRET, signature(login, SECRET))


def test_anything_else_in_the_password_is_refused() -> None:
    login = parse_login(C4, "dev1&pk1")
    right = signature(login, SECRET)
    wrong = [
        b"",
        right[:-1],
        right + b"0",
        b"0" * 64,
        right + b"\0",
        b"\xff" * 64,
        signature(parse_login(C4, "dev2&pk1"), SECRET),
        signature(parse_login(C4, "dev1&pk2"), SECRET),
        signature(parse_login(C4.replace("pk1.dev1", "pk1.dev2"), "dev1&pk1"), SECRET),
        signature(parse_login(C4.replace("2524608000000", "2524608000001"), "dev1&pk1"), SECRET),
        signature(parse_login(C4.replace("hmacsha256", "hmacsha1"), "dev1&pk1"), SECRET),
        signature(login, "DEVSECRET2"),
        signature(login, ""),
    ]
    assert [verify(login, SECRET, password) for password in wrong] == [False] * len(wrong)


def test_without_a_secret_nothing_is_right_not_even_the_decoys_own_signature() -> None:
    login = parse_login(C4, "dev1&pk1")
    assert not verify(login, None, signature(login, "0" * 32))


@pytest.mark.parametrize(
    "username",
    [
        "",
        "dev1",
        "&pk1",
        "dev1&",
        "dev1&pk1&x",
        "d/v1&pk1",
        "dev+&pk1",
        "dev#&pk1",
        "dev\0&pk1",
        "dev&pk1",
        "d" * 65 + "&pk1",
        "dev1&p/k1",
        "dev1&p+",
        "dev1&#",
        "dev1&" + "p" * 65,
        "设备一号&pk1",
        "dev\u202e1&pk1",
        "dev1\n&pk1",
        "dev1&pk1\n",
        "😀😀😀😀&pk1",
        "dev%2F1&pk1",
    ],
)
def test_names_that_are_no_names_are_refused_before_anything_is_looked_up(username: str) -> None:
    with pytest.raises(BadCredentials):
        parse_login("c|securemode=3|", username)


@pytest.mark.parametrize("extension", ["signmethod=sha256", "signmethod=", "authType=id2"])
def test_methods_that_nobody_knows_are_refused(extension: str) -> None:
    with pytest.raises(BadCredentials):
        parse_login(f"c|{extension}|", "dev1&pk1")


@pytest.mark.parametrize(
    ("client_id", "username", "method"),
    [
        (".|securemode=2|", "&", LoginMethod.CERTIFICATE),
        ("c|authType=connwl,securemode=-2,_ss=1,ext=3|", "dev1&pk1", LoginMethod.TOKEN),
        (
            "dev1.pk1|random=1,authType=register,securemode=2,signmethod=hmacsha256|",
            "dev1&pk1",
            LoginMethod.REGISTRATION,
        ),
        ("dev1.pk1|random=1,authType=regnwl,securemode=2|", "dev1&pk1", LoginMethod.REGISTRATION_WITHOUT_LIST),
    ],
)
def test_other_ways_to_log_in_are_told_apart(client_id: str, username: str, method: LoginMethod) -> None:
    assert parse_login(client_id, username).method is method


def test_what_a_device_says_about_itself_is_short_and_printable() -> None:
    login = parse_login("c|lan=<b>\x1b[31m\0" + "x" * 500 + "|", "dev1&pk1")
    assert login.sdk_language.startswith("<b>[31mx")
    assert len(login.sdk_language) <= 64
