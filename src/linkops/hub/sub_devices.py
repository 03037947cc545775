"""The sub-devices that are logged in over a gateway's connection (docs/gateways.md#sessions).

Each has a session of its own: its filters, its message log, and its place in `Online`. What is asked about a device
that has none is answered on the gateway's ``/ext/error``, with the reason where one was ended by us.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import structlog

from linkops.alink.sub_sessions import MOST_ITEMS, SessionFault, SubLogin, write_session_error
from linkops.alink.topics import Channel, topic_for
from linkops.bus import Downlink
from linkops.devices.credentials import parse_sub_login
from linkops.devices.model import DeviceKey
from linkops.devices.presence.model import Accepted, LoginAttempt, SubRefused
from linkops.devices.topology.changing import MOVED, UNBOUND
from linkops.errors import Unavailable
from linkops.hub.context import Context
from linkops.hub.logged_in import LoggedIn

_log = structlog.get_logger(__name__)

_FAULTS = {
    "deleted": SessionFault.DELETED,
    "disabled": SessionFault.DISABLED,
    MOVED: SessionFault.NOT_IN_TOPOLOGY,
    UNBOUND: SessionFault.NOT_IN_TOPOLOGY,
    "taken_over": SessionFault.ELSEWHERE,
}
"""By the reason for which a session was ended; any other means that there is none."""
LOGGED_OUT = "logged out by its gateway"
_GATEWAY_LEFT = "gateway offline"


class Carrier(Protocol):
    """The gateway's connection."""

    @property
    def address(self) -> str:
        """Where the connection comes from."""
        ...

    @property
    def own(self) -> LoggedIn:
        """The gateway itself."""
        ...

    @property
    def open(self) -> bool:
        """Whether it still carries anything."""
        ...

    def carries(self, arrived: LoggedIn) -> None:
        """Take note of a sub-device: what is meant for it comes here from now on."""
        ...

    def carries_no_more(self, left: Sequence[LoggedIn]) -> None:
        """Take note that sub-devices have left, and keep what they did not acknowledge."""
        ...

    def deliver(self, downlink: Downlink) -> bool:
        """Write a message."""
        ...

    def set_share(self, share: int) -> None:
        """Let the connection talk as much as so many devices."""
        ...


