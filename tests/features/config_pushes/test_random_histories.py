"""Pushes, devices, time, people and crashes at random, against a naive model of who was told what."""

import asyncio
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from linkops.clock import FixedClock
from linkops.db import open_database
from linkops.errors import Conflict
from linkops.events.actor import SYSTEM
from linkops.remote_config.pushes.model import FailureLimit, Push, PushStatus, ResultStatus, Stage
from linkops.remote_config.pushes.progress import MAX_ATTEMPTS, SLOT_MS
from linkops.remote_config.pushes.stages import devices_until_end_of
from linkops.settings import load_settings
from tests.support.config_fleet import ConfigFleet, counted_results, push_counters

DEVICES = 3
NOW = 1_800_000_000_000
LINK_MS = 1_800_000
devices = st.integers(0, DEVICES - 1)
STAGES = (Stage(25, 100), Stage(50))
SELDOM = st.sampled_from([1, 1, 1, 1, 0])
"""What would end every history soon happens only for 0."""


@dataclass
class Told:
    """What a device was told of a push, and what it did about that."""

    at: list[int] = field(default_factory=list)
    url: str = ""
    fetched: bool = False
    code: int | None = None

    def expected(self, now: int) -> set[str]:
        """Return what its result may be."""
        if self.code is not None:
            return {"ACKNOWLEDGED"} if self.code == 200 else {"FAILED refused"}
        if self.fetched:
            return {"DOWNLOADED"}
        if not self.at:
            return {"PENDING", "OFFLINE"}
        return {"SENT"} if now < self.at[-1] + LINK_MS else {"SENT", "FAILED not_fetched"}


@dataclass
class Expected:
    """A push as the model sees it."""

    push: Push
    staged: bool
    told: dict[int, Told]
    over: bool = False


