"""What a simulated device says, understands and checks."""

import hashlib
import hmac

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.alink.blocks import BlockFault, BlockRequest, read_block_request, write_block_error, write_block_reply
from linkops.alink.firmware import (
    Firmware,
    read_firmware_get,
    read_progress,
    read_version_report,
    write_firmware_push,
    write_firmware_reply,
)
from linkops.ota.signing import keys
from linkops.simulator import wire
from linkops.simulator.blocks import Block, read_block, write_block_request
from linkops.simulator.credentials import DeviceIdentity, login
from linkops.simulator.image import Image
from linkops.simulator.pace import Pace
from linkops.simulator.publisher import Publisher
from linkops.simulator.wire import Offer, OfferedFile

FIRMWARE = Firmware(
    size=5,
    version="2.0.0",
    url="http://127.0.0.1/files/x",
    md5=hashlib.md5(b"12345", usedforsecurity=False).hexdigest(),
    sign=hashlib.sha256(b"12345").hexdigest(),
    sign_method="SHA256",
)


def _offer(payload: bytes) -> Offer:
    offer = wire.read_offer(payload)
    assert offer is not None
    return offer


def test_the_login_is_the_c_sdks() -> None:
    says = login(DeviceIdentity("pk1", "dev1", "DEVSECRET1"), tls=False)
    assert says.client_id.startswith("pk1.dev1|timestamp=2524608000000,_ss=1,")
    assert ",securemode=3,signmethod=hmacsha256," in says.client_id
    assert says.user_name == "dev1&pk1"
    assert says.password == "7A078115AE36C25FB778F030FEB321C32C43F3735C0997B6825C79D57D9A65B4"


def test_the_login_says_that_it_comes_over_tls() -> None:
    assert "securemode=2," in login(DeviceIdentity("pk1", "dev1", "S"), tls=True).client_id


def test_the_signature_is_over_the_fields_in_alphabetical_order() -> None:
    says = login(DeviceIdentity("a1Zb", "lamp", "secret"), tls=True)
    content = b"clientIda1Zb.lampdeviceNamelampproductKeya1Zbtimestamp2524608000000"
    assert says.password.lower() == hmac.new(b"secret", content, "sha256").hexdigest()


def test_the_server_reads_what_a_device_reports() -> None:
    version = read_version_report(wire.write_version(7, "1.0.0", "default"))
    assert (version.module, version.version) == ("default", "1.0.0")
    progress = read_progress(wire.write_progress(8, -2, "no connection", "mcu"))
    assert (progress.module, progress.step, progress.desc) == ("mcu", -2, "no connection")
    assert read_firmware_get(wire.write_pull(9, "mcu")) == ("9", "mcu")


def test_the_default_module_is_not_named() -> None:
    assert msgspec.json.decode(wire.write_version(1, "1.0.0", "default"))["params"] == {"version": "1.0.0"}


@pytest.mark.parametrize("payload", [write_firmware_push(FIRMWARE, 1), write_firmware_reply("1", FIRMWARE)])
def test_a_push_and_the_answer_to_a_pull_are_offers(payload: bytes) -> None:
    offer = _offer(payload)
    assert (offer.version, offer.size, offer.module) == ("2.0.0", 5, "default")


@pytest.mark.parametrize(
    "payload", [write_firmware_reply("1", None), b'{"code":429,"data":{"version":"2"}}', b'{"code":200', b"[]", b""]
)
def test_anything_else_is_no_offer(payload: bytes) -> None:
    assert wire.read_offer(payload) is None


