"""Puts the devices of a list into a group, a part at a time, and says of each line what became of it."""

from collections.abc import AsyncIterable, AsyncIterator, Sequence

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.groups.members import store
from linkops.devices.groups.members.rows import ListedMember, MemberReader, MemberResult
from linkops.devices.groups.members.service import require_static
from linkops.devices.groups.model import MAX_IMPORTED
from linkops.devices.groups.service import audit
from linkops.devices.model import DeviceKey
from linkops.errors import TooLarge
from linkops.events.actor import Actor

LINES_PER_UNIT = 1_000


class MemberImports:
    """Lists of members.

    Good lines become members whatever the others say: a list that was put right can simply be sent again.
    """

    def __init__(self, db: Database, clock: Clock, *, max_lines: int = MAX_IMPORTED) -> None:
        self._db = db
        self._clock = clock
        self._max_lines = max_lines

    async def run(self, actor: Actor, group_id: int, pieces: AsyncIterable[bytes]) -> AsyncIterator[MemberResult]:
        """Yield one result a line, in order, once its device is a member; blank lines and the heading have none.

        Raises:
            NotFound, Forbidden, Conflict: about the group; nothing was read.
            TooLarge: the list, a line, or too many lines; those before keep their results.
        """
        group = await self._db.read(require_static, actor, group_id)
        reader = MemberReader(group.product_key)
        waiting: list[ListedMember | MemberResult] = []
        lines = 0
        async for piece in pieces:
            waiting += reader.feed(piece)
            while len(waiting) >= LINES_PER_UNIT:
                lines += LINES_PER_UNIT
                self._check_length(lines)
                for result in await self._store(actor, group_id, waiting[:LINES_PER_UNIT]):
                    yield result
                del waiting[:LINES_PER_UNIT]
        waiting += reader.end()
        self._check_length(lines + len(waiting))
        for result in await self._store(actor, group_id, waiting):
            yield result

    async def _store(
        self, actor: Actor, group_id: int, lines: Sequence[ListedMember | MemberResult]
    ) -> list[MemberResult]:
        keys = {line.key for line in lines if isinstance(line, ListedMember)}
        found = await self._db.write(self._add, actor, group_id, keys) if keys else set()
        return [line if isinstance(line, MemberResult) else _result(line, line.key in found) for line in lines]

    def _check_length(self, lines: int) -> None:
        if lines > self._max_lines:
            raise TooLarge("list.too_many_lines", most=self._max_lines)

    def _add(self, tx: Tx, actor: Actor, group_id: int, keys: set[DeviceKey]) -> set[DeviceKey]:
        """Return those that exist in the group's product, which are members now."""
        group = require_static(tx, actor, group_id)
        found = store.find(tx, group.product_id, keys)
        added = store.add(tx, group_id, found.values())
        if added:
            audit(tx, actor, self._clock.now(), "group.import_members", group, added=len(added))
        return set(found)


def _result(line: ListedMember, found: bool) -> MemberResult:  # noqa: FBT001 - the only thing to say
    return MemberResult(line.line, *line.key, None if found else "device.not_found")
