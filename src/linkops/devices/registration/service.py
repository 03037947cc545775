"""Use cases about registering: the rule of a product, devices that register, and those that may once more."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import structlog

from linkops.alink.registration import RegistrationFault
from linkops.bus import LocalBus
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_devices, require_product
from linkops.devices.model import AuthType, DeviceKey, Product
from linkops.devices.registration import store
from linkops.devices.registration.limits import Limits
from linkops.devices.registration.model import Outcome, Registered, Registration
from linkops.devices.registration.unit import RegistrationUnit
from linkops.errors import Conflict
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.secretbox import SecretBox
from linkops.settings import Settings

_log = structlog.get_logger(__name__)

REGISTRATIONS_PER_UNIT = 50
"""Reports of other devices wait for a unit: this many take some 5 ms."""
MESSAGES_PER_UNIT = 20


class SubRegistrations(NamedTuple):
    """Sub-devices that a gateway wants to register; ``together``: all of them, or none."""

    wanted: Sequence[Registration]
    together: bool


class Registrations:
    """Who may register, and registering; `register` may be called on any loop, `put` is what the hub's routes use."""

    def __init__(self, db: Database, clock: Clock, box: SecretBox, bus: LocalBus, settings: Settings) -> None:
        self._db = db
        self._clock = clock
        self._bus = bus
        limits = Limits(
            settings.login_failures,
            settings.login_failure_window_s,
            settings.registrations_per_address,
            settings.registrations_per_product,
        )
        self._unit = RegistrationUnit(clock, box, limits)
        self._registrations = db.batcher(self._unit, max_items=REGISTRATIONS_PER_UNIT)
        self._messages = db.batcher(self._register_subs, max_items=MESSAGES_PER_UNIT)
        self._tasks: set[asyncio.Task[None]] = set()

    async def set_rule(self, actor: Actor, product_key: str, *, registration: bool, listed_only: bool) -> Product:
        """Say whether devices of a product may register, and whether only those that somebody created beforehand.

        Raises:
            Forbidden: it takes an operator of the product.
            Conflict: its devices prove who they are by certificates.
        """

        def write(tx: Tx) -> Product:
            product = require_product(tx, actor, Role.OPERATOR, product_key)
            if registration and product.auth_type is not AuthType.SECRET:
                raise Conflict("registration.certificates", product_key=product_key)
            now = self._clock.now()
            store.set_rule(tx, product.id, registration=registration, listed_only=listed_only, now=now)
            rule = {"registration": registration, "listed_only": listed_only}
            target = f"product:{product_key}"
            record_audit(tx, actor, now, "product.set_registration", target, product_id=product.id, **rule)
            return require_product(tx, actor, Role.OPERATOR, product_key)

        return await self._db.write(write)

    async def let_register_again(self, actor: Actor, keys: Sequence[DeviceKey]) -> int:
        """Let devices that have logged in already register once more, and return how many these are.

        Until then they log in as before. The permission is over once the device logs in.

        Raises:
            NotFound, Forbidden, Invalid: as for `require_devices`, with the role of an operator.
        """

        def write(tx: Tx) -> int:
            now = self._clock.now()
            devices = {device.id: device for device in require_devices(tx, actor, Role.OPERATOR, keys)}
            changed = store.let_register_again(tx, devices, now)
            for device in (devices[device_id] for device_id in changed):
                target = f"device:{device.key}"
                record_audit(tx, actor, now, "device.let_register", target, product_id=device.product_id)
            return len(changed)

        return await self._db.write(write)

    async def register(self, wanted: Registration) -> Outcome:
        """Return what a device logs in with from now on, or why it gets nothing; it is stored then.

        Whoever was connected with what this replaces is cut off before.

        Raises:
            Unavailable: the database cannot store now.
        """
        outcome = await self._registrations(wanted)
        await self._cut_off([outcome])
        return outcome

    def put(self, item: SubRegistrations, done: Callable[[list[Outcome] | Exception], None]) -> None:
        """Register sub-devices for ``done``, which hears one outcome each.

        Raises:
            Unavailable: the database takes no more now.
        """
        self._messages.put(item, partial(self._committed, done))

    def _register_subs(self, tx: Tx, messages: Sequence[SubRegistrations]) -> list[list[Outcome]]:
        return [self._unit(tx, each.wanted, together=each.together) for each in messages]

    def _committed(
        self, done: Callable[[list[Outcome] | Exception], None], outcomes: list[Outcome] | Exception
    ) -> None:
        if isinstance(outcomes, Exception):
            done(outcomes)
            return
        task = asyncio.get_running_loop().create_task(self._follow(done, outcomes))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self, done: Callable[[list[Outcome] | Exception], None], outcomes: list[Outcome]) -> None:
        try:
            await self._cut_off(outcomes)
        except Exception:  # noqa: BLE001 - it is stored: the gateway is answered whatever becomes of the older connections
            _log.exception("older connections not ended")
        done(outcomes)

    async def _cut_off(self, outcomes: Sequence[Outcome]) -> None:
        ended = [each.device_id for each in outcomes if isinstance(each, Registered) and each.starts_over]
        if ended:
            await self._bus.kick(ended, "registered again")


def fault_in(outcomes: Sequence[Outcome]) -> RegistrationFault | None:
    """Return the first fault among outcomes, None if everybody registered."""
    return next((each for each in outcomes if isinstance(each, RegistrationFault)), None)
