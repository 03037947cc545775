"""The unit of work that judges logins of sub-devices: as a direct login, and besides whose sub-device it is."""

from collections.abc import Mapping, Sequence

from linkops.alink.sub_sessions import SessionFault
from linkops.clock import Clock
from linkops.db import Tx
from linkops.devices.model import DeviceKey
from linkops.devices.presence import store
from linkops.devices.presence.login import Case, LoginUnit, Sessions, save_logins
from linkops.devices.presence.model import (
    Accepted,
    LoginAttempt,
    Refusal,
    SubLoginResult,
    SubLogins,
    SubRefused,
)

_FAULTS = {
    Refusal.WRONG_CREDENTIALS: SessionFault.WRONG_SIGN,
    Refusal.DISABLED: SessionFault.DISABLED,
    Refusal.TAKEN_OVER_TOO_OFTEN: SessionFault.TOO_OFTEN,
}


class SubLoginUnit:
    """Judges a list of requests, each of them as a whole; a device that comes twice is its last gateway's."""

    def __init__(self, clock: Clock, judge: LoginUnit) -> None:
        self._clock = clock
        self._judge = judge

    def __call__(self, tx: Tx, requests: list[SubLogins]) -> list[SubLoginResult]:
        """Return one result per request, in order; whoever is accepted is online after the commit."""
        now = self._clock.now()
        found = store.candidates(tx, {attempt.login.key for request in requests for attempt in request.attempts})
        gateways = store.gateways(tx, [device.device_id for device in found.values()])
        sessions = Sessions(now)
        accepted: list[tuple[LoginAttempt, Accepted]] = []
        results: list[SubLoginResult] = []
        for request in requests:
            refused = self._refused(request, found, gateways, now)
            answers = [] if refused else self._accept(request.attempts, found, sessions, now)
            accepted += zip(request.attempts, answers, strict=False)
            results.append(refused or answers)
        save_logins(tx, accepted, sessions, now)
        return results

    def _refused(
        self,
        request: SubLogins,
        found: Mapping[DeviceKey, store.Candidate],
        gateways: Mapping[int, int],
        now: int,
    ) -> SubRefused | None:
        for attempt in request.attempts:
            device = found.get(attempt.login.key)
            if device is None:
                return SubRefused(SessionFault.UNKNOWN_DEVICE, attempt.login.key)
            if gateways.get(device.device_id) != request.gateway_id:
                return SubRefused(SessionFault.NOT_IN_TOPOLOGY, attempt.login.key)
            refusal = self._judge.refusal(_case(attempt), device, now)
            if refusal is not None:
                return SubRefused(_FAULTS[refusal], attempt.login.key)
        return None

    def _accept(
        self,
        attempts: Sequence[LoginAttempt],
        found: Mapping[DeviceKey, store.Candidate],
        sessions: Sessions,
        now: int,
    ) -> list[Accepted]:
        return [self._judge.accept(_case(attempt), found[attempt.login.key], sessions, now) for attempt in attempts]


def _case(attempt: LoginAttempt) -> Case:
    """Return an attempt as it is judged: a sub-device has no certificate to show over its gateway's connection."""
    return Case(attempt, None, attempt.login.key)
