"""The live message log: the last messages of single devices, in memory, off unless somebody looks (ADR 0006)."""

from collections import deque

from linkops.bus import MessageRecord
from linkops.clock import Clock

SHOWN_BYTES = 1_024


class Recorder:
    """The last messages of one device."""

    __slots__ = ("_clock", "_number", "records")

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._number = 0
        self.records: deque[MessageRecord] = deque(maxlen=most)

    def add(self, topic: str, payload: bytes, qos: int, outcome: str, *, uplink: bool) -> None:
        """Keep a message; the oldest one goes when there is no more room."""
        self._number += 1
        shown = payload[:SHOWN_BYTES]
        self.records.append(
            MessageRecord(self._number, self._clock.now(), uplink, topic, shown, len(payload), qos, outcome)
        )


class MessageLog:
    """Which devices are recorded."""

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        self._recorders: dict[int, Recorder] = {}

    def switch(self, device_id: int, *, on: bool) -> Recorder | None:
        """Start (keeping what is there) or stop, and return the recorder that is to be used from now on."""
        if not on:
            self._recorders.pop(device_id, None)
            return None
        return self._recorders.setdefault(device_id, Recorder(self._clock, self._most))

    def of(self, device_id: int) -> Recorder | None:
        """Return the recorder of a device, None when it is not recorded."""
        return self._recorders.get(device_id)
