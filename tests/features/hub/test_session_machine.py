"""Gateways and sub-devices come, go, move and are cut off in any order, against a naive model: one owner per device."""

import asyncio
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from linkops.bus import Downlink
from linkops.clock import FixedClock
from linkops.db import open_database
from linkops.devices.model import NewDevice, NodeType
from linkops.devices.presence.login import TAKE_OVER_WINDOW_MS
from linkops.devices.registration.service import Registrations
from linkops.devices.topics.permissions import Permissions
from linkops.devices.topology.changing import MOVED
from linkops.events.actor import SYSTEM
from linkops.hub.connection import Connection
from linkops.hub.context import Context
from linkops.hub.message_log import MessageLog
from linkops.hub.online import Online
from linkops.hub.questions import Questions
from linkops.hub.quota import Quota
from linkops.hub.reception import Reception
from linkops.hub.session_routes import refusing_session_routes, session_routes
from linkops.mqtt.decode import client_decoder
from linkops.mqtt.encode import encode
from linkops.mqtt.packets import Publish
from linkops.settings import load_settings
from tests.conftest import NOW
from tests.support.devices import DeviceServices
from tests.support.gateways import bind, login_of, names_of
from tests.support.mqtt import connect_of

GATEWAYS, SUBS = 2, 3
Owner = int | None
"""Number of a gateway; -1: a connection of its own; None: offline."""


