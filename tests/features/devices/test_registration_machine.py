"""Registrations, logins and operators in any order, against a naive model of who gets in with what."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from linkops.alink.registration import RegistrationFault
from linkops.clock import FixedClock
from linkops.db import open_database
from linkops.devices.model import DeviceKey, NewDevice
from linkops.devices.presence.model import Accepted
from linkops.devices.registration.model import MAX_TOKENS, Registered, Way
from linkops.events.actor import SYSTEM
from tests.conftest import NOW
from tests.support.devices import DeviceServices
from tests.support.registration import attempt_by_token, registration

NAMES = st.sampled_from(["pump-1", "pump-2"])
A_WHILE_MS = 61_000
"""After this no throttle and no limit of take-overs counts."""


class Known:
    """What the model knows of a device: its secret, its tokens in the order in which they were given out."""

    def __init__(self, secret: str | None) -> None:
        self.secret = secret
        self.tokens: dict[Registered, bool] = {}  # and whether somebody has logged in with them
        self.active = self.free = False


class RegistrationMachine(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.clock = FixedClock(NOW)
        self.db = open_database(str(Path(self.folder.name) / "linkops.db"))
        self.services = DeviceServices(self.db, self.clock)
        self.product = self.run(self.services.product())
        self.secret = self.run(self.services.products.secret(SYSTEM, self.product.product_key))
        self.open = self.any_name = False
        self.known: dict[str, Known] = {}
        self.given: list[Registered] = []
        self.connections = iter(range(1, 10**6))

    def run(self, call: Any) -> Any:
        return self.runner.run(call)

    def key(self, name: str) -> DeviceKey:
        return DeviceKey(self.product.product_key, name)

    @rule(on=st.booleans(), any_name=st.booleans())
    def switch(self, on: bool, any_name: bool) -> None:  # noqa: FBT001 - drawn
        self.open, self.any_name = on, any_name
        rule = {"registration": on, "listed_only": not any_name}
        self.run(self.services.registrations.set_rule(SYSTEM, self.product.product_key, **rule))

    @rule(name=NAMES)
    def list_device(self, name: str) -> None:
        if name not in self.known:
            self.known[name] = Known(self.run(self.services.device(self.product, name)).secret)

    @rule(name=NAMES, way=st.sampled_from([Way.LISTED, Way.UNLISTED]), right=st.sampled_from([True, True, True, False]))
    def register(self, name: str, way: Way, right: bool) -> None:  # noqa: FBT001 - drawn
        self.clock.advance(A_WHILE_MS)
        wanted = registration(self.key(name), self.secret if right else "guess", way)
        outcome = self.run(self.services.registrations.register(wanted))
        assert isinstance(outcome, Registered) == (right and self.may_register(name, way)), outcome
        if isinstance(outcome, Registered):
            self.given.append(outcome)
            self.remember(self.known.setdefault(name, Known(None)), outcome)
        else:
            assert (outcome is RegistrationFault.WRONG_SIGNATURE) == (not right)

    def may_register(self, name: str, way: Way) -> bool:
        if not self.open or (way is Way.UNLISTED and not self.any_name):
            return False
        known = self.known.get(name)
        if known is None:
            return way is Way.UNLISTED
        used = sum(known.tokens.values())
        return not known.active or known.free or (way is Way.UNLISTED and 0 < used < MAX_TOKENS)

    def remember(self, known: Known, outcome: Registered) -> None:
        if known.free:
            known.secret, known.tokens = None, {}
        if not outcome.client_id:
            known.secret = outcome.secret
            return
        known.tokens[outcome] = False
        unused = [token for token, used in known.tokens.items() if not used]
        for token in unused[: max(0, len(known.tokens) - MAX_TOKENS)]:
            del known.tokens[token]

    @rule(which=st.integers(0, 10**6))
    def log_in(self, which: int) -> None:
        """Try something that was given out once, whether it is still worth anything or not."""
        if not self.given:
            return
        self.clock.advance(A_WHILE_MS)
        tried = self.given[which % len(self.given)]
        known = self.known[tried.key.device_name]
        if tried.client_id:
            attempt = attempt_by_token(tried, next(self.connections))
            right = tried in known.tokens
        else:
            attempt = self.services.attempt(NewDevice(tried.device_id, tried.key, tried.secret))
            right = known.secret == tried.secret
        assert isinstance(self.run(self.services.log_in(attempt)), Accepted) == right
        if right:
            known.active, known.free = True, False
            if tried.client_id:
                known.tokens[tried] = True

    @rule(name=NAMES)
    def let_register_again(self, name: str) -> None:
        known = self.known.get(name)
        if known is not None:
            self.clock.advance(A_WHILE_MS)
            changed = self.run(self.services.registrations.let_register_again(SYSTEM, [self.key(name)]))
            assert changed == known.active
            known.free = known.free or known.active

    @rule(name=NAMES)
    def reset_secret(self, name: str) -> None:
        if name in self.known:
            self.known[name].secret = self.run(self.services.devices.reset_secret(SYSTEM, self.key(name)))
            self.known[name].tokens = {}

    @invariant()
    def nothing_is_kept_that_lets_nobody_in(self) -> None:
        kept = self.run(self.db.read(lambda tx: tx.scalar("SELECT count(*) FROM device_token")))
        assert kept == sum(len(known.tokens) for known in self.known.values())

    def teardown(self) -> None:
        self.db.close()
        self.runner.close()
        self.folder.cleanup()


TestRegistration = RegistrationMachine.TestCase
TestRegistration.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
