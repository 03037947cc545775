"""Lists of what our own authorities have revoked (CRL, RFC 5280 §5), made by a process of its own."""

import asyncio
import os
import sys

import msgspec
import structlog

from linkops.clock import Clock
from linkops.db import Database
from linkops.devices.certificates import store
from linkops.devices.certificates.authorities.crl_child import Order
from linkops.devices.certificates.authorities.own import OwnAuthority
from linkops.devices.certificates.model import Authority
from linkops.devices.certificates.signing import RevokedEntry
from linkops.errors import TooLarge, TooMany, Unavailable

_log = structlog.get_logger(__name__)

MAX_REVOKED = 100_000
WITHIN_S = 60.0
_PER_READ = 10_000
_CHILD = "linkops.devices.certificates.authorities.crl_child"


class RevocationLists:
    """Makes one list at a time."""

    def __init__(self, db: Database, clock: Clock, own: OwnAuthority) -> None:
        self._db = db
        self._clock = clock
        self._own = own
        self._turn = asyncio.Lock()

    async def make(self, authority: Authority) -> str:
        """Return what one of our own authorities has revoked and what has not expired, in PEM.

        Raises:
            TooLarge: that is more than `MAX_REVOKED`.
            TooMany: another list is being made.
            Unavailable: it took longer than `WITHIN_S`.
        """
        if self._turn.locked():
            raise TooMany("authority.crl_busy", retry_after_s=2)
        async with self._turn:
            now = self._clock.now()
            entries = await self._revoked(authority.id, now)
            private_key = await self._own.private_key_of(authority)
            # Seconds as a number: it grows, and no list needs a write.
            return await _sign(Order(authority.certificate, private_key, entries, now // 1_000, now))

    async def _revoked(self, authority_id: int, now: int) -> list[RevokedEntry]:
        entries: list[RevokedEntry] = []
        after = 0
        while rows := await self._db.read(store.revoked, authority_id, after, _PER_READ, now):
            entries += [RevokedEntry(*row[1:]) for row in rows]
            after = rows[-1][0]
            if len(entries) > MAX_REVOKED:
                raise TooLarge("authority.crl_too_large", most=MAX_REVOKED)
        return entries


async def _sign(order: Order) -> str:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-m", _CHILD, env={"PATH": os.defpath},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(WITHIN_S):
            made, complaint = await child.communicate(msgspec.json.encode(order))
    except TimeoutError:
        raise Unavailable("authority.crl_not_made") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        _log.error("no list of revoked certificates", exit_code=child.returncode, said=complaint[-1_000:].decode())
        raise Unavailable("authority.crl_not_made")
    return made.decode()