class Wire(asyncio.Transport):
    """The socket of one connection, as far as a hub sees it; what was written is read by the test."""

    def __init__(self, connection: Connection) -> None:
        super().__init__({"peername": ("10.0.0.1", 1)})
        self.connection = connection
        self.closed = False
        self._decoder = client_decoder(4)
        self._heard: list[Any] = []
        connection.connection_made(self)

    def say(self, packet: Any) -> None:
        self.connection.data_received(encode(packet, 4))

    def heard(self) -> list[Any]:
        heard, self._heard = self._heard, []
        return heard

    def drop(self) -> None:
        if not self.closed:
            self.closed = True
            self.connection.connection_lost(None)

    def write(self, data: Any) -> None:
        self._heard += self._decoder.feed(bytes(data))

    def close(self) -> None:
        asyncio.get_running_loop().call_soon(self.drop)

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def is_closing(self) -> bool:
        return self.closed

    def is_reading(self) -> bool:
        return True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class SessionMachine(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.clock = FixedClock(NOW)
        self.db = open_database(str(Path(self.folder.name) / "linkops.db"))
        self.services = DeviceServices(self.db, self.clock)
        self.ids = count(1)
        self.wires: dict[int, Wire] = {}  # by number of the gateway
        self.direct: dict[int, Wire] = {}  # by number of the sub-device
        self.owner: list[Owner] = [None] * SUBS
        self.topology: list[int] = [0] * SUBS
        self.enabled = [True] * SUBS
        self.run(self.open())

    async def open(self) -> None:
        products = self.services.products
        gateways = await products.create(SYSTEM, "Gateways", node_type=NodeType.GATEWAY)
        meters = await products.create(SYSTEM, "Meters", node_type=NodeType.SUBDEVICE)
        self.gateways = [await self.services.device(gateways) for _ in range(GATEWAYS)]
        self.subs = [await self.services.device(meters) for _ in range(SUBS)]
        await bind(self.db, self.gateways[0], self.subs)
        loop, presence = asyncio.get_running_loop(), self.services.presence
        settings = load_settings()
        registrations = Registrations(self.db, self.clock, self.services.box, self.services.bus, settings)
        self.context = Context(
            loop=loop,
            clock=self.clock,
            settings=settings,
            presence=presence,
            greeters=(),
            reception=Reception(registrations, 1),
            routes=refusing_session_routes(),
            gateway_routes=session_routes(presence),
            quota=Quota(10**6, 10**9),
            message_log=MessageLog(self.clock, 10),
            permissions=Permissions(),
            questions=Questions(),
            addressed_routes={},
        )
        self.online = Online(self.context)
        self.services.bus.attach(self.online, loop)

    def run(self, call: Any) -> Any:
        return self.runner.run(call)

    async def settle(self) -> None:
        """Let everything be stored and heard that is under way."""
        for _ in range(4):
            await self.db.write(lambda _tx: None)
            await asyncio.sleep(0)

    async def connect(self, device: NewDevice) -> Wire:
        self.clock.advance(TAKE_OVER_WINDOW_MS)
        wire = Wire(Connection(self.context, self.online))
        wire.say(connect_of(device))
        await self.settle()
        (answer,) = wire.heard()
        assert answer.reason == 0
        return wire

    async def ask(self, gateway: int, name: str, params: Any) -> int:
        """Return the code of the answer to a gateway's request."""
        wire, message_id = self.wires[gateway], next(self.ids)
        product_key, device_name = self.gateways[gateway].key
        topic = f"/ext/session/{product_key}/{device_name}/combine/{name}"
        wire.heard()
        wire.say(Publish(topic, msgspec.json.encode({"id": message_id, "params": params})))
        await self.settle()
        answers = [each for each in wire.heard() if each.topic == f"{topic}_reply"]
        (answer,) = [msgspec.json.decode(each.payload) for each in answers]
        assert answer["id"] == message_id
        return int(answer["code"])

    def leave(self, gateway: int) -> None:
        self.wires.pop(gateway)
        self.owner = [None if owner == gateway else owner for owner in self.owner]

    # What happens

    @rule(gateway=st.integers(0, GATEWAYS - 1))
    def gateway_connects(self, gateway: int) -> None:
        if gateway in self.wires:
            self.leave(gateway)
        self.wires[gateway] = self.run(self.connect(self.gateways[gateway]))

    @rule(gateway=st.integers(0, GATEWAYS - 1))
    def gateway_drops(self, gateway: int) -> None:
        if gateway in self.wires:
            wire = self.wires[gateway]
            self.leave(gateway)

            async def drop() -> None:
                wire.drop()
                await self.settle()

            self.run(drop())

    @rule(gateway=st.integers(0, GATEWAYS - 1), subs=st.sets(st.integers(0, SUBS - 1), min_size=1))
    def sub_devices_log_in(self, gateway: int, subs: set[int]) -> None:
        if gateway not in self.wires:
            return
        self.clock.advance(TAKE_OVER_WINDOW_MS)
        listed = [login_of(self.subs[sub]) for sub in subs]
        code = self.run(self.ask(gateway, "batch_login", {"deviceList": listed}))
        if any(self.topology[sub] != gateway for sub in subs):
            assert code in ((6401, 522) if not all(self.enabled[sub] for sub in subs) else (6401,))
        elif not all(self.enabled[sub] for sub in subs):
            assert code == 522
        else:
            assert code == 200
            for sub in subs:
                self.owner[sub] = gateway

    @rule(gateway=st.integers(0, GATEWAYS - 1), subs=st.sets(st.integers(0, SUBS - 1), min_size=1))
    def sub_devices_log_out(self, gateway: int, subs: set[int]) -> None:
        if gateway not in self.wires:
            return
        code = self.run(self.ask(gateway, "batch_logout", [names_of(self.subs[sub]) for sub in subs]))
        all_here = all(self.owner[sub] == gateway for sub in subs)
        assert code == (200 if all_here else 520)
        if all_here:
            for sub in subs:
                self.owner[sub] = None

    @rule(sub=st.integers(0, SUBS - 1))
    def sub_device_dials_itself(self, sub: int) -> None:
        if self.enabled[sub]:
            self.direct[sub] = self.run(self.connect(self.subs[sub]))
            self.owner[sub] = -1

    @rule(sub=st.integers(0, SUBS - 1), gateway=st.integers(0, GATEWAYS - 1))
    def sub_device_moves(self, sub: int, gateway: int) -> None:
        async def move() -> None:
            await bind(self.db, self.gateways[gateway], [self.subs[sub]])
            await self.services.bus.kick([self.subs[sub].id], MOVED)
            await self.settle()

        if gateway != self.topology[sub]:
            self.run(move())
            self.topology[sub], self.owner[sub] = gateway, None

    @rule(sub=st.integers(0, SUBS - 1))
    def operator_switches(self, sub: int) -> None:
        async def switch() -> None:
            await self.services.devices.set_enabled(SYSTEM, [self.subs[sub].key], enabled=self.enabled[sub])
            await self.settle()

        self.enabled[sub] = not self.enabled[sub]
        self.run(switch())
        if not self.enabled[sub]:
            self.owner[sub] = None

    @rule(gateway=st.integers(0, GATEWAYS - 1))
    def operator_resets_a_gateway(self, gateway: int) -> None:
        async def kick() -> None:
            await self.services.bus.kick([self.gateways[gateway].id], "secret reset")
            await self.settle()

        self.run(kick())
        if gateway in self.wires:
            self.leave(gateway)

    # What is so

    @invariant()
    def the_database_knows_who_is_online(self) -> None:
        rows = self.run(self.db.read(lambda tx: tx.all("SELECT id FROM device WHERE online = 1")))
        expected = {self.subs[sub].id for sub, owner in enumerate(self.owner) if owner is not None}
        assert {row[0] for row in rows} == expected | {self.gateways[number].id for number in self.wires}

    @invariant()
    def a_message_comes_where_its_device_is(self) -> None:
        async def deliver(sub: int, topic: str) -> None:
            for wire in (*self.wires.values(), *self.direct.values()):
                wire.heard()
            sent = self.online.deliver([Downlink(self.subs[sub].id, topic, b"", 0)])
            assert sent == [self.owner[sub] is not None]

        for sub, owner in enumerate(self.owner):
            product_key, device_name = self.subs[sub].key
            topic = f"/sys/{product_key}/{device_name}/thing/service/property/set"
            self.run(deliver(sub, topic))
            wires = {**self.wires, -1: self.direct.get(sub)}
            heard = {at for at, wire in wires.items() if wire is not None and wire.heard()}
            assert heard == (set() if owner is None else {owner})

    @invariant()
    def events_come_in_pairs(self) -> None:
        """A device that was taken over is online twice without going; never is it offline without coming."""
        rows = self.run(self.db.read(lambda tx: tx.all("SELECT device_id, kind FROM event ORDER BY id")))
        last: dict[int, str] = {}
        for device_id, kind in rows:
            if kind in ("device.online", "device.offline"):
                assert (last.get(device_id, "device.offline"), kind) != ("device.offline", "device.offline")
                last[device_id] = kind

    def teardown(self) -> None:
        self.db.close()
        self.runner.close()
        self.folder.cleanup()


TestSessions = SessionMachine.TestCase
TestSessions.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
