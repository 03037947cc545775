"""Topologies changed in any order by gateways and operators, against a naive model: one gateway a sub-device.

The model also says who is told, and whose session ends; nobody else is.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from linkops.alink.topology import TopologyFault
from linkops.clock import FixedClock
from linkops.db import open_database
from linkops.devices.model import NewDevice
from linkops.devices.topology.judging import Refused
from linkops.events.actor import SYSTEM
from tests.conftest import NOW
from tests.support.devices import SUB_DEVICES_MOST, DeviceServices
from tests.support.topology import RecordingHub, Yard, addition, changed, told

SUBS = 7
numbers = st.lists(st.integers(0, SUBS - 1), min_size=1, max_size=4, unique=True)
gateways = st.integers(0, 1)


class TopologyMachine(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.clock = FixedClock(NOW)
        self.db = open_database(str(Path(self.folder.name) / "linkops.db"))
        self.services = DeviceServices(self.db, self.clock)
        self.hub = RecordingHub()
        self.yard = self.run(self.build())
        self.pair = [self.yard.east, self.yard.west]
        self.bound: dict[int, int] = {}  # number of a sub-device to number of its gateway
        self.disabled: set[int] = set()
        self.generation = 0

    async def build(self) -> Yard:
        yard = await Yard(self.services).build(SUBS)
        await yard.online(yard.east, yard.west)
        self.services.bus.attach(self.hub, asyncio.get_running_loop())
        self.hub.connected.update(device.id for device in (yard.east, yard.west))
        return yard

    def run(self, call: Any) -> Any:
        return self.runner.run(call)

    def subs(self, which: list[int]) -> list[NewDevice]:
        return [self.yard.subs[number] for number in which]

    def kicked(self, which: list[int], why: str) -> list[Any]:
        """Return what is done to end the sessions of those that have one."""
        ended = [sub.id for sub in self.subs(which) if sub.id in self.hub.connected]
        return [(sorted(ended), why)] if ended else []

    def changes(self, which: list[int], status: int) -> list[Any]:
        """Return what their gateways hear, who are told in the order of their ids."""
        heard = []
        for number, gateway in sorted(enumerate(self.pair), key=lambda pair: pair[1].id):
            own = sorted((sub for sub in which if self.bound.get(sub) == number), key=self.id_of)
            if own:
                heard.append(changed(gateway, status, *self.subs(own)))
        return heard

    def id_of(self, number: int) -> int:
        return int(self.yard.subs[number].id)

    def moved(self, which: list[int], gateway: int) -> list[int]:
        return [number for number in which if self.bound.get(number, gateway) != gateway]

    @rule(which=numbers, gateway=gateways, forged=st.sampled_from([None, None, None, 0, 1]))
    def add(self, which: list[int], gateway: int, forged: int | None) -> None:
        self.clock.advance(60_000)  # wrong signatures are forgotten
        entries = [addition(sub, secret="x" * 32 if at == forged else None) for at, sub in enumerate(self.subs(which))]
        expected = self.refusal(which, gateway, forged)
        moved = self.moved(which, gateway)
        done = self.changes(moved, 1) + self.kicked(moved, "moved to another gateway")
        assert self.run(self.yard.add(self.pair[gateway], *entries)) == expected
        if expected is None:
            self.bound.update(dict.fromkeys(which, gateway))
        assert self.hub.taken() == ([] if expected else done)

    def refusal(self, which: list[int], gateway: int, forged: int | None) -> Refused | None:
        for at, number in enumerate(which):
            if at == forged:
                return Refused(TopologyFault.WRONG_SIGNATURE, at)
            if number in self.disabled:
                return Refused(TopologyFault.DISABLED, at)
        return Refused(TopologyFault.TOO_MANY) if self.overfull(which, gateway) else None

    def overfull(self, which: list[int], gateway: int) -> bool:
        new = [number for number in which if self.bound.get(number) != gateway]
        return bool(new) and len(self.own(gateway)) + len(new) > SUB_DEVICES_MOST

    def own(self, gateway: int) -> set[int]:
        return {number for number, at in self.bound.items() if at == gateway}

    @rule(which=numbers, gateway=gateways)
    def remove(self, which: list[int], gateway: int) -> None:
        ended = self.kicked(which, "removed from its gateway")
        refused = self.run(self.yard.remove(self.pair[gateway], *self.subs(which)))
        foreign = [at for at, number in enumerate(which) if self.bound.get(number) != gateway]
        if foreign:
            assert refused == Refused(TopologyFault.NO_RELATION, foreign[0])
            assert self.hub.taken() == []
            return
        assert refused is None
        assert self.hub.taken() == ended
        for number in which:
            del self.bound[number]

    @rule(which=numbers, gateway=gateways)
    def operator_binds(self, which: list[int], gateway: int) -> None:
        if self.overfull(which, gateway):
            return
        new = [number for number in which if self.bound.get(number) != gateway]
        moved = self.moved(which, gateway)
        done = self.changes(moved, 1)
        ended = self.kicked(moved, "moved to another gateway")
        keys = [sub.key for sub in self.subs(which)]
        assert self.run(self.services.topology.bind(SYSTEM, self.pair[gateway].key, keys)) == len(new)
        self.bound.update(dict.fromkeys(which, gateway))
        assert self.hub.taken() == done + self.changes(new, 0) + ended

    @rule(which=numbers, gateway=gateways)
    def operator_unbinds(self, which: list[int], gateway: int) -> None:
        own = [number for number in which if self.bound.get(number) == gateway]
        ended = self.kicked(own, "removed from its gateway")
        keys = [sub.key for sub in self.subs(which)]
        assert self.run(self.services.topology.unbind(SYSTEM, self.pair[gateway].key, keys)) == len(own)
        assert self.hub.taken() == self.changes(own, 1) + ended
        for number in own:
            del self.bound[number]

    @rule(which=numbers)
    def log_in(self, which: list[int]) -> None:
        """Those that may be are logged in over their gateway."""
        able = [number for number in which if number in self.bound and number not in self.disabled]
        self.hub.connected.update(sub.id for sub in self.subs(able))

    @rule(which=numbers, enabled=st.booleans())
    def switch(self, which: list[int], enabled: bool) -> None:  # noqa: FBT001 - drawn
        new = [number for number in which if (number in self.disabled) == enabled]
        keys = [sub.key for sub in self.subs(which)]
        online = sorted((number for number in new if self.id_of(number) in self.hub.connected), key=self.by_gateway)
        assert self.run(self.services.devices.set_enabled(SYSTEM, keys, enabled=enabled)) == len(new)
        if enabled:
            self.disabled.difference_update(new)
            assert self.hub.taken() == self.changes(new, 2)
            return
        self.disabled.update(new)
        done = [told(sub, "disable") for sub in self.subs(online)] + self.changes(new, 8)
        ended = [(sorted(sub.id for sub in self.subs(online)), "disabled")] if online else []
        assert self.hub.taken() == done + ended

    def by_gateway(self, number: int) -> tuple[int, int]:
        return self.pair[self.bound[number]].id, self.id_of(number)

    @precondition(lambda self: self.generation < 5)
    @rule(number=st.integers(0, SUBS - 1))
    def delete_sub_device(self, number: int) -> None:
        """Another one of the same name takes its place: it hangs on nothing."""
        sub = self.yard.subs[number]
        was_online = sub.id in self.hub.connected
        self.run(self.services.devices.delete(SYSTEM, [sub.key]))
        done = [told(sub, "delete")] if was_online else []
        ended = [([sub.id], "deleted")] if was_online else []
        assert self.hub.taken() == done + self.changes([number], 1) + ended
        self.bound.pop(number, None)
        self.disabled.discard(number)
        self.generation += 1
        self.yard.subs[number] = self.run(self.services.device(self.yard.sub_product, sub.key.device_name))

    @precondition(lambda self: self.generation < 5)
    @rule(gateway=gateways)
    def delete_gateway(self, gateway: int) -> None:
        """Its sub-devices are nobody's; the hub ends their sessions with its connection."""
        old = self.pair[gateway]
        self.run(self.services.devices.delete(SYSTEM, [old.key]))
        assert self.hub.taken() == [([old.id], "deleted")]
        for number in self.own(gateway):
            self.hub.connected.discard(self.id_of(number))
            del self.bound[number]
        self.generation += 1
        new = self.run(self.services.device(self.yard.gateway_product, old.key.device_name))
        self.run(self.yard.online(new))
        self.hub.connected.add(new.id)
        self.pair[gateway] = new

    @invariant()
    def each_gateway_has_what_the_model_says(self) -> None:
        for number, gateway in enumerate(self.pair):
            keys = {sub.key for sub in self.subs(sorted(self.own(number)))}
            assert set(self.run(self.yard.topology(gateway))) == keys
            assert self.run(self.services.topology.place(SYSTEM, gateway.key)) == (None, len(keys))

    def teardown(self) -> None:
        self.db.close()
        self.runner.close()
        self.folder.cleanup()


TestTopology = TopologyMachine.TestCase
TestTopology.settings = settings(max_examples=10, stateful_step_count=20, deadline=None)