@pytest.mark.parametrize(
    ("pieces", "changes", "fault"),
    [
        ([b"123", b"45"], {}, ""),
        ([b"123"], {}, "the size differs"),
        ([b"12345", b"6"], {}, "the size differs"),
        ([b"1234x"], {}, "the MD5 differs"),
        ([b"1234x"], {"md5": ""}, "the sign differs"),
        ([b"12345"], {"sign_method": "Md5"}, "the sign differs"),
        ([b"12345"], {"sign_method": "sha256"}, "the signMethod is unknown"),
    ],
)
def test_an_image_is_checked_by_size_and_digests(pieces: list[bytes], changes: dict[str, str], fault: str) -> None:
    image = Image(msgspec.structs.replace(_offer(write_firmware_push(FIRMWARE, 1)), **changes))
    for piece in pieces:
        image.add(piece)
    assert image.fault() == fault


@given(st.lists(st.integers(0, 300), min_size=1, max_size=5), st.integers(0, 100), st.integers(1, 70))
def test_what_is_missing_until_a_percentage_brings_it_there(sizes: list[int], percent: int, piece: int) -> None:
    image = Image(Offer(version="2", files=tuple(OfferedFile(file_size=size) for size in sizes)))
    while (missing := image.missing_until(percent)) > 0:
        image.add(b"x" * min(missing, piece, image.filling.missing))
    assert image.size_bytes == sum(sizes) * percent // 100


def several(*changes: dict[str, str]) -> Image:
    files = []
    for content, change in zip((b"123", b"45"), changes, strict=True):
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        files.append(
            {"fileSize": len(content), "fileMd5": md5, "fileSign": hashlib.sha256(content).hexdigest()} | change
        )
    data = {"version": "2", "signMethod": "SHA256", "files": files}
    return Image(_offer(msgspec.json.encode({"code": "1000", "data": data})))


@pytest.mark.parametrize(
    ("first", "second", "fault"),
    [({}, {}, ""), ({"fileMd5": "x"}, {}, "the MD5 differs"), ({}, {"fileSign": "x"}, "the sign differs")],
)
def test_each_of_several_files_is_checked(first: dict[str, str], second: dict[str, str], fault: str) -> None:
    image = several(first, second)
    for piece in (b"12", b"3", b"45"):
        image.add(piece)
    assert image.percent == 100
    assert image.fault() == fault


def test_a_device_that_knows_the_publisher_wants_its_signature_on_every_file() -> None:
    mine, other = (keys.new_private_key() for _ in range(2))
    publisher = Publisher(keys.public_key(mine)[0])
    digest = hashlib.sha256(b"12345").hexdigest()
    signed, forged = (keys.sign(key, [digest])[digest] for key in (mine, other))
    for digestsign, fault in (
        (signed, ""),
        (forged, "the signature is wrong"),
        ("?", "the signature is wrong"),
        ("", "the signature is missing"),
    ):
        pushed = msgspec.structs.replace(FIRMWARE, digestsign=digestsign)
        image = Image(_offer(write_firmware_push(pushed, 1)), publisher)
        image.add(b"12345")
        assert image.fault() == fault


@given(st.integers(0, 1_000))
def test_waits_between_tries_grow_and_stay_bounded(failures: int) -> None:
    pace = Pace(reconnect_s=1.0, reconnect_at_most_s=60.0)
    assert 0.3 < pace.reconnect_after_s(failures) <= 60.0


def test_the_server_reads_a_block_request_and_the_device_its_reply() -> None:
    asked = read_block_request(write_block_request(5, Offer(stream_id=77), 512, 256))
    assert asked == BlockRequest("5", "default", 77, 1, 256, 512)
    reply = write_block_reply(asked, b"abc", 515)
    assert read_block(reply) == Block("5", 200, b"abc", intact=True)
    broken = reply[:-3] + b"x" + reply[-2:]
    assert read_block(broken) == Block("5", 200, b"abx", intact=False)
    assert read_block(write_block_error("5", BlockFault.NOT_FOUND)) == Block("5", 404, b"", intact=True)


@pytest.mark.parametrize("payload", [b"", b"\0", b"\0\2{}", b"\xff\xff{}", b"\0\7garbage\0\0"])
def test_anything_else_is_no_block(payload: bytes) -> None:
    assert read_block(payload) is None
