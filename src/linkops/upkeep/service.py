"""What those who run the server look at: its health and size, and what it was set to."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from pydantic import SecretStr

from linkops import __version__
from linkops.clock import Clock
from linkops.db import Database, Figures
from linkops.events.actor import Actor, Role
from linkops.settings import Settings, Source

_CHECK_WITHIN_S = 5.0
_log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[bool]]
"""Answers whether a part of the server works."""


class ServerState(NamedTuple):
    """A server as of now; times are Unix milliseconds.

    Attributes:
        checks: by part, whether it works.
        connections: of devices, open now.
        disk_free_bytes, disk_bytes: of the disk that holds the data folder.
    """

    version: str
    started_at: int
    now: int
    checks: Mapping[str, bool]
    database: Figures
    connections: int
    disk_free_bytes: int
    disk_bytes: int
    data_dir: Path


class SettingLine(NamedTuple):
    """A setting as people read it; of a secret only whether it is set."""

    name: str
    value: str
    default: str
    meaning: str
    source: Source


class Licence(NamedTuple):
    """What somebody else made that LinkOps is built on, and under which licence."""

    name: str
    version: str
    licence: str


class Upkeep:
    """Use cases of administrators of everything who run the server."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: Settings,
        checks: Mapping[str, Check],
        connections: Callable[[], int] = lambda: 0,
    ) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        self._checks = checks
        self._connections = connections
        self._started_at = clock.now()

    async def state(self, actor: Actor) -> ServerState:
        """Return how the server is.

        Raises:
            Forbidden: about the actor.
        """
        actor.require(Role.ADMIN)
        data_dir = self._settings.data_dir.resolve()
        checks, figures, disk = await asyncio.gather(
            judge(self._checks), self._db.figures(), asyncio.to_thread(shutil.disk_usage, data_dir)
        )
        return ServerState(
            version=__version__,
            started_at=self._started_at,
            now=self._clock.now(),
            checks=checks,
            database=figures,
            connections=self._connections(),
            disk_free_bytes=disk.free,
            disk_bytes=disk.total,
            data_dir=data_dir,
        )

    def settings(self, actor: Actor) -> list[SettingLine]:
        """Return every setting in the order of the reference.

        Raises:
            Forbidden: about the actor.
        """
        actor.require(Role.ADMIN)
        return [
            SettingLine(
                name,
                _shown(getattr(self._settings, name)),
                _shown(field.get_default(call_default_factory=True)),
                field.description or "",
                self._settings.source(name),
            )
            for name, field in Settings.model_fields.items()
        ]


async def judge(checks: Mapping[str, Check]) -> dict[str, bool]:
    """Return which parts of the server work; one that does not answer soon does not."""
    answers = await asyncio.gather(*(_answer(name, check) for name, check in checks.items()))
    return dict(zip(checks, answers, strict=True))


async def _answer(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(_CHECK_WITHIN_S):
            return await check()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a part, the answer is that it does not work
        _log.warning("not ready", part=name, error=repr(error))
        return False


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return "••••••••"
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def licences() -> list[Licence]:
    """Return everything that is installed beside LinkOps in its environment, by name. Reads a few hundred files."""
    found = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name and name.lower() != "linkops":
            found[name.lower()] = Licence(name, distribution.version, _licence_of(distribution.metadata))
    return [found[name] for name in sorted(found)]


def _licence_of(said: metadata.PackageMetadata) -> str:
    """Return what a package says of its licence; a whole licence text in the field is of no use here."""
    fields = said.json
    expression, text = str(fields.get("license_expression", "")), str(fields.get("license", ""))
    classifiers = [
        line.rpartition("::")[2].strip() for line in fields.get("classifier", []) if line.startswith("License ::")
    ]
    short = text if 0 < len(text) <= 60 and "\n" not in text else ""
    return expression or short or ", ".join(classifiers)
