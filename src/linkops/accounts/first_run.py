"""The first run: whoever has the link that the server printed makes the first administrator, once.

The code of the link is in this process's memory and nowhere else, so that a backup or a disk gives nobody a way in.
"""

import hmac
import secrets
from collections import Counter

from linkops.accounts.service import Accounts
from linkops.clock import Clock
from linkops.errors import NotFound, TooMany

_CODE_BYTES = 32
_WINDOW_MS = 60_000
_WRONG_CODES = 5
_ADDRESSES_KEPT = 1_000


class FirstRun:
    """Set-up that closes for good with the first account; closed from the beginning unless it is opened."""

    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._code = ""
        self._wrong: Counter[str] = Counter()
        self._window = 0

    async def open(self) -> str | None:
        """Return a new code, which replaces an older one; None when there is an account already."""
        if await self._accounts.any():
            return None
        self._code = secrets.token_urlsafe(_CODE_BYTES)
        return self._code

    async def check(self, code: str, address: str) -> None:
        """Do nothing if ``code`` is the one that the server printed and there is nobody yet.

        Raises:
            NotFound: otherwise; which of both it is, nobody learns.
            TooMany: too many wrong codes came from this address; the right one is let through at any time.
        """
        right = hmac.compare_digest(code.encode("utf-8", "replace"), self._code.encode())
        if not self._code or not right:
            self._count_wrong(address)
            raise NotFound("setup.closed")
        if await self._accounts.any():
            self._code = ""
            raise NotFound("setup.closed")

    async def create_admin(self, code: str, name: str, password: str, address: str) -> None:
        """Make the first administrator.

        Raises:
            NotFound, TooMany: as for `check`; of many calls side by side one is the first.
            Invalid: the name or the password cannot be taken; the code stays good.
        """
        await self.check(code, address)
        await self._accounts.create_first_admin_named(name, password, address)
        self._code = ""

    def _count_wrong(self, address: str) -> None:
        window, passed_ms = divmod(self._clock.now(), _WINDOW_MS)
        if window != self._window or len(self._wrong) >= _ADDRESSES_KEPT:
            self._window = window
            self._wrong.clear()
        self._wrong[address] += 1
        if self._wrong[address] > _WRONG_CODES:
            raise TooMany("setup.throttled", retry_after_s=(_WINDOW_MS - passed_ms) // 1_000 + 1)
