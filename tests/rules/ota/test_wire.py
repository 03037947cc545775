"""What devices read: one spelling, the operator's text last, and only what belongs to this package."""

import msgspec

from linkops.alink.firmware import write_firmware_push
from linkops.ota.model import SignMethod
from linkops.ota.wire import LinkWriter, Offer, firmware

MD5, SHA256 = "5" * 32, "2" * 64


def offer(sign_method: SignMethod, module: str = "default", custom_info: str = "") -> Offer:
    return Offer(1, module, "2.0", sign_method, custom_info, 7, 800, MD5, SHA256)


def test_a_push_of_the_default_module() -> None:
    payload = write_firmware_push(firmware(offer(SignMethod.SHA256), "http://u/files/t"), 1_507_707_025)
    assert payload == (
        b'{"code":"1000","data":{"size":800,"version":"2.0","url":"http://u/files/t","md5":"%s","sign":"%s",'
        b'"signMethod":"SHA256"},"id":1507707025,"message":"success"}' % (MD5.encode(), SHA256.encode())
    )


def test_md5_is_spelled_as_devices_compare_it() -> None:
    sent = firmware(offer(SignMethod.MD5), "u")
    assert (sent.sign, sent.sign_method) == (MD5, "Md5")


def test_a_named_module_and_custom_info_are_sent_and_the_text_comes_last() -> None:
    payload = write_firmware_push(firmware(offer(SignMethod.MD5, "MCU", '{"a":"url"}'), "u"), 1)
    data = msgspec.json.decode(payload)["data"]
    assert list(data)[-2:] == ["module", "extData"]
    assert data["extData"] == {"_package_udi": '{"a":"url"}'}


def test_a_link_is_short_enough_for_c_clients() -> None:
    url = LinkWriter("http://updates.example", b"k" * 32, 86_400).url(2**40, 2**40, 1_800_000_000_000)
    path = url.removeprefix("http://updates.example")
    assert len(path) < 100
    assert ":" not in path
