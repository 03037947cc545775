"""Who wants to hear of which kinds of events now: enabled webhooks and open streams, together."""

from collections import Counter
from collections.abc import Iterable

from linkops.events.interest import Interest


class Wishes:
    """Keeps `Interest` true; used on one loop."""

    def __init__(self, interest: Interest) -> None:
        self._interest = interest
        self._webhooks: frozenset[str] = frozenset()
        self._streams: Counter[str] = Counter()

    def of_webhooks(self, kinds: Iterable[str]) -> None:
        """All webhooks together want exactly these."""
        wanted = frozenset(kinds)
        if wanted != self._webhooks:
            self._webhooks = wanted
            self._tell()

    def stream_opened(self, kinds: Iterable[str]) -> None:
        """One more stream wants these."""
        self._streams.update(kinds)
        self._tell()

    def stream_closed(self, kinds: Iterable[str]) -> None:
        """A stream that wanted these is over."""
        self._streams.subtract(kinds)
        self._tell()

    def _tell(self) -> None:
        self._interest.replace(self._webhooks | {kind for kind, streams in self._streams.items() if streams})
