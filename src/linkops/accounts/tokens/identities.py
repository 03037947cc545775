"""Whom the tokens seen in the last seconds stand for: every request asks, so that most must not ask the database."""

from collections import OrderedDict

from linkops.accounts.model import Identity

KEEP_MS = 5_000
_MOST = 10_000


class Identities:
    """A small cache that never outlives a change.

    Whoever changes an account or a token calls `forget_all` after the commit. A look-up that was under way then carries
    an older generation, and what it found is not kept.
    """

    def __init__(self) -> None:
        self.generation = 0
        self._known: OrderedDict[str, tuple[int, Identity]] = OrderedDict()

    def get(self, digest: str, now: int) -> Identity | None:
        """Return the identity behind a token's digest, if it was looked up just now and the token is still valid."""
        found = self._known.get(digest)
        if found is None:
            return None
        looked_up_at, identity = found
        expired = identity.expires_at is not None and identity.expires_at <= now
        return None if expired or not 0 <= now - looked_up_at < KEEP_MS else identity

    def put(self, digest: str, identity: Identity, now: int, generation: int) -> None:
        """Keep what a look-up that began in ``generation`` found."""
        if generation != self.generation:
            return
        self._known[digest] = (now, identity)
        self._known.move_to_end(digest)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)

    def forget_all(self) -> None:
        """Let the next request of everybody ask the database."""
        self.generation += 1
        self._known.clear()
