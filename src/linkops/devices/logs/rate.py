"""How many entries a device may upload: so many a minute, and a minute's worth at once."""

_MINUTE_MS = 60_000


class EntryRate:
    """Remembers, of devices that have used some of their allowance, until when it is used up."""

    def __init__(self, per_minute: int) -> None:
        self._ms_per_entry = _MINUTE_MS / per_minute
        self._used_until: dict[int, float] = {}

    def take(self, device_id: int, entries: int, now: int) -> bool:
        """Return whether a device may upload so many entries now; if so, they are counted.

        A device that has its whole allowance may always upload one message, however small the allowance is.
        """
        used_until = max(self._used_until.get(device_id, now), now)
        after = used_until + entries * self._ms_per_entry
        if used_until > now and after > now + _MINUTE_MS:
            return False
        self._used_until[device_id] = after
        return True

    def forget_rested(self, now: int) -> None:
        """Forget devices that have their whole allowance again."""
        self._used_until = {device_id: until for device_id, until in self._used_until.items() if until > now}
