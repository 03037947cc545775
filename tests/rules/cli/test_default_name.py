"""What a package is called when nobody says it."""

from pathlib import Path

import pytest

from linkops.cli.package_files import default_name


@pytest.mark.parametrize(
    ("file", "version", "name"),
    [
        ("pump-2.1.0.bin", "2.1.0", "pump-2-1-0"),
        ("pump.tar.gz", "3", "pump-3"),
        ("../../etc/x", "1.0", "x-1-0"),
        ("<img onerror>.bin", "1", "img-onerror-1"),
        ("....bin", "1", "package-1"),
    ],
)
def test_a_package_is_named_after_its_file_and_version(file: str, version: str, name: str) -> None:
    assert default_name(Path(file), version) == name


def test_a_name_is_never_too_long() -> None:
    assert len(default_name(Path("x" * 200 + ".bin"), "1.0.0")) <= 40
