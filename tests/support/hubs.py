"""A hub that does nothing: what stands in for one in a test overrides what the test is about."""

from collections.abc import Sequence

from linkops.bus import Answered, Broadcast, Downlink, MessageRecord, Question


class NoHub:
    """Nobody is connected (`linkops.bus.Port`)."""

    def deliver(self, downlinks: Sequence[Downlink]) -> list[bool]:
        return [False] * len(downlinks)

    def kick(self, device_ids: Sequence[int], reason: str) -> None:
        raise NotImplementedError

    def record_messages(self, device_id: int, *, on: bool) -> None:
        raise NotImplementedError

    def messages(self, device_id: int, after: int) -> list[MessageRecord] | None:
        raise NotImplementedError

    def change_topics(self, product_id: int, rules: Sequence[tuple[str, str]]) -> None:
        raise NotImplementedError

    async def broadcast(self, broadcast: Broadcast) -> int:
        raise NotImplementedError

    async def ask(self, question: Question) -> Answered:
        raise NotImplementedError
