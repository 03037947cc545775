import pytest

from linkops.alink.firmware import (
    Firmware,
    FirmwareFile,
    Progress,
    VersionReport,
    read_firmware_get,
    read_progress,
    read_version_report,
    write_firmware_push,
    write_firmware_reply,
)
from linkops.alink.jsontext import Malformed


@pytest.mark.parametrize(
    ("sent", "report"),
    [
        (b'{"id":1,"params":{"version":"1.0.0"}}', VersionReport("default", "1.0.0")),
        (
            b'{"id":"1","params":{"version":"app-1.0.0-20180101.1000"}}',
            VersionReport("default", "app-1.0.0-20180101.1000"),
        ),
        (b'{"id":1, "params":{"version":"1.0","module":"MCU"}}', VersionReport("MCU", "1.0")),
        (b'{"params":{"version":" 1.0 ","module":""}}', VersionReport("default", "1.0")),
        (b'{"params":{"version":"1.0","module":null}}', VersionReport("default", "1.0")),
        (b'{"id":1,"params":{"version":"1.0",},}', VersionReport("default", "1.0")),
    ],
)
def test_version_reports(sent: bytes, report: VersionReport) -> None:
    assert read_version_report(sent) == report


@pytest.mark.parametrize(
    "params",
    ["{}", '{"version":""}', '{"version":1}', '{"version":"' + "1" * 65 + '"}', '{"version":"1\\u0000"}', "[]"],
)
def test_a_report_without_a_usable_version_is_malformed(params: str) -> None:
    with pytest.raises(Malformed):
        read_version_report(f'{{"id":1,"params":{params}}}'.encode())


@pytest.mark.parametrize("module", ["a b", "x" * 65, "模块", "a/b", "+"])
def test_a_module_that_cannot_exist_is_malformed(module: str) -> None:
    for read, field in (
        (read_version_report, '"version":"1"'),
        (read_progress, '"step":"1"'),
        (read_firmware_get, '"x":1'),
    ):
        with pytest.raises(Malformed):
            read(f'{{"id":1,"params":{{{field},"module":"{module}"}}}}'.encode())


@pytest.mark.parametrize(
    ("sent", "progress"),
    [
        (b'{"id":2,"params":{"step":"45","desc":"","module":"MCU"}}', Progress("MCU", 45, "")),
        (
            b'{"id":0,"params":{"step":"0","desc":"Enter in downloading state"}}',
            Progress("default", 0, "Enter in downloading state"),
        ),
        (b'{"id":"2","params":{"step":100}}', Progress("default", 100, "")),
        (b'{"id":"2","params":{"step":50.0}}', Progress("default", 50, "")),
        (b'{"id":"2","params":{"step":"-4","desc":"no space"}}', Progress("default", -4, "no space")),
        (b'{"id":"2","params":{"step":"-1","desc":null}}', Progress("default", -1, "")),
        (b'{"id":"2","params":{"step":"1","desc":{"a":1}}}', Progress("default", 1, "")),
    ],
)
def test_progress(sent: bytes, progress: Progress) -> None:
    assert read_progress(sent) == progress


def test_a_long_description_is_cut() -> None:
    sent = '{"params":{"step":"1","desc":"' + "灯" * 500 + '"}}'
    assert read_progress(sent.encode()).desc == "灯" * 128


@pytest.mark.parametrize(
    "step", ['""', '"x"', '"101"', "-5", "1.5", "1e300", "null", "[]", "true", '"1e2"', '"' + "1" * 5_000 + '"']
)
def test_a_step_that_is_none_is_malformed(step: str) -> None:
    with pytest.raises(Malformed):
        read_progress(f'{{"id":1,"params":{{"step":{step}}}}}'.encode())


def test_a_pull_names_a_module_or_means_the_default_one() -> None:
    assert read_firmware_get(b'{"id": 3, "params": {}}') == (3, "default")
    assert read_firmware_get(
        b'{"id":"3","version":"1.0","params":{"module":"MCU"},"method":"thing.ota.firmware.get"}'
    ) == ("3", "MCU")
    assert read_firmware_get(b'{"id":"3","params":"{}"}') == ("3", "default")
    with pytest.raises(Malformed):
        read_firmware_get(b'{"id":"3","params":{"module":5}}')


def image(**more: object) -> Firmware:
    fields = {
        "size": 432945,
        "version": "2.0.0",
        "url": "https://host/path",
        "md5": "aa",
        "sign": "bb",
        "sign_method": "SHA256",
    }
    return Firmware(**{**fields, **more})  # type: ignore[arg-type] # a table of fields


def test_a_push_is_compact_and_in_the_order_of_the_sample() -> None:
    assert write_firmware_push(
        image(module="MCU", is_diff=1, ext_data={"k": "v", "_package_udi": "{}"}), 1507707025
    ) == (
        b'{"code":"1000","data":{"size":432945,"version":"2.0.0","isDiff":1,"url":"https://host/path","md5":"aa","sign":"bb",'
        b'"signMethod":"SHA256","module":"MCU","extData":{"k":"v","_package_udi":"{}"}},"id":1507707025,"message":"success"}'
    )


def test_what_does_not_apply_is_left_out() -> None:
    assert write_firmware_push(image(), 1) == (
        b'{"code":"1000","data":{"size":432945,"version":"2.0.0","url":"https://host/path","md5":"aa","sign":"bb","signMethod":"SHA256"},'
        b'"id":1,"message":"success"}'
    )


def test_several_files_take_the_place_of_one() -> None:
    several = Firmware(version="2", files=[FirmwareFile(1, "a.bin", "https://h/a", "aa", "bb")])
    assert (
        b'"files":[{"fileSize":1,"fileName":"a.bin","fileUrl":"https://h/a","fileMd5":"aa","fileSign":"bb"}]'
        in write_firmware_push(several, 1)
    )


def test_a_download_over_mqtt_names_a_stream_instead_of_an_address() -> None:
    stream = Firmware(
        size=1, version="2", d_protocol="mqtt", stream_id=7, stream_file_id=1, md5="aa", sign="aa", sign_method="Md5"
    )
    assert b'"version":"2","dProtocol":"mqtt","streamId":7,"streamFileId":1,"md5":"aa"' in write_firmware_push(
        stream, 1
    )


def test_a_pull_is_answered_with_a_number_as_code() -> None:
    assert write_firmware_reply(3, None) == (
        b'{"id":3,"code":200,"data":{},"message":"success","method":"thing.ota.firmware.get","version":"1.0"}'
    )
    assert write_firmware_reply("3", image()).startswith(
        b'{"id":"3","code":200,"data":{"size":432945,"version":"2.0.0","url":'
    )
