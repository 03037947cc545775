"""Messages of devices on custom topics, as events for applications: only while somebody asks for them by name."""

import base64
from collections.abc import Sequence
from typing import NamedTuple

from linkops.db import Batcher, Database, Tx
from linkops.devices.model import DeviceKey
from linkops.events.interest import Interest
from linkops.events.kinds import DEVICE_MESSAGE
from linkops.events.store import Event, record_events

MESSAGES_PER_UNIT = 200
MAX_CONTENT_BYTES = 32_768
"""Of longer messages only the size is recorded: the event log is no place for files."""


class Received(NamedTuple):
    """A message as it came; ``path`` is what follows ``user/`` in its topic."""

    device_id: int
    product_id: int
    key: DeviceKey
    path: str
    payload: bytes
    at: int


class Incoming:
    """Records what devices say on custom topics.

    Attributes:
        interest: what is wanted now.
        record: takes a message; answers True once it is an event.
    """

    def __init__(self, db: Database, interest: Interest) -> None:
        self.interest = interest
        self.record: Batcher[Received, bool] = db.batcher(_record, max_items=MESSAGES_PER_UNIT)

    @property
    def wanted(self) -> bool:
        """Whether somebody wants to hear of such messages now."""
        return self.interest.wants(DEVICE_MESSAGE)


def _record(tx: Tx, messages: Sequence[Received]) -> list[bool]:
    record_events(tx, [_event(message) for message in messages])
    return [True] * len(messages)


def _event(message: Received) -> Event:
    body = {**message.key._asdict(), "path": message.path, **_content(message.payload)}
    return Event(message.at, DEVICE_MESSAGE, message.product_id, message.device_id, body)


def _content(payload: bytes) -> dict[str, object]:
    size: dict[str, object] = {"sizeBytes": len(payload)}
    if len(payload) > MAX_CONTENT_BYTES:
        return size
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # no text, or one that PostgreSQL could not search in JSON
        return {"content": base64.b64encode(payload).decode(), "encoding": "base64", **size}
    return {"content": text, "encoding": "text", **size}
