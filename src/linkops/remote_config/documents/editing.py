"""Save, restore and remove documents; who looked at an older version than the newest overwrites nothing."""

import asyncio
from typing import NamedTuple

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.errors import Conflict, Invalid, NotFound
from linkops.events.actor import Actor, Role
from linkops.remote_config.documents import store
from linkops.remote_config.documents.access import require_place
from linkops.remote_config.documents.announcing import record_saved
from linkops.remote_config.documents.checks import Basis, BasisChanged, Checks, read_basis, require_basis
from linkops.remote_config.documents.contents.store import content as content_of
from linkops.remote_config.documents.contents.store import keep
from linkops.remote_config.documents.model import MAX_GROUP_DOCUMENTS, Draft, Saved, Scope, Target, Version
from linkops.remote_config.documents.rules import check_base, check_draft
from linkops.remote_config.documents.schemas.rules import checked_schema
from linkops.remote_config.documents.store import Place, State, VersionToAdd
from linkops.remote_config.documents.syntax import checked

_TRIES = 5


class _Wanted(NamedTuple):
    """A checked draft; content None: the document is to be removed."""

    content: bytes | None
    base_version: int
    comment: str
    priority: int | None = None
    restored_from: int | None = None


class Editing:
    """Changes of documents, which take an operator of the product; each makes a version and loses none."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._checks = Checks()

    async def save(self, actor: Actor, target: Target, draft: Draft) -> Saved:
        """Save a document, kept byte for byte; the same bytes as the newest version make no other one.

        Raises:
            Invalid: the text is no JSON object (see `syntax.checked`) or no schema, the schema does not allow it, or it
                is too large once it is merged; the comment or the priority.
            TooLarge: it has more than `MAX_BYTES`.
            Conflict: the newest version is not ``base_version``; or as many groups as may have documents have one.
        """
        check_draft(draft, target.scope)
        check = checked_schema if target.scope is Scope.SCHEMA else checked
        content = await asyncio.to_thread(check, draft.content)
        return await self._change(actor, target, _Wanted(content, draft.base_version, draft.comment, draft.priority))

    async def restore(self, actor: Actor, target: Target, number: int, base_version: int, comment: str = "") -> Saved:
        """Save an earlier version's content again, byte for byte; the priority stays as it is.

        Raises:
            NotFound: there is no such version.
            Invalid: in that version the document was removed; or see `save`, since schema and other documents may be
                others by now.
            Conflict: the newest version is not ``base_version``.
        """
        check_draft(Draft("", base_version, comment), target.scope)
        content = await self._db.read(_content_of, actor, target, number)
        return await self._change(actor, target, _Wanted(content, base_version, comment, restored_from=number))

    async def remove(self, actor: Actor, target: Target, base_version: int, comment: str = "") -> Saved:
        """Let a narrower document or a schema apply no more; its versions are kept and can be restored.

        Raises:
            NotFound: there never was one.
            Invalid: it is the product's document, which stays: switch remote configuration off instead.
            Conflict: the newest version is not ``base_version``.
        """
        if target.scope is Scope.PRODUCT:
            raise Invalid("config.product_document_stays", field="scope")
        check_draft(Draft("", base_version, comment), target.scope)
        return await self._change(actor, target, _Wanted(None, base_version, comment))

    async def _change(self, actor: Actor, target: Target, wanted: _Wanted) -> Saved:
        for _ in range(_TRIES):
            basis = await self._db.read(_basis, actor, target, wanted)
            if isinstance(basis, Saved):
                return basis
            violations = () if wanted.content is None else await self._checks.run(target.scope, wanted.content, basis)
            try:
                saved = await self._db.write(_save, actor, target, wanted, basis, self._clock.now())
            except BasisChanged:
                continue
            return saved._replace(violations=violations)
        raise Conflict("config.busy")


def _basis(tx: Tx, actor: Actor, target: Target, wanted: _Wanted) -> Basis | Saved:
    """Return what to check against; or the newest version, if there is nothing to save."""
    _, place = require_place(tx, actor, Role.OPERATOR, target)
    state = store.find(tx, place)
    same = _same(tx, target, state, wanted)
    if same is not None:
        return Saved(same, made=False)
    check_base(wanted.base_version, store.newest(tx, state))
    return read_basis(tx, place, wanted.content or b"")


def _save(tx: Tx, actor: Actor, target: Target, wanted: _Wanted, basis: Basis, now: int) -> Saved:
    _, place = require_place(tx, actor, Role.OPERATOR, target)
    require_basis(tx, place, basis)
    state = store.lock(tx, place)
    same = _same(tx, target, state, wanted)
    if same is not None:
        return Saved(same, made=False)
    check_base(wanted.base_version, store.newest(tx, state))
    _check_groups(tx, place, state)
    version = store.add_version(tx, state, _to_add(tx, actor, place, state, wanted, now), now)
    record_saved(tx, actor, now, target, place, version)
    return Saved(version, made=True)


def _same(tx: Tx, target: Target, state: State | None, wanted: _Wanted) -> Version | None:
    """Return the newest version if it is what is wanted already: a repeated request is answered like the first one.

    Raises:
        NotFound: what is to be removed never was.
    """
    newest = store.newest(tx, state)
    if newest is None or state is None:
        if wanted.content is None:
            raise NotFound("config.no_document", scope=target.scope)
        return None
    current = None if state.content_id is None else content_of(tx, state.content_id)
    return newest if (current, state.priority) == (wanted.content, _priority(state, wanted)) else None


def _priority(state: State, wanted: _Wanted) -> int:
    return state.priority if wanted.priority is None else wanted.priority


def _to_add(tx: Tx, actor: Actor, place: Place, state: State, wanted: _Wanted, now: int) -> VersionToAdd:
    content = wanted.content
    return VersionToAdd(
        content_id=None if content is None else keep(tx, place.product_id, content, now).id,
        size_bytes=0 if content is None else len(content),
        priority=_priority(state, wanted),
        restored_from=wanted.restored_from,
        comment=wanted.comment,
        created_by=actor.name,
    )


def _check_groups(tx: Tx, place: Place, state: State) -> None:
    new = place.scope is Scope.GROUP and state.content_id is None
    if new and store.count_groups(tx, place.product_id) >= MAX_GROUP_DOCUMENTS:
        raise Conflict("config.too_many_groups", most=MAX_GROUP_DOCUMENTS)


def _content_of(tx: Tx, actor: Actor, target: Target, number: int) -> bytes:
    _, place = require_place(tx, actor, Role.OPERATOR, target)
    state = store.find(tx, place)
    found = None if state is None else store.version(tx, state.id, number)
    if found is None:
        raise NotFound("config.version_not_found", version=number)
    if found[1] is None:
        raise Invalid("config.version_removed", field="version", version=number)
    return content_of(tx, found[1])
