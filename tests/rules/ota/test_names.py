"""What things may be called, and what a job may ask for."""

import pytest

from linkops.errors import Invalid
from linkops.ota import names


@pytest.mark.parametrize("name", ["a", "MCU-1.2_x", "x" * 64])
def test_module_names(name: str) -> None:
    assert names.module_name(name) == name


@pytest.mark.parametrize("name", ["", "x" * 65, "a b", "é", "模块", "a/b", "a\n", "a\0"])
def test_no_module_names(name: str) -> None:
    with pytest.raises(Invalid):
        names.module_name(name)


@pytest.mark.parametrize("word", ["url", "md5", "sign", "signMethod", "module", "extData", "id", "message"])
def test_a_version_that_c_sdks_take_for_a_key_is_refused(word: str) -> None:
    with pytest.raises(Invalid, match=r"package\.version_is_a_key"):
        names.package_version(word)


def test_words_that_stand_behind_their_own_key_are_free() -> None:
    assert names.module_name("data") == names.package_version("data") == "data"
    with pytest.raises(Invalid, match=r"module\.name_is_a_key"):
        names.module_name("extData")


@pytest.mark.parametrize("name", ["firmware", "固件(1)_a-b", "ファーム", "2nd", "x" * 40])
def test_package_names(name: str) -> None:
    assert names.package_name(name) == name


@pytest.mark.parametrize("name", ["", "x" * 41, "-a", "_a", "(a)", "a.b", "a b", "a\n", "<img>", "مرحبا"])
def test_no_package_names(name: str) -> None:
    with pytest.raises(Invalid):
        names.package_name(name)


@pytest.mark.parametrize("name", ["image.bin", "my image (1).tar.gz", "固件.zip", "a.tar.xz"])
def test_file_names(name: str) -> None:
    assert names.file_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "image",
        "image.exe",
        "image.BIN",
        ".bin",
        "../../etc/x.bin",
        "..\\x.bin",
        "/etc/x.bin",
        "C:x.bin",
        "a\0.bin",
        "%2e%2e%2fx.bin",
        "x" * 300 + ".bin",
        "a\u202enib.bin",
    ],
)
def test_no_file_names(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        names.file_name(name)
    assert refused.value.params["field"] == "file_name"
