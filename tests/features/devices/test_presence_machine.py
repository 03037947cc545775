"""Logins, goodbyes and restarts in any order, against a naive model: one owner per device, nothing else."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from linkops.clock import FixedClock
from linkops.db import open_database
from linkops.devices.model import NewDevice
from linkops.devices.presence.login import TAKE_OVER_WINDOW_MS
from linkops.devices.presence.model import Accepted, Subscriptions
from linkops.events.actor import SYSTEM
from tests.conftest import NOW
from tests.support.devices import DeviceServices, waited

WEEK_S = 7 * 86_400
Connection = tuple[NewDevice, Accepted, int, int]
"""Device, answer, connection id, session expiry."""


class PresenceMachine(RuleBasedStateMachine):
    connections = Bundle("connections")

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.clock = FixedClock(NOW)
        self.db = open_database(str(Path(self.folder.name) / "linkops.db"))
        self.services = DeviceServices(self.db, self.clock)
        self.devices = self.run(self.two_devices())
        self.owner: dict[int, int] = {}
        self.session: dict[int, tuple[dict[str, int], int | None]] = {}  # subscriptions, and when it ends

    async def two_devices(self) -> list[NewDevice]:
        product = await self.services.product()
        return [await self.services.device(product) for _ in range(2)]

    def run(self, call: Any) -> Any:
        return self.runner.run(call)

    @rule(target=connections, which=st.integers(0, 1), clean_start=st.booleans(), lasting=st.booleans())
    def log_in(self, which: int, clean_start: bool, lasting: bool) -> Connection:  # noqa: FBT001 - drawn
        self.clock.advance(TAKE_OVER_WINDOW_MS)
        device, expiry_s = self.devices[which], WEEK_S if lasting else 0
        attempt = self.services.attempt(device, clean_start=clean_start, session_expiry_s=expiry_s)
        answer = self.run(self.services.log_in(attempt))
        filters, ends_at = self.session.get(device.id, (None, None))
        if clean_start or (ends_at is not None and ends_at <= self.clock.now()):
            filters = None
        assert isinstance(answer, Accepted)
        assert (answer.session_present, answer.subscriptions) == (filters is not None, filters or {})
        self.session.pop(device.id, None)
        if filters is not None or lasting:
            self.session[device.id] = (filters or {}, None)
        self.owner[device.id] = attempt.connection_id
        return device, answer, attempt.connection_id, expiry_s

    @rule(connection=connections, topic=st.sampled_from(["/a", "/b"]))
    def subscribe(self, connection: Connection, topic: str) -> None:
        device, _, number, _ = connection
        self.run(waited(self.services.presence.subscribe, [Subscriptions(device.id, number, {topic: 1})]))
        if self.owner.get(device.id) == number and device.id in self.session:
            self.session[device.id] = ({topic: 1}, None)

    @rule(connection=consumes(connections))
    def log_out(self, connection: Connection) -> None:
        device, answer, number, expiry_s = connection
        ended = self.run(self.services.log_out(answer, number, expiry_s))
        assert ended == (self.owner.get(device.id) == number)
        if not ended:
            return
        del self.owner[device.id]
        filters, _ = self.session.pop(device.id, ({}, None))
        if expiry_s:
            self.session[device.id] = (filters, self.clock.now() + expiry_s * 1_000)

    @rule()
    def restart(self) -> None:
        assert self.run(self.services.presence.forget_connections()) == len(self.owner)
        for device_id in self.owner:
            if device_id in self.session:
                self.session[device_id] = (self.session[device_id][0], self.clock.now() + WEEK_S * 1_000)
        self.owner.clear()

    @rule(days=st.integers(1, 8))
    def wait(self, days: int) -> None:
        self.clock.advance(days * 86_400_000)
        self.run(self.services.presence.expire())

    @invariant()
    def online_is_who_has_an_owner(self) -> None:
        for device in self.devices:
            shown = self.run(self.services.devices.get(SYSTEM, device.key))
            assert shown.online == (device.id in self.owner)

    def teardown(self) -> None:
        self.db.close()
        self.runner.close()
        self.folder.cleanup()


TestPresence = PresenceMachine.TestCase
TestPresence.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
