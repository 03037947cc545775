"""Questions to devices that somebody waits for; used on the hub's loop only.

An answer is matched by the device that it came from and the name of the question: one that comes late, twice or from
another device finds nobody who waits, and is dropped.
"""

import asyncio
from collections import Counter
from collections.abc import Callable

from linkops.bus import Answered, Outcome, Question

MOST_OF_DEVICE = 8
MOST = 1_000
"""Of all devices together."""


class Questions:
    """What is asked now."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[int, str], asyncio.Future[bytes]] = {}
        self._of_device: Counter[int] = Counter()

    async def ask(self, question: Question, send: Callable[[], Outcome | None]) -> Answered:
        """Return the answer to a question, which ``send`` sends, or returns why it could not."""
        device_id = question.downlink.device_id
        if len(self._waiting) >= MOST or self._of_device[device_id] >= MOST_OF_DEVICE:
            return Answered(Outcome.TOO_MANY)
        key = device_id, question.name
        answer = self._waiting[key] = asyncio.get_running_loop().create_future()
        self._of_device[device_id] += 1
        try:
            not_sent = send()
            if not_sent is not None:
                return Answered(not_sent)
            async with asyncio.timeout(question.timeout_s):
                return Answered(Outcome.ANSWERED, await answer)
        except TimeoutError:
            return Answered(Outcome.TIMEOUT)
        finally:
            del self._waiting[key]
            self._of_device[device_id] -= 1
            if not self._of_device[device_id]:
                del self._of_device[device_id]

    def answered(self, device_id: int, name: str, payload: bytes) -> bool:
        """Hand an answer to who waits for it; False if nobody does."""
        answer = self._waiting.get((device_id, name))
        if answer is None or answer.done():
            return False
        answer.set_result(payload)
        return True
