"""Runs `linkops.ota.diffs.child` and listens to it."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import structlog

from linkops.ota.diffs.child import Line, NotMade, Order, Outcome, Step

_log = structlog.get_logger(__name__)
_MAX_COMPLAINT_BYTES = 4_096
_lines = msgspec.json.Decoder(Line)


async def run(order: Order, folder: Path, timeout_s: float, tell: Callable[[Step], Awaitable[None]]) -> None:
    """Let a process of its own make a patch, and return when it is made and proven; it never outlives this call.

    Raises:
        NotMade: it is not, for a reason that people are told.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-m", "linkops.ota.diffs.child",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        # Nothing of our environment, where secrets may stand; its temporary files go with the folder.
        env={"TMPDIR": str(folder), "PATH": os.defpath}, cwd=folder,
    )  # fmt: skip
    try:
        async with asyncio.timeout(timeout_s):
            await _talk(child, order, tell)
    except TimeoutError:
        raise NotMade("diff.took_too_long") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def _talk(child: asyncio.subprocess.Process, order: Order, tell: Callable[[Step], Awaitable[None]]) -> None:
    assert child.stdin is not None  # noqa: S101 - for the type checker: they are pipes
    assert child.stdout is not None  # noqa: S101
    assert child.stderr is not None  # noqa: S101
    complaint = asyncio.create_task(_last_words(child.stderr))
    child.stdin.write(msgspec.json.encode(order) + b"\n")
    child.stdin.close()
    outcome: Outcome | None = None
    while line := await child.stdout.readline():
        said = _lines.decode(line)
        if isinstance(said, Step):
            await tell(said)
        else:
            outcome = said
    _judge(await child.wait(), outcome, await complaint)


def _judge(exit_code: int, outcome: Outcome | None, complaint: bytes) -> None:
    if exit_code == 0 and outcome is not None:
        if outcome.code:
            raise NotMade(outcome.code)
        return
    if exit_code == -signal.SIGXCPU:
        raise NotMade("diff.took_too_long")
    _log.warning("a patch was not made", exit_code=exit_code, said=complaint.decode(errors="replace"))
    # Killed by the system, which is short of memory, or by an allocation that nobody checked.
    raise NotMade("diff.too_much_memory" if exit_code in {-signal.SIGKILL, -signal.SIGSEGV} else "diff.failed")


async def _last_words(stream: asyncio.StreamReader) -> bytes:
    """Read all, so that the process never waits, and return the end of it."""
    words = b""
    while piece := await stream.read(_MAX_COMPLAINT_BYTES):
        words = (words + piece)[-_MAX_COMPLAINT_BYTES:]
    return words
