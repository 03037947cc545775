"""Connections over which devices register: they fetch a secret or a token, and are no sessions of a device.

docs/protocol/device-protocol.md#registration-over-mqtt
"""

import asyncio
from collections.abc import Callable

import structlog

from linkops.alink.registration import MAX_RANDOM_CHARS, RegistrationFault, write_secret, write_token
from linkops.alink.topics import Channel, topic_for
from linkops.devices.credentials import Login, LoginMethod
from linkops.devices.presence.model import LoginAttempt
from linkops.devices.registration.judging import signed_text
from linkops.devices.registration.model import Outcome, Proof, Registered, Registration, Way
from linkops.devices.registration.service import Registrations
from linkops.errors import Unavailable
from linkops.hub.calls import Answer
from linkops.hub.login import NotAdmitted
from linkops.mqtt.reasons import Reason

_log = structlog.get_logger(__name__)

_WAYS = {LoginMethod.REGISTRATION: Way.LISTED, LoginMethod.REGISTRATION_WITHOUT_LIST: Way.UNLISTED}
_BUSY = {
    RegistrationFault.TOO_OFTEN: Reason.CONNECTION_RATE_EXCEEDED,
    RegistrationFault.FAILED: Reason.SERVER_UNAVAILABLE,
}

Done = Callable[[Answer | NotAdmitted], None]


class Guest:
    """One such connection; it holds a place until it leaves.

    Attributes:
        served: whether it got what it came for.
    """

    __slots__ = ("_reception", "served")

    def __init__(self, reception: "Reception") -> None:
        self._reception = reception
        self.served = False

    def leave(self) -> None:
        """Give the place to others."""
        self._reception.guests.discard(self)


class Reception:
    """Where devices register; only on the hub's loop.

    Attributes:
        guests: who is here.
    """

    def __init__(self, registrations: Registrations, most: int) -> None:
        self._registrations = registrations
        self._most = most
        self._tasks: set[asyncio.Task[None]] = set()
        self.guests: set[Guest] = set()

    def receive(self, attempt: LoginAttempt, done: Done) -> Guest:
        """Let a device register; ``done`` hears later what to tell it. The guest leaves when its connection ends.

        Raises:
            NotAdmitted: there are too many, or the device did not say what it signed.
        """
        if len(self.guests) >= self._most:
            raise NotAdmitted(Reason.SERVER_BUSY, "too_many_registering")
        guest, wanted = Guest(self), registration_of(attempt)
        self.guests.add(guest)
        task = asyncio.get_running_loop().create_task(self._register(guest, wanted, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return guest

    async def finish(self) -> None:
        """Wait for what is being stored."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _register(self, guest: Guest, wanted: Registration, done: Done) -> None:
        try:
            outcome: Outcome = await self._registrations.register(wanted)
        except Unavailable:
            outcome = RegistrationFault.FAILED
        except Exception:  # noqa: BLE001 - the device hears that it failed, the log why
            _log.exception("registration failed", device=str(wanted.key))
            outcome = RegistrationFault.FAILED
        guest.served = isinstance(outcome, Registered)
        done(_told(outcome))


def registration_of(attempt: LoginAttempt) -> Registration:
    """Return what a CONNECT asks for.

    Raises:
        NotAdmitted: it has no ``random``, or too long a one.
    """
    login = attempt.login
    if not login.random or len(login.random) > MAX_RANDOM_CHARS:
        raise NotAdmitted(Reason.CLIENT_ID_NOT_VALID, "malformed_registration")
    proof = Proof(_signed(login, login.random), login.digest, attempt.password)
    return Registration(login.key, _WAYS[login.method], attempt.address, proof)


def _signed(login: Login, random: str) -> str:
    product_key, device_name = login.key
    return signed_text({"deviceName": device_name, "productKey": product_key, "random": random})


def _told(outcome: Outcome) -> Answer | NotAdmitted:
    """Return what the device is told: of its own faults no more than that it does not get in."""
    if isinstance(outcome, RegistrationFault):
        return NotAdmitted(_BUSY.get(outcome, Reason.BAD_USER_OR_PASSWORD), f"registration_{outcome.name.lower()}")
    if outcome.client_id:
        payload = write_token(outcome.client_id, *outcome.key, outcome.secret)
        return Answer(topic_for(Channel.REGISTERED_WITHOUT_LIST), payload)
    return Answer(topic_for(Channel.REGISTERED), write_secret(*outcome.key, outcome.secret))
