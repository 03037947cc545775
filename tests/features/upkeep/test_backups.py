"""Backups that the server makes of itself."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from linkops.accounts.trail.model import AuditFilter
from linkops.accounts.trail.service import Keeping, Trail
from linkops.clock import FixedClock
from linkops.db import Database, open_database
from linkops.errors import Conflict, Forbidden, Unavailable
from linkops.events.actor import SYSTEM, Actor, Role
from linkops.settings import load_settings
from linkops.upkeep.archive import Place, read_backup
from linkops.upkeep.backups import MOST, Backup, Backups, delete_left, seen_in

ENDED_WITHIN_S = 60
NEWEST = 2**62
NAME = "linkops-20270115-080000-{}-key.tar.gz"
HOUR_MS = 3_600_000


@pytest.fixture
async def backups(sqlite_db: Database, clock: FixedClock, tmp_path: Path) -> AsyncIterator[Backups]:
    """Those of a server with a key and a file of a package."""
    (tmp_path / "master.key").write_text("ab" * 32)
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "0123").write_bytes(b"firmware" * 1_000)
    made = Backups(sqlite_db, clock, load_settings(data_dir=tmp_path))
    yield made
    await made.stop()


async def made(backups: Backups, *, with_key: bool = True) -> Backup:
    """Make one, and return it."""
    name = await backups.begin(SYSTEM, with_key=with_key)
    await ended(backups)
    (found,) = [one for one in await backups.list(SYSTEM) if one.name == name]
    return found


async def ended(backups: Backups) -> str:
    """Wait for the end of what is being made, and return why it was not."""
    assert backups._task is not None
    await asyncio.wait_for(asyncio.shield(backups._task), ENDED_WITHIN_S)
    making = backups.making(SYSTEM)
    assert making is not None
    assert making.ended
    return making.why_not


@pytest.mark.parametrize("word", ["with", "without"])
async def test_a_backup_is_restored_with_what_its_name_says(backups: Backups, tmp_path: Path, word: str) -> None:
    with_key = word == "with"
    backup = await made(backups, with_key=with_key)
    assert backup.name == NAME.format(word)
    assert backup.holds_key is with_key
    file = backups.folder / backup.name
    assert backup.size_bytes == file.stat().st_size > 1_000
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(backups.folder.stat().st_mode) == 0o700
    names = read_backup(file, Place(tmp_path / "again", None))
    assert ("master.key" in names) is with_key
    assert (tmp_path / "again" / "blobs" / "0123").read_bytes() == b"firmware" * 1_000
    open_database(str(tmp_path / "again" / "linkops.db")).close()


async def test_how_far_it_is_can_be_followed(backups: Backups) -> None:
    assert backups.making(SYSTEM) is None
    await made(backups)
    making = backups.making(SYSTEM)
    assert making is not None
    assert making.done_bytes == making.all_bytes > 8_000


async def test_two_at_once_are_one(backups: Backups) -> None:
    answers = await asyncio.gather(*(backups.begin(SYSTEM, with_key=True) for _ in range(2)), return_exceptions=True)
    assert {type(answer) for answer in answers} == {Conflict, str}
    assert await ended(backups) == ""


async def test_a_key_that_is_kept_elsewhere_is_in_none(sqlite_db: Database, clock: FixedClock, tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, master_key="ab" * 32, backup_dir=tmp_path / "elsewhere")
    backup = await made(Backups(sqlite_db, clock, settings))
    assert backup.holds_key is False
    assert (tmp_path / "elsewhere" / backup.name).exists()


async def test_it_is_refused_while_there_is_no_room(sqlite_db: Database, clock: FixedClock, tmp_path: Path) -> None:
    full = Backups(sqlite_db, clock, load_settings(data_dir=tmp_path, min_free_disk_bytes=2**62))
    with pytest.raises(Unavailable):
        await full.begin(SYSTEM, with_key=True)
    assert full.making(SYSTEM) is None


async def test_there_are_not_more_than_somebody_looks_after(backups: Backups) -> None:
    backups.folder.mkdir()
    for number in range(MOST):
        (backups.folder / f"mine-{number}.tar.gz").write_bytes(b"")
    (backups.folder / "notes.txt").write_text("no backup")
    assert {one.holds_key for one in await backups.list(SYSTEM)} == {None}
    with pytest.raises(Conflict):
        await backups.begin(SYSTEM, with_key=True)


async def test_why_there_is_none_is_told(backups: Backups, sqlite_db: Database, clock: FixedClock) -> None:
    (backups.folder / NAME.format("with")).mkdir(parents=True)
    await backups.begin(SYSTEM, with_key=True)
    assert "exists already" in await ended(backups)
    assert await backups.list(SYSTEM) == []


async def test_a_server_that_stops_gives_it_up(backups: Backups) -> None:
    await backups.begin(SYSTEM, with_key=True)
    await backups.stop()
    making = backups.making(SYSTEM)
    assert making is not None
    assert making.ended
    assert making.why_not == "It was cut off."
    assert await backups.list(SYSTEM) == []


async def test_what_was_done_is_recorded(backups: Backups, sqlite_db: Database, clock: FixedClock) -> None:
    backup = await made(backups)
    lines = await Trail(sqlite_db, clock, Keeping(1, 1)).audit(SYSTEM, AuditFilter(), NEWEST, 10)
    assert [(line.action, line.target) for line in reversed(lines)] == [
        ("backup.begin", f"backup:{backup.name}"),
        ("backup.finish", f"backup:{backup.name}"),
    ]


async def test_only_administrators_of_everything(backups: Backups) -> None:
    other = Actor(1, "bob", "", {0: Role.OPERATOR, 5: Role.ADMIN})
    with pytest.raises(Forbidden):
        await backups.begin(other, with_key=True)
    with pytest.raises(Forbidden):
        await backups.list(other)
    with pytest.raises(Forbidden):
        backups.making(other)


def test_a_backup_that_is_moved_away_during_a_look_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "linkops-20270101-000000-with-key.tar.gz"
    file.touch()
    with os.scandir(tmp_path) as entries:
        (entry,) = entries
        file.unlink()
        assert seen_in([entry]) == []


def test_what_was_left_is_deleted_once_nobody_can_be_at_work_in_it(tmp_path: Path) -> None:
    old, new = tmp_path / ".unfinished-old", tmp_path / ".unfinished-new"
    old.mkdir()
    new.mkdir()
    os.utime(old, (0, 0))
    delete_left(tmp_path, 25 * HOUR_MS)
    assert not old.exists()
    assert new.exists()
