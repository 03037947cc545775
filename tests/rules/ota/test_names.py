"""What things may be called, and what a job may ask for."""

import pytest

from linkops.errors import Invalid
from linkops.ota import names
from linkops.settings import load_settings

SUFFIXES = load_settings().package_file_suffixes


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
    assert names.file_name(name, SUFFIXES) == name


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
        names.file_name(name, SUFFIXES)
    assert refused.value.params["field"] == "file_name"


def test_file_types_are_a_setting() -> None:
    assert names.file_name("image.img", [".img"]) == "image.img"
    with pytest.raises(Invalid):
        names.file_name("image.bin", [".img"])


@pytest.mark.parametrize("given", [["a.bin"], ["x" * 128], [f"{n}.bin" for n in range(20)], ["x" * 32, "y"]])
def test_names_of_the_files_of_a_package(given: list[str]) -> None:
    assert names.file_names(given) == given


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([], "package.files_count_invalid"),
        ([f"{n}.bin" for n in range(21)], "package.files_count_invalid"),
        (["a.bin", "A.BIN"], "package.file_name_repeated"),
        (["straße", "STRASSE"], "package.file_name_repeated"),
        (["x" * 33, "y"], "upload.file_name_invalid"),
        (["../../x"], "upload.file_name_invalid"),
        (["a", "..\\x"], "upload.file_name_invalid"),
        (["x" * 129], "upload.file_name_invalid"),
    ],
)
def test_no_names_of_the_files_of_a_package(given: list[str], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        names.file_names(given)
    assert (refused.value.code, refused.value.params["field"]) == (code, "files")


@pytest.mark.parametrize("versions", [[], ["1.0", "app 1 (beta)"], [str(n) for n in range(20)]])
def test_versions_that_a_package_requires(versions: list[str]) -> None:
    assert names.required_versions(versions, "2.0") == versions


@pytest.mark.parametrize(
    "versions", [["1", "1"], ["2.0"], [str(n) for n in range(21)], [""], [" 1"], ["1\n"], ["x" * 65]]
)
def test_versions_that_a_package_cannot_require(versions: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        names.required_versions(versions, "2.0")
    assert refused.value.params["field"] == "required_versions"
