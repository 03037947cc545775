"""Runs `linkops.remote_config.documents.schemas.child` and gives its verdict."""

import asyncio
import os
import signal
import sys
import tempfile

import msgspec
import structlog

from linkops.errors import Invalid, TooMany, Unavailable
from linkops.remote_config.documents.schemas.verdict import Order, Verdict

_log = structlog.get_logger(__name__)
_AT_ONCE = 2
_WAITING_MOST = 20
_WITHIN_S = 15.0
_MAX_COMPLAINT_BYTES = 4_096


class SchemaChecks:
    """Checks in processes of their own, a few at once; a schema that takes long or much costs nobody else anything."""

    def __init__(self, waiting_most: int = _WAITING_MOST) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting_most = waiting_most
        self._waiting = 0

    async def judge(self, order: Order) -> Verdict:
        """Return what the child's `judge` says.

        Raises:
            Invalid: the check took too long, or too much memory.
            TooMany: so many checks wait that another one would only wait longer.
            Unavailable: the check could not be made.
        """
        if self._waiting >= self._waiting_most:
            raise TooMany("config.checks_busy", retry_after_s=5)
        self._waiting += 1
        try:
            async with self._turns:
                return await _run(order)
        finally:
            self._waiting -= 1


async def _run(order: Order) -> Verdict:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-m", "linkops.remote_config.documents.schemas.child",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        # Nothing of our environment, where secrets may stand.
        env={"PATH": os.defpath}, cwd=tempfile.gettempdir(),
    )  # fmt: skip
    try:
        async with asyncio.timeout(_WITHIN_S):
            said, complaint = await child.communicate(msgspec.json.encode(order))
    except TimeoutError:
        raise Invalid("config.schema_too_slow", field="content") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode == 0:
        return msgspec.json.decode(said, type=Verdict)
    raise _failure(child.returncode, complaint)


def _failure(exit_code: int | None, complaint: bytes) -> Invalid | Unavailable:
    if exit_code in {-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGSEGV} or b"MemoryError" in complaint:
        return Invalid("config.schema_too_slow", field="content")
    words = complaint[-_MAX_COMPLAINT_BYTES:].decode(errors="replace")
    _log.warning("a schema was not checked", exit_code=exit_code, said=words)
    return Unavailable("config.schema_unchecked", reason="the process failed")
