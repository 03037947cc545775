"""Secrets at rest."""

import stat
from pathlib import Path

import pytest

from linkops.secretbox import SecretBox, WrongMasterKey, load_master_key


def test_a_sealed_secret_opens_and_never_looks_the_same_twice() -> None:
    box = SecretBox(b"k" * 32)
    first, second = box.seal("s3cret"), box.seal("s3cret")
    assert first != second
    assert "s3cret" not in first
    assert box.open(first) == box.open(second) == "s3cret"


def test_another_key_does_not_open_it() -> None:
    sealed = SecretBox(b"k" * 32).seal("s3cret")
    with pytest.raises(WrongMasterKey):
        SecretBox(b"x" * 32).open(sealed)


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    sealed = load_master_key(path, None).seal("s3cret")
    assert load_master_key(path, None).open(sealed) == "s3cret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_given_key_wins_and_must_have_its_length(tmp_path: Path) -> None:
    assert load_master_key(tmp_path / "unused", "ab" * 32).key == b"\xab" * 32
    assert not (tmp_path / "unused").exists()
    with pytest.raises(ValueError, match="32 bytes"):
        load_master_key(tmp_path / "unused", "abcd")