class SubDevices:
    """Who is logged in over one gateway's connection."""

    __slots__ = ("_by_id", "_by_key", "_carrier", "_context", "_expected", "_why_not")

    def __init__(self, context: Context, carrier: Carrier) -> None:
        self._context = context
        self._carrier = carrier
        self._by_key: dict[DeviceKey, LoggedIn] = {}
        self._by_id: dict[int, LoggedIn] = {}
        self._why_not: dict[DeviceKey, SessionFault] = {}
        self._expected = 0

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[LoggedIn]:
        return iter(self._by_id.values())

    @property
    def gateway(self) -> Accepted:
        """The gateway."""
        return self._carrier.own.device

    def find(self, product_key: str, device_name: str) -> LoggedIn | None:
        """Return a sub-device that is online over this connection."""
        return self._by_key.get(DeviceKey(product_key, device_name))

    def by_id(self, device_id: int) -> LoggedIn | None:
        """Return the same by its id."""
        return self._by_id.get(device_id)

    # Coming

    def attempts(self, logins: Iterable[SubLogin]) -> list[LoginAttempt]:
        """Return what is to be judged.

        Raises:
            BadCredentials: names that no device has, or an unknown method.
        """
        return [self._attempt(each) for each in logins]

    def _attempt(self, said: SubLogin) -> LoginAttempt:
        key = DeviceKey(*said.names)
        online = self._by_key.get(key)
        return LoginAttempt(
            login=parse_sub_login(key, said.client_id, said.sign_method, said.timestamp),
            password=said.sign.encode(),
            address=self._carrier.address,
            connection_id=next(self._context.numbers),
            clean_start=said.clean_session,
            session_expiry_s=0 if said.clean_session else self._context.settings.session_expiry_s,
            renews=0 if online is None else online.number,
        )

    def refusal(self, attempts: Sequence[LoginAttempt]) -> SubRefused | None:
        """Return why there is no room for so many, counting those that are about to be online; None if there is."""
        new = _new(attempts)
        full = new and len(self) + self._expected + new > self._context.settings.max_sub_devices
        return SubRefused(SessionFault.TOO_MANY, attempts[0].login.key) if full else None

    def expect(self, attempts: Sequence[LoginAttempt]) -> None:
        """Keep room until `judged`."""
        self._expected += _new(attempts)

    def judged(self, attempts: Sequence[LoginAttempt], accepted: Sequence[Accepted]) -> None:
        """Let those who were accepted be online, unless the gateway has gone meanwhile; none may have been."""
        self._expected -= _new(attempts)
        arrived = [self._logged_in(*each) for each in zip(attempts, accepted, strict=False)]
        if not self._carrier.open:
            self._log_out(arrived, _GATEWAY_LEFT)
            return
        for each in arrived:
            self._arrive(each)
        self._context.counts.accepted += len(arrived)
        self._share()

    def _logged_in(self, attempt: LoginAttempt, device: Accepted) -> LoggedIn:
        recorder = self._context.message_log.of(device.device_id)
        now_s = self._context.loop.time()
        return LoggedIn(device, attempt.connection_id, attempt.session_expiry_s, recorder, now_s)

    def _arrive(self, arrived: LoggedIn) -> None:
        device = arrived.device
        before = self._by_id.get(device.device_id)
        self._by_key[device.key] = self._by_id[device.device_id] = arrived
        self._why_not.pop(device.key, None)
        self._context.counts.sub_devices += before is None
        if before is not None:
            # Said once more, perhaps because the answer was late: what it subscribed to meanwhile stays.
            arrived.filters = before.filters
        if before is None or not device.renewed:
            self._carrier.carries(arrived)

    # Going

    def log_out(self, keys: Iterable[DeviceKey]) -> list[LoggedIn]:
        """Let sub-devices go that are online; their goodbyes are to be stored."""
        left = [self._by_key[key] for key in keys]
        self._leave(left)
        return left

    def end(self, device_id: int, reason: str) -> None:
        """End the session of a sub-device and tell the gateway why; the gateway stays."""
        ended = self._by_id.get(device_id)
        if ended is None:
            return
        self._leave([ended])
        if reason != "taken_over":
            self._log_out([ended], reason)
        fault = _FAULTS.get(reason, SessionFault.NO_SESSION)
        self._remember(ended.device.key, fault)
        self._tell(ended.device.key, fault)

    def close(self) -> None:
        """Let all of them go with the gateway's connection."""
        left = list(self._by_id.values())
        self._leave(left)
        self._log_out(left, _GATEWAY_LEFT)

    def _leave(self, left: Sequence[LoggedIn]) -> None:
        for each in left:
            del self._by_key[each.device.key], self._by_id[each.device.device_id]
        self._context.counts.sub_devices -= len(left)
        self._carrier.carries_no_more(left)
        self._share()

    def _log_out(self, left: Sequence[LoggedIn], why: str) -> None:
        for start in range(0, len(left), MOST_ITEMS):
            goodbyes = [each.logout(why) for each in left[start : start + MOST_ITEMS]]
            try:
                self._context.presence.sub_logouts.put(goodbyes, _ignore)
            except Unavailable:
                # Nothing is lost: what is still marked online is put offline at the next start.
                _log.warning("logouts not stored", gateway=str(self.gateway.key))
                return

    def _share(self) -> None:
        self._carrier.set_share(min(1 + len(self), self._context.settings.gateway_share))

    # Errors

    def refuse(self, product_key: str, device_name: str) -> None:
        """Say that a device, which the gateway publishes for, is not online over it."""
        key = DeviceKey(product_key, device_name)
        self._tell(key, self._why_not.get(key, SessionFault.NO_SESSION))

    def _remember(self, key: DeviceKey, fault: SessionFault) -> None:
        if fault is SessionFault.NO_SESSION:
            return
        if len(self._why_not) >= self._context.settings.max_sub_devices:
            del self._why_not[next(iter(self._why_not))]
        self._why_not[key] = fault

    def _tell(self, key: DeviceKey, fault: SessionFault) -> None:
        payload = write_session_error(next(self._context.numbers), fault, key)
        topic = topic_for(Channel.ERROR, *self.gateway.key)
        self._carrier.deliver(Downlink(self.gateway.device_id, topic, payload, qos=0))


def _new(attempts: Sequence[LoginAttempt]) -> int:
    return sum(not attempt.renews for attempt in attempts)


def _ignore(_result: object) -> None:
    """Nobody waits for the outcome."""
