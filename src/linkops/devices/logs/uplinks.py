"""What the hub calls for logs; used on the hub's loop only."""

import asyncio
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import NamedTuple

from linkops.alink.logs import LogEntry
from linkops.db import Batcher, Database, Tx
from linkops.devices.logs import store
from linkops.devices.logs.model import Posted
from linkops.devices.logs.rate import EntryRate
from linkops.devices.logs.store import NewLine
from linkops.devices.logs.times import read_time

MOST_WAITING_CHARS = 32 * 2**20
"""Of all messages that wait for a commit; more are refused like those of a device that is too fast."""
_POSTS_PER_UNIT = 32
"""A message holds up to 256 KB."""


class Taken(Enum):
    """What became of a message with entries."""

    STORED = auto()
    OFF = auto()
    TOO_FAST = auto()


class Mode(NamedTuple):
    """Whether a device shall upload its log."""

    on: bool


Done = Callable[[Taken | Exception], None]


class LogUplinks:
    """Takes entries of devices whose switch is on.

    Attributes:
        mode: answers whether the device with this id shall upload its log.
    """

    def __init__(self, db: Database, entries_per_minute: int) -> None:
        self._rate = EntryRate(entries_per_minute)
        self._waiting_chars = 0
        self._recent: set[int] = set()
        self._add: Batcher[Posted, Taken] = db.batcher(record_posts, max_items=_POSTS_PER_UNIT)
        self.mode: Batcher[int, Mode] = db.batcher(_modes)

    def put(self, posted: Posted, done: Done) -> None:
        """Take a message; ``done`` is called on the running loop, later.

        Raises:
            Unavailable: when the writer cannot take more now.
        """
        chars = sum(len(entry.content) for entry in posted.entries)
        room = self._waiting_chars + chars <= MOST_WAITING_CHARS
        if not room or not self._rate.take(posted.device_id, len(posted.entries), posted.at):
            asyncio.get_running_loop().call_soon(done, Taken.TOO_FAST)
            return
        self._add.put(posted, lambda taken: self._told(taken, posted.device_id, chars, done))
        self._waiting_chars += chars

    def recent(self, now: int) -> set[int]:
        """Return the devices whose entries were stored since this was last asked."""
        self._rate.forget_rested(now)
        recent, self._recent = self._recent, set()
        return recent

    def _told(self, taken: Taken | Exception, device_id: int, chars: int, done: Done) -> None:
        self._waiting_chars -= chars
        if taken is Taken.STORED:
            self._recent.add(device_id)
        done(taken)


def record_posts(tx: Tx, posts: Sequence[Posted]) -> list[Taken]:
    """Store the entries of devices whose switch is on, in order, and return what became of each message."""
    on = store.switched_on(tx, {post.device_id for post in posts})
    stored = [post for post in posts if post.device_id in on]
    store.add(tx, [_line(post, entry) for post in stored for entry in post.entries])
    return [Taken.STORED if post.device_id in on else Taken.OFF for post in posts]


def _line(post: Posted, entry: LogEntry) -> NewLine:
    return NewLine(post.device_id, post.at, read_time(entry.utc_time), *entry)


def _modes(tx: Tx, device_ids: Sequence[int]) -> list[Mode]:
    on = store.switched_on(tx, set(device_ids))
    return [Mode(device_id in on) for device_id in device_ids]
