"""Looking at documents and their versions; changing them is in `editing`."""

import asyncio

from linkops.db import Database, Tx
from linkops.devices.paging import check_limit
from linkops.errors import NotFound
from linkops.events.actor import Actor, Role
from linkops.remote_config.documents import store
from linkops.remote_config.documents.access import require_place
from linkops.remote_config.documents.contents.store import content as content_of
from linkops.remote_config.documents.diff import changes, unified
from linkops.remote_config.documents.model import RECENT, Comparison, Document, Target, Version
from linkops.remote_config.documents.values import parse

_NOTHING = b"{}"


class Documents:
    """The documents of the products that an actor may see; looking takes a viewer of the product."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, actor: Actor, target: Target) -> Document:
        """Return a document, also one that nobody saved yet."""

        def read(tx: Tx) -> Document:
            state = _state(tx, actor, target)
            if state is None:
                return Document(version=None, content=None, recent=[])
            recent = store.versions(tx, state.id, state.version + 1, RECENT)
            content = None if state.content_id is None else content_of(tx, state.content_id).decode()
            return Document(version=recent[0] if recent else None, content=content, recent=recent)

        return await self._db.read(read)

    async def versions(self, actor: Actor, target: Target, before: int, limit: int) -> list[Version]:
        """Return up to ``limit`` versions with numbers below ``before``, the newest first."""
        check_limit(limit)

        def read(tx: Tx) -> list[Version]:
            state = _state(tx, actor, target)
            return [] if state is None else store.versions(tx, state.id, before, limit)

        return await self._db.read(read)

    async def version(self, actor: Actor, target: Target, number: int) -> tuple[Version, str | None]:
        """Return a version and its content, None if the document was removed in it.

        Raises:
            NotFound: there is none with this number.
        """
        found, content = await self._db.read(_version, actor, target, number)
        return found, None if content is None else content.decode()

    async def compare(self, actor: Actor, target: Target, older: int, newer: int) -> Comparison:
        """Return what differs between two versions; in one that was removed nothing is set.

        Raises:
            NotFound: there is no version with one of the numbers.
        """

        def read(tx: Tx) -> list[tuple[Version, bytes | None]]:
            return [_version(tx, actor, target, number) for number in (older, newer)]

        (before, old), (after, new) = await self._db.read(read)
        return await asyncio.to_thread(_compare, before, old, after, new)


def _compare(before: Version, old: bytes | None, after: Version, new: bytes | None) -> Comparison:
    names = (f"version {before.number}", f"version {after.number}")
    lines = unified((old or b"").decode(), (new or b"").decode(), *names)
    return Comparison(before, after, lines, changes(parse(old or _NOTHING), parse(new or _NOTHING)))


def _state(tx: Tx, actor: Actor, target: Target) -> store.State | None:
    _, place = require_place(tx, actor, Role.VIEWER, target)
    return store.find(tx, place)


def _version(tx: Tx, actor: Actor, target: Target, number: int) -> tuple[Version, bytes | None]:
    state = _state(tx, actor, target)
    found = None if state is None else store.version(tx, state.id, number)
    if found is None:
        raise NotFound("config.version_not_found", version=number)
    return found[0], None if found[1] is None else content_of(tx, found[1])
