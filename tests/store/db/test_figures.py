"""What those who run the server see of it, on both engines."""

from pathlib import Path

import pytest

from linkops.clock import FixedClock
from linkops.db import Database
from linkops.errors import Forbidden
from linkops.events.actor import SYSTEM, Actor, Role
from linkops.settings import Source, load_settings
from linkops.upkeep.service import Upkeep, licences


async def test_the_server_says_how_it_is(db: Database, clock: FixedClock, tmp_path: Path) -> None:
    async def broken() -> bool:
        raise OSError("no disk")

    settings = load_settings(data_dir=tmp_path, master_key="ab" * 32)
    upkeep = Upkeep(db, clock, settings, {"database": db.takes_writes, "disk": broken}, lambda: 7)
    clock.advance(90_000)
    state = await upkeep.state(SYSTEM)
    assert state.checks == {"database": True, "disk": False}
    assert state.now - state.started_at == 90_000
    assert state.connections == 7
    assert state.database.engine in {"SQLite", "PostgreSQL"}
    assert state.database.version[0].isdigit()
    assert state.database.size_bytes > 100_000
    assert 0 < state.disk_free_bytes < state.disk_bytes


async def test_settings_are_read_without_their_secrets_by_administrators(
    sqlite_db: Database, clock: FixedClock, tmp_path: Path
) -> None:
    settings = load_settings(data_dir=tmp_path, master_key="ab" * 32)
    upkeep = Upkeep(sqlite_db, clock, settings, {})
    lines = {line.name: line for line in upkeep.settings(SYSTEM)}
    assert lines["data_dir"].value == str(tmp_path)
    assert lines["master_key"].source is Source.ARGUMENT
    assert "ab" not in lines["master_key"].value
    assert lines["trusted_proxies"].value == ""
    operator = Actor(1, "bob", "", {0: Role.OPERATOR, 5: Role.ADMIN})
    with pytest.raises(Forbidden):
        upkeep.settings(operator)
    with pytest.raises(Forbidden):
        await upkeep.state(operator)


def test_licences_are_short() -> None:
    found = {each.name.lower(): each.licence for each in licences()}
    assert "MIT" in found["nicegui"]
    assert max(map(len, found.values())) < 300
