"""Passwords are kept as Argon2id hashes, worked out in threads of their own so that no event loop waits."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from linkops.errors import TooMany

T = TypeVar("T")

# The OWASP minimum (19 MiB, two passes, one lane): about 20 ms, and little memory when several people log in at once.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_THREADS = 2
_MOST_WAITING = 64
# No letters or digits that look alike: people read these from a terminal.
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GENERATED_CHARS = 20


class Passwords:
    """Hashes and compares passwords, a bounded number at a time."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, "linkops-passwords")
        self._waiting = 0
        self._nobodys = _HASHER.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """Return what is stored of ``password``.

        Raises:
            TooMany: when too many are waiting already.
        """
        return await self._in_thread(partial(_HASHER.hash, password))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Return whether ``stored`` was made from ``password``; None (nobody) takes just as long and is False.

        Raises:
            TooMany: when too many are waiting already.
        """
        same = await self._in_thread(partial(_matches, password, stored or self._nobodys))
        return same and stored is not None

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._waiting >= _MOST_WAITING:
            raise TooMany("login.busy", retry_after_s=1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def generate_password() -> str:
    """Return a password that nobody can guess and anybody can type."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GENERATED_CHARS))


def _matches(password: str, stored: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except VerificationError:
        return False
