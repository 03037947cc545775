"""Signs files for a unit of work: outside of it, since that takes milliseconds a file, and checked again inside."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from linkops.db import Database, Tx
from linkops.errors import Conflict
from linkops.ota.signing import keys, store
from linkops.ota.signing.model import Signatures
from linkops.secretbox import SecretBox

T = TypeVar("T")
_TRIES = 3


class KeyChanged(Exception):  # noqa: N818 - says what is the case
    """Another key signs by now, or none; what was signed with the former is not stored."""


class PackageSigner:
    """Signs with the keys of products; a private key leaves its box only in here."""

    def __init__(self, db: Database, box: SecretBox) -> None:
        self._db = db
        self._box = box

    async def signed(self, product_id: int, sha256s: Sequence[str], unit: Callable[[Signatures], Awaitable[T]]) -> T:
        """Return what ``unit`` makes of the signatures of these files; it calls `require_current` where it stores them.

        Raises:
            Conflict: the product's key changed again and again meanwhile.
        """
        for _ in range(_TRIES):
            signatures = await self._sign(product_id, list(sha256s))
            try:
                return await unit(signatures)
            except KeyChanged:
                continue
        raise Conflict("signing.changed")

    async def _sign(self, product_id: int, sha256s: list[str]) -> Signatures:
        signer = await self._db.read(store.signer, product_id)
        if signer is None:
            return Signatures(None, "", {})
        private_key = self._box.open(signer.private_key_sealed)
        made = await asyncio.to_thread(keys.sign, private_key, sha256s)
        return Signatures(signer.key_id, signer.fingerprint, made)


def require_current(tx: Tx, product_id: int, signatures: Signatures) -> None:
    """Do nothing while the key that made ``signatures`` still signs.

    Raises:
        KeyChanged: otherwise.
    """
    signer = store.signer(tx, product_id)
    if (None if signer is None else signer.key_id) != signatures.key_id:
        raise KeyChanged
