"""What devices read: one spelling, the operator's text last, and only what belongs to this package."""

import msgspec
import pytest

from linkops.alink.firmware import write_firmware_push
from linkops.links import LinkWriter
from linkops.ota.model import SignMethod
from linkops.ota.wire import Offer, OfferedFile, firmware

MD5, SHA256 = "5" * 32, "2" * 64
FILE = OfferedFile(7, "image.bin", 800, MD5, SHA256)
ID = 1_507_707_025


def offer(sign_method: SignMethod = SignMethod.SHA256, **changes: object) -> Offer:
    plain = Offer(job_id=1, module="default", version="2.0", sign_method=sign_method, files=(FILE,))
    return msgspec.structs.replace(plain, **changes)


def push(offered: Offer, task_id: int = 7) -> str:
    return write_firmware_push(firmware(offered, task_id, lambda file_id: f"http://u/{file_id}"), ID).decode()


HEAD, TAIL = '{"code":"1000","data":', ',"id":1507707025,"message":"success"}'
PUSHES = {
    "whole, SHA-256": (
        offer(),
        f'{{"size":800,"version":"2.0","url":"http://u/7","md5":"{MD5}","sign":"{SHA256}","signMethod":"SHA256"}}',
    ),
    "whole, MD5": (
        offer(SignMethod.MD5),
        f'{{"size":800,"version":"2.0","url":"http://u/7","md5":"{MD5}","sign":"{MD5}","signMethod":"Md5"}}',
    ),
    "diff": (
        offer(diff=True),
        (
            f'{{"size":800,"version":"2.0","isDiff":1,"url":"http://u/7","md5":"{MD5}","sign":"{SHA256}",'
            '"signMethod":"SHA256"}'
        ),
    ),
    "diff made by LinkOps": (
        offer(diff=True, patch_format="detools/sequential/heatshrink", result_sha256="ab"),
        (
            f'{{"size":800,"version":"2.0","isDiff":1,"url":"http://u/7","md5":"{MD5}","sign":"{SHA256}",'
            '"signMethod":"SHA256","extData":{"_package_patch_format":"detools/sequential/heatshrink",'
            '"_package_patch_result_sha256":"ab"}}'
        ),
    ),
    "signed": (
        offer(files=(msgspec.structs.replace(FILE, digestsign="c2ln"),)),
        (
            f'{{"size":800,"version":"2.0","url":"http://u/7","md5":"{MD5}","sign":"{SHA256}","signMethod":"SHA256",'
            '"digestsign":"c2ln"}'
        ),
    ),
    "module, tags and custom info": (
        offer(module="MCU", custom_info='{"a":"url"}', tags={"z": "1", "b": "2"}),
        (
            f'{{"size":800,"version":"2.0","url":"http://u/7","md5":"{MD5}","sign":"{SHA256}","signMethod":"SHA256",'
            '"module":"MCU","extData":{"z":"1","b":"2","_package_udi":"{\\"a\\":\\"url\\"}"}}'
        ),
    ),
    "two files": (
        offer(SignMethod.MD5, module="MCU", files=(FILE, OfferedFile(8, "b.bin", 1, "aa", "bb", "c2ln"))),
        (
            '{"version":"2.0","signMethod":"Md5","module":"MCU","files":['
            f'{{"fileSize":800,"fileName":"image.bin","fileUrl":"http://u/7","fileMd5":"{MD5}","fileSign":"{MD5}"}},'
            '{"fileSize":1,"fileName":"b.bin","fileUrl":"http://u/8","fileMd5":"aa","fileSign":"aa",'
            '"digestsign":"c2ln"}]}'
        ),
    ),
}


@pytest.mark.parametrize("kind", PUSHES)
def test_a_push_byte_for_byte(kind: str) -> None:
    offered, data = PUSHES[kind]
    assert push(offered) == HEAD + data + TAIL


def test_a_download_over_mqtt_names_a_stream_and_is_signed_by_md5() -> None:
    data = (
        '{"size":800,"version":"2.0","dProtocol":"mqtt","streamId":9,"streamFileId":1,'
        f'"md5":"{MD5}","sign":"{MD5}","signMethod":"Md5"}}'
    )
    assert push(offer(SignMethod.SHA256, over_mqtt=True), 9) == HEAD + data + TAIL


def test_files_signed_by_sha256_say_so() -> None:
    several = firmware(offer(files=(FILE, FILE)), 7, str)
    assert several.sign_method == "SHA256"
    assert isinstance(several.files, list)
    assert {file.file_sign for file in several.files} == {SHA256}


def test_twenty_files_are_told_in_their_order() -> None:
    files = tuple(OfferedFile(n, f"{n}.bin", n, MD5, SHA256) for n in range(20))
    data = msgspec.json.decode(push(offer(files=files)))["data"]
    assert [file["fileName"] for file in data["files"]] == [f"{n}.bin" for n in range(20)]
    assert {"size", "url", "md5", "sign", "isDiff"} & data.keys() == set()


def test_a_link_is_short_enough_for_c_clients() -> None:
    url = LinkWriter("http://updates.example", b"k" * 32, 86_400).url(2**40, 2**40, 1_800_000_000_000)
    path = url.removeprefix("http://updates.example")
    assert len(path) < 100
    assert ":" not in path
