"""Issuing, using, revoking and waiting in any order, against a naive model: who gets in is who the model lets in."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from linkops.clock import FixedClock
from linkops.db import open_database
from linkops.devices.certificates.issuing.service import DAY_MS
from linkops.devices.certificates.model import CertificateState
from linkops.devices.model import AuthType, NewDevice
from linkops.devices.presence.model import Accepted
from linkops.events.actor import SYSTEM
from tests.conftest import NOW
from tests.support.certificates import attempt_with, der_of, with_authority
from tests.support.devices import DeviceServices

GRACE_MS = 30 * DAY_MS


@dataclass
class Model:
    """A certificate as anybody would note it down."""

    id: int
    der: bytes
    device: int
    not_after_at: int
    used: bool = False
    ends_at: int | None = None
    revoked: bool = False

    def opens(self, now: int) -> bool:
        ended = self.ends_at is not None and self.ends_at <= now
        return not (self.revoked or ended or self.not_after_at <= now)

    def end(self, at: int) -> None:
        if not self.revoked and (self.ends_at is None or self.ends_at > at):
            self.ends_at = at


class CertificateMachine(RuleBasedStateMachine):
    certificates = Bundle("certificates")

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.clock = FixedClock(NOW)
        self.db = open_database(str(Path(self.folder.name) / "linkops.db"))
        self.services = DeviceServices(self.db, self.clock)
        self.devices = self.run(self.two_devices())
        self.all: list[Model] = []

    async def two_devices(self) -> list[NewDevice]:
        await with_authority(self.services.x509, NOW)
        product = await self.services.products.create(SYSTEM, "Pumps", auth_type=AuthType.X509)
        return [await self.services.device(product) for _ in range(2)]

    def run(self, call: Any) -> Any:
        return self.runner.run(call)

    @rule(target=certificates, which=st.integers(0, 1), days=st.sampled_from([5, 20, 90]))
    def issue(self, which: int, days: int) -> Model:
        now = self.clock.now()
        issued = self.run(self.services.x509.issuing.issue(SYSTEM, self.devices[which].key, valid_days=days))
        for older in self.all:
            if older.device == which:
                older.end(now + GRACE_MS)
        made = Model(issued.id, der_of(issued), which, (now + days * DAY_MS) // 1_000 * 1_000)
        self.all.append(made)
        return made

    @rule(certificate=certificates)
    def use(self, certificate: Model) -> None:
        self.clock.advance(10_000)  # nobody is taken over too often
        now = self.clock.now()
        answer = self.run(self.services.log_in(attempt_with(certificate.der, address=f"10.0.0.{now // 10_000 % 250}")))
        assert isinstance(answer, Accepted) == certificate.opens(now)
        if isinstance(answer, Accepted):
            assert answer.key == self.devices[certificate.device].key
            if not certificate.used:
                for older in self.all[: self.all.index(certificate)]:
                    if older.device == certificate.device:
                        older.end(now)
            certificate.used = True

    @rule(certificate=certificates)
    def revoke(self, certificate: Model) -> None:
        changed = self.run(self.services.x509.certificates.revoke(SYSTEM, [certificate.id]))
        assert changed == (not certificate.revoked)
        certificate.revoked = True

    @rule(which=st.integers(0, 1))
    def revoke_device(self, which: int) -> None:
        now = self.clock.now()
        live = [each for each in self.all if each.device == which and not each.revoked and each.not_after_at > now]
        assert self.run(self.services.x509.certificates.revoke_device(SYSTEM, self.devices[which].key)) == len(live)
        for each in live:
            each.revoked = True

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.clock.advance(days * DAY_MS)
        self.run(self.services.x509.upkeep.cut_off_expired())
        self.run(self.services.x509.upkeep.announce_expiring())

    @invariant()
    def what_is_listed_as_valid_is_what_opens(self) -> None:
        page = self.run(self.services.x509.certificates.page(SYSTEM, state=CertificateState.VALID, limit=200))
        now = self.clock.now()
        assert {each.id for each in page.items} == {each.id for each in self.all if each.opens(now)}

    def teardown(self) -> None:
        self.db.close()
        self.runner.close()
        self.folder.cleanup()


TestCertificates = CertificateMachine.TestCase
TestCertificates.settings = settings(max_examples=8, stateful_step_count=16, deadline=None)
