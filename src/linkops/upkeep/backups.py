"""Backups in the server's own folder, made while it runs by a process of their own: begun, followed and listed.

They are never handed out over HTTP: one opens everything, and who stole a session must not carry it away (ADR 0050).
"""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from linkops.clock import Clock
from linkops.db import Database
from linkops.errors import Conflict, Unavailable
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.settings import Settings
from linkops.upkeep.archive import UNFINISHED_FOLDER, place_of
from linkops.upkeep.child import Line, Order, Outcome, Step

MOST = 20
_LEFT_MS = 86_400_000
_CUT_OFF = "It was cut off."
_SUFFIX = ".tar.gz"
_OURS = re.compile(r"linkops-\d{8}-\d{6}-(with|without)-key\.tar\.gz")
_lines = msgspec.json.Decoder(Line)
_log = structlog.get_logger(__name__)


class Backup(NamedTuple):
    """A backup in the folder.

    Attributes:
        made_at: Unix milliseconds.
        holds_key: whether the master key is in it; None: it came here in another way, and its name does not say.
    """

    name: str
    size_bytes: int
    made_at: int
    holds_key: bool | None


class Making(NamedTuple):
    """The backup that is being made, or was made last by this run of the server.

    Attributes:
        done_bytes, all_bytes: of what goes into it; both are 0 while the database is copied.
        ended: whether nothing more comes of it.
        why_not: why there is no backup, in English; '' while there may be one.
    """

    name: str
    done_bytes: int = 0
    all_bytes: int = 0
    ended: bool = False
    why_not: str = ""


class Backups:
    """Use cases of administrators of everything.

    Attributes:
        folder: where backups are.
    """

    def __init__(self, db: Database, clock: Clock, settings: Settings) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        self._making: Making | None = None
        self._task: asyncio.Task[None] | None = None
        self.folder = (settings.backup_dir or settings.data_dir / "backups").resolve()

    async def list(self, actor: Actor) -> list[Backup]:
        """Return what is in the folder, the newest first.

        Raises:
            Forbidden: about the actor.
        """
        actor.require(Role.ADMIN)
        return await asyncio.to_thread(found_in, self.folder)

    def making(self, actor: Actor) -> Making | None:
        """Return the backup that is being made, or was made last; None: none since the server started.

        Raises:
            Forbidden: about the actor.
        """
        actor.require(Role.ADMIN)
        return self._making

    async def begin(self, actor: Actor, *, with_key: bool) -> str:
        """Begin a backup, and return the name that it will have.

        A master key that is not in the data folder is in no backup.

        Raises:
            Forbidden: about the actor.
            Conflict: one is being made, or there are `MOST`.
            Unavailable: the disk is nearly full.
        """
        actor.require(Role.ADMIN)
        if self._making is not None and not self._making.ended:
            raise Conflict("backup.under_way")
        with_key = with_key and self._settings.master_key is None
        now = self._clock.now()
        name = name_of(now, with_key=with_key)
        self._making = Making(name)  # before anything is waited for, so that two who begin at once are one
        try:
            await asyncio.to_thread(self._prepare)
            await self._record(actor, "backup.begin", name, with_key=with_key)
        except BaseException:
            self._making = None
            raise
        self._task = asyncio.create_task(self._make(actor, name, with_key=with_key))
        return name

    async def stop(self) -> None:
        """Give up the backup that is being made."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._end(_CUT_OFF)

    def _prepare(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        delete_left(self.folder, self._clock.now())
        if len(found_in(self.folder)) >= MOST:
            raise Conflict("backup.too_many", most=MOST, folder=str(self.folder))
        if shutil.disk_usage(self.folder).free < self._settings.min_free_disk_bytes:
            raise Unavailable("backup.disk_full")

    async def _make(self, actor: Actor, name: str, *, with_key: bool) -> None:
        place = place_of(self._settings)
        order = Order(str(place.data_dir.resolve()), place.database_url, str(self.folder / name), with_key)
        try:
            outcome = await _run(order, self._tell)
        except (OSError, ValueError, msgspec.MsgspecError):
            _log.exception("a backup was not made")
            outcome = Outcome("The log of the server says why.")
        self._end(outcome.why_not)
        if outcome.why_not:
            await self._record(actor, "backup.fail", name, why=outcome.why_not)
        else:
            await self._record(actor, "backup.finish", name, with_key=outcome.holds_key)

    def _end(self, why_not: str) -> None:
        if self._making is not None and not self._making.ended:
            self._making = self._making._replace(ended=True, why_not=why_not)

    def _tell(self, step: Step) -> None:
        if self._making is not None:
            self._making = self._making._replace(done_bytes=step.done_bytes, all_bytes=step.all_bytes)

    async def _record(self, actor: Actor, action: str, name: str, **details: str | bool) -> None:
        await self._db.write(
            lambda tx: record_audit(tx, actor, self._clock.now(), action, f"backup:{name}", product_id=None, **details)
        )


def name_of(now: int, *, with_key: bool) -> str:
    """Return the name of a backup that is begun ``now``: nothing in it was typed by anybody."""
    moment = datetime.fromtimestamp(now / 1_000, UTC)
    return f"linkops-{moment:%Y%m%d-%H%M%S}-{'with' if with_key else 'without'}-key{_SUFFIX}"


def delete_left(folder: Path, now: int) -> None:
    """Delete what processes that were killed left in a folder; others may be at work in it."""
    for left in folder.glob(f"{UNFINISHED_FOLDER}*"):
        if left.stat().st_mtime * 1_000 < now - _LEFT_MS:
            shutil.rmtree(left, ignore_errors=True)


def found_in(folder: Path) -> list[Backup]:
    """Return the backups in a folder, the newest first; also those that `linkops backup` wrote there."""
    if not folder.exists():
        return []
    with os.scandir(folder) as entries:
        files = [entry for entry in entries if entry.name.endswith(_SUFFIX) and entry.is_file(follow_symlinks=False)]
    return sorted(seen_in(files), key=lambda backup: backup.made_at, reverse=True)


def seen_in(files: "Iterable[os.DirEntry[str]]") -> list[Backup]:
    """Return the backups that are still there: people move them away at any time."""
    backups = []
    for file in files:
        with suppress(FileNotFoundError):
            backups.append(_backup(file))
    return backups


def _backup(file: "os.DirEntry[str]") -> Backup:
    stat, ours = file.stat(), _OURS.fullmatch(file.name)
    return Backup(file.name, stat.st_size, int(stat.st_mtime * 1_000), None if ours is None else ours[1] == "with")


async def _run(order: Order, tell: Callable[[Step], None]) -> Outcome:
    """Let a process of its own do it, and return what came of it; the process never outlives this call."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-m", "linkops.upkeep.child",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={"PATH": os.environ.get("PATH", os.defpath)},  # nothing else of our environment, where secrets may stand
    )  # fmt: skip
    assert child.stdin is not None  # noqa: S101 - for the type checker: they are pipes
    assert child.stdout is not None  # noqa: S101
    try:
        child.stdin.write(msgspec.json.encode(order) + b"\n")
        child.stdin.close()
        outcome = Outcome(_CUT_OFF)
        while line := await child.stdout.readline():
            said = _lines.decode(line)
            if isinstance(said, Step):
                tell(said)
            else:
                outcome = said
        await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return outcome
