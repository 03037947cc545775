"""Certificates for many devices of a product: issued part by part while the answer is sent, each once committed."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import NamedTuple

from linkops.clock import Clock
from linkops.db import Database
from linkops.devices.access import MAX_BULK, require_devices
from linkops.devices.certificates.issuing import store
from linkops.devices.certificates.issuing.service import Issuing, check_valid_days, require_x509
from linkops.devices.certificates.model import Issued, KeyKind
from linkops.devices.model import DeviceKey
from linkops.errors import Invalid, TooMany
from linkops.events.actor import Actor, Role

MAX_MANY = 10_000
_PER_PART = {KeyKind.EC: 50, KeyKind.RSA: 5}
"""So that a part takes a few tenths of a second, and an answer that is cut off wastes few certificates."""
_AT_ONCE = 2


class Wanted(NamedTuple):
    """Which devices get certificates.

    Attributes:
        names: these; None: those that have no valid certificate, the first registered first.
        most: of them.
    """

    names: Sequence[str] | None
    most: int
    kind: KeyKind = KeyKind.EC
    valid_days: int | None = None


class ManyCertificates:
    """Issues certificates with new keys; for operators of the product."""

    def __init__(self, db: Database, clock: Clock, issuing: Issuing) -> None:
        self._db = db
        self._clock = clock
        self._issuing = issuing
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def issue(self, actor: Actor, product_key: str, wanted: Wanted) -> AsyncGenerator[list[Issued], None]:
        """Yield certificates part by part.

        Raises:
            Invalid: no device or more than `MAX_MANY` are wanted, or ``valid_days``.
            NotFound: one of the names is no device of the product; then nobody gets one.
            TooMany: others do the same just now.
        """
        check(wanted)
        await self._require(actor, product_key, wanted.names or [])
        if self._turns.locked():
            raise TooMany("certificate.busy", retry_after_s=10)
        async with self._turns:
            async for names in self._parts(actor, product_key, wanted):
                yield await self._issuing.issue_all(actor, product_key, names, wanted.kind, wanted.valid_days)

    async def _require(self, actor: Actor, product_key: str, names: Sequence[str]) -> None:
        """Look at every name before the first certificate is made."""
        await self._db.read(require_x509, actor, Role.OPERATOR, product_key)
        for start in range(0, len(names), MAX_BULK):
            keys = [DeviceKey(product_key, name) for name in names[start : start + MAX_BULK]]
            await self._db.read(require_devices, actor, Role.OPERATOR, keys)

    async def _parts(self, actor: Actor, product_key: str, wanted: Wanted) -> AsyncIterator[Sequence[str]]:
        size = _PER_PART[wanted.kind]
        if wanted.names is not None:
            for start in range(0, len(wanted.names), size):
                yield wanted.names[start : start + size]
            return
        product = await self._db.read(require_x509, actor, Role.OPERATOR, product_key)
        after, left = 0, wanted.most
        while left > 0:
            most, now = min(left, size), self._clock.now()
            found = await self._db.read(store.without_certificate, product.id, after, most, now)
            if not found:
                return
            after, left = found[-1][0], left - len(found)
            yield [name for _, name in found]


def check(wanted: Wanted) -> None:
    """Raise `Invalid` unless 1 to `MAX_MANY` devices are wanted, each once."""
    count = wanted.most if wanted.names is None else len(set(wanted.names))
    if not 1 <= count <= MAX_MANY or (wanted.names is not None and count < len(wanted.names)):
        raise Invalid("certificate.count_invalid", field="device_names", most=MAX_MANY)
    check_valid_days(wanted.valid_days)