class Histories(RuleBasedStateMachine):
    """Drives the real services; the loop runs only inside a rule."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FixedClock(NOW)
        self.db = open_database(str(Path(self.folder.name) / "linkops.db"))
        self.pushes: list[Expected] = []
        self.documents = 1

    def teardown(self) -> None:
        self.db.close()
        self.runner.close()
        self.folder.cleanup()

    @initialize()
    def begin(self) -> None:
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        limits = load_settings(config_push_interval_s=0, config_push_once=False)
        self.fleet = ConfigFleet(self.db, self.clock, Path(self.folder.name), limits)
        self.devices = await self.fleet.start(DEVICES)

    # --- what happens ---------------------------------------------------------------------------------------------

    @rule(number=devices)
    def come(self, number: int) -> None:
        """A device logs in, or once more: what it was sent may have been lost."""
        self.runner.run(self._come(number))
        self.clock.advance(1_500)
        self.tick()

    async def _come(self, number: int) -> None:
        device = self.devices[number]
        if device.id in self.fleet.hub.connected:
            await self.fleet.disconnect(device)
        await self.fleet.connect(device)

    @rule(numbers=st.lists(devices, min_size=2, max_size=4))
    def come_again(self, numbers: list[int]) -> None:
        for number in numbers:
            self.come(number)

    @rule(number=devices)
    def leave(self, number: int) -> None:
        if self.devices[number].id in self.fleet.hub.connected:
            self.runner.run(self.fleet.disconnect(self.devices[number]))

    @rule(staged=st.booleans(), stops=st.booleans(), chance=SELDOM)
    def push(self, staged: bool, stops: bool, chance: int) -> None:  # noqa: FBT001 - hypothesis passes it
        if chance and self.pushes and not self.pushes[-1].over:
            return
        limit = FailureLimit(50, 2) if stops else None
        begun = self.runner.run(self.fleet.push(stages=STAGES if staged else (), stop_at=limit))
        for other in self.pushes:
            other.over = True
        self.pushes.append(Expected(begun, staged, {device.id: Told() for device in self.devices}))
        self.tick()

    @rule(chance=SELDOM)
    def save(self, chance: int) -> None:
        if chance:
            return
        self.documents += 1
        self.runner.run(self.fleet.save(f'{{"a":{self.documents}}}'))
        for other in self.pushes:
            other.over = True

    @rule(by_ms=st.sampled_from([1_500, SLOT_MS // 2, SLOT_MS, LINK_MS]))
    def wait(self, by_ms: int) -> None:
        self.clock.advance(by_ms)
        self.tick()

    def tick(self) -> None:
        self.runner.run(self.fleet.tick())
        self._note()

    @rule()
    def crash(self) -> None:
        self.fleet.hub.lost = True
        with suppress(ConnectionError):
            self.runner.run(self.fleet.tick())
        self.fleet.restart()

    @precondition(lambda self: self.pushes)
    @rule(data=st.data(), number=devices, code=st.sampled_from([200, 200, 400]))
    def answer(self, data: st.DataObject, number: int, code: int) -> None:
        expected = data.draw(st.sampled_from(self.pushes))
        told = expected.told[self.devices[number].id]
        if told.at:
            changed = self.runner.run(self.fleet.answer(self.devices[number], expected.push, code))
            assert changed == (told.code is None)
            told.code = code if told.code is None else told.code

    @precondition(lambda self: self.pushes)
    @rule(data=st.data(), number=devices)
    def fetch(self, data: st.DataObject, number: int) -> None:
        told = data.draw(st.sampled_from(self.pushes)).told[self.devices[number].id]
        if told.at and self.clock.now() < told.at[-1] // 1_000 * 1_000 + LINK_MS:
            self.runner.run(self.fleet.fetch(told.url))
            # Whoever was sent the same content has it now, by whichever push.
            content = self._content_of(told)
            for expected in self.pushes:
                same = expected.told[self.devices[number].id]
                waits = same.at and self._content_of(same) == content
                if waits and (same is told or self._listens(expected, number)):
                    same.fetched = True

    def _listens(self, expected: Expected, number: int) -> bool:
        found = self.runner.run(self.fleet.result(self.devices[number], expected.push))
        return found.status in {ResultStatus.DOWNLOADED, ResultStatus.ACKNOWLEDGED}

    def _content_of(self, told: Told) -> bytes:
        return self.runner.run(self._body(told.url)) if told.url else b""

    async def _body(self, url: str) -> bytes:
        with suppress(Exception):
            file = await self.fleet.delivery.downloads.open_download(url.rsplit("/", 1)[1])
            return await file.read(0, file.size_bytes)
        return url.encode()

    @precondition(lambda self: self.pushes)
    @rule(chance=SELDOM)
    def cancel(self, chance: int) -> None:
        if chance:
            return
        newest = self.pushes[-1]
        with suppress(Conflict):
            self.runner.run(self.fleet.delivery.pushes.cancel(SYSTEM, newest.push.id))
        newest.over = True

    @precondition(lambda self: self.pushes)
    @rule(stage=st.integers(0, 2))
    def go_on(self, stage: int) -> None:
        newest = self.pushes[-1]
        before = self.runner.run(self.fleet.look(newest.push))
        try:
            after = self.runner.run(self.fleet.delivery.pushes.go_on(SYSTEM, newest.push.id, stage))
        except Conflict:
            assert before.status is not PushStatus.IN_PROGRESS or before.stage != stage or stage >= len(STAGES)
        else:
            assert (before.stage, after.stage) == (stage, stage + 1)

    # --- what must be so ------------------------------------------------------------------------------------------

    def _note(self) -> None:
        """Check everything that was published since the last time, and remember it."""
        published, self.fleet.hub.pushed = list(self.fleet.hub.pushed), []
        for downlink in published:
            message = msgspec.json.decode(downlink.payload)
            expected = next(each for each in self.pushes if str(each.push.id) == message["id"])
            told = expected.told[downlink.device_id]
            assert not expected.over, "nobody is told of a push that was stopped, replaced or is out of date"
            assert told.code is None, "nor who has answered"
            assert not told.fetched, "nor who has it"
            assert not told.at or self.clock.now() >= told.at[-1] + SLOT_MS, "nor twice in a minute"
            assert len(told.at) < MAX_ATTEMPTS, "nor for ever"
            told.at.append(self.clock.now())
            told.url = message["params"]["url"]
        for each in self.pushes:
            self._check_stage(each)

    def _check_stage(self, expected: Expected) -> None:
        found = self.runner.run(self.fleet.look(expected.push))
        reached = sum(bool(told.at) for told in expected.told.values())
        if expected.staged and found.stage is not None:
            assert reached <= devices_until_end_of(STAGES, found.stage, found.total)
        if found.status is PushStatus.CANCELED:
            expected.over = True

    @invariant()
    def counters_are_exact(self) -> None:
        for expected in self.pushes:
            counted = self.runner.run(self.db.read(counted_results, expected.push.id))
            assert counted == self.runner.run(self.db.read(push_counters, expected.push.id))

    @invariant()
    def results_say_what_happened(self) -> None:
        for expected in self.pushes[-2:]:
            for device in self.devices:
                self.runner.run(self._check(expected, device.id))

    async def _check(self, expected: Expected, device_id: int) -> None:
        told = expected.told[device_id]
        statuses = await self.db.read(_status_of, expected.push.id, device_id)
        if statuses is not None:
            assert statuses in told.expected(self.clock.now())


def _status_of(tx: object, push_id: int, device_id: int) -> str | None:
    row = tx.one(  # type: ignore[attr-defined]  # a transaction
        "SELECT status, failure_kind FROM config_result WHERE push_id = :push_id AND device_id = :device_id",
        push_id=push_id,
        device_id=device_id,
    )
    return None if row is None else f"{row[0]} {row[1]}".rstrip()


test_histories = pytest.mark.slow(Histories.TestCase)
test_histories.settings = settings(
    max_examples=12, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
