"""Tags from devices as units over a list, and tags with their origin as people see them."""

from collections.abc import Sequence

from linkops.db import Batcher, Database, Tx
from linkops.devices.access import require_device
from linkops.devices.model import DeviceKey
from linkops.devices.tags import store
from linkops.devices.tags.changing import changed
from linkops.devices.tags.model import Tag, TagChange, TagOutcome
from linkops.events.actor import Actor, Role

CHANGES_PER_UNIT = 200


class Tags:
    """Tags by who set them; operators change theirs by `linkops.devices.service.Devices.change_tags`.

    Attributes:
        change: takes what a device asks for; answers with what became of it.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self.change: Batcher[TagChange, TagOutcome] = db.batcher(change_tags, max_items=CHANGES_PER_UNIT)

    async def of(self, actor: Actor, key: DeviceKey) -> dict[str, Tag]:
        """Return a device's tags by key, whoever set them, to a viewer of its product."""
        return await self._db.read(_tags_of, actor, key)


def change_tags(tx: Tx, changes: Sequence[TagChange]) -> list[TagOutcome]:
    """Apply changes in order and return what became of each; one that changes nothing writes nothing."""
    before = store.tags_of(tx, {change.device_id for change in changes})
    after = {device_id: dict(tags) for device_id, tags in before.items()}
    outcomes = []
    for change in changes:
        after[change.device_id], outcome = changed(after[change.device_id], change)
        outcomes.append(outcome)
    _save(tx, before, after)
    return outcomes


def _save(tx: Tx, before: dict[int, dict[str, Tag]], after: dict[int, dict[str, Tag]]) -> None:
    # In the order of the key, so that two servers never wait for each other's rows.
    new = sorted((i, key, *tag) for i, tags in after.items() for key, tag in tags.items() if before[i].get(key) != tag)
    gone = sorted((i, key) for i, tags in before.items() for key in tags if key not in after[i])
    if new:
        store.set_tags(tx, [store.TagRow(*row) for row in new])
    if gone:
        store.delete_tags(tx, gone)


def _tags_of(tx: Tx, actor: Actor, key: DeviceKey) -> dict[str, Tag]:
    device = require_device(tx, actor, Role.VIEWER, key)
    return dict(sorted(store.tags_of(tx, [device.id])[device.id].items()))
