"""Logins of sub-devices through their gateway's connection, slowed down where somebody guesses or storms."""

from collections.abc import Callable
from functools import partial

from linkops.alink.sub_sessions import SessionFault
from linkops.clock import Clock
from linkops.db import Database
from linkops.devices.model import DeviceKey
from linkops.devices.presence.login import LoginUnit
from linkops.devices.presence.model import SubLoginResult, SubLogins, SubRefused
from linkops.devices.presence.sub_login import SubLoginUnit
from linkops.devices.presence.throttle import Throttle
from linkops.settings import Settings

REQUESTS_PER_UNIT = 10
_SECOND_MS = 1_000


class SubSessions:
    """Logs sub-devices in; called from the hub's loop only."""

    def __init__(self, db: Database, clock: Clock, judge: LoginUnit, settings: Settings) -> None:
        self._clock = clock
        self._failures: Throttle[tuple[int, DeviceKey]] = Throttle(
            settings.login_failures, settings.login_failure_window_s * 1_000
        )
        self._pace: Throttle[int] = Throttle(settings.sub_logins_per_second, _SECOND_MS)
        self._logins = db.batcher(SubLoginUnit(clock, judge), max_items=REQUESTS_PER_UNIT)

    def put(self, request: SubLogins, done: Callable[[SubLoginResult | Exception], None]) -> None:
        """Judge a request; ``done`` hears the result after the commit.

        Raises:
            Unavailable: the database takes no more now.
        """
        self._pace.count(request.gateway_id, self._clock.now(), len(request.attempts))
        self._logins.put(request, partial(self._judged, request, done))

    def throttled(self, request: SubLogins) -> SubRefused | None:
        """Return why a request is not to be judged now; one that begins within the second's logins is taken whole."""
        now, gateway_id = self._clock.now(), request.gateway_id
        storms = self._pace.refuses(gateway_id, now)
        for attempt in request.attempts:
            if storms or self._failures.refuses((gateway_id, attempt.login.key), now):
                return SubRefused(SessionFault.TOO_OFTEN, attempt.login.key)
        return None

    def _judged(
        self,
        request: SubLogins,
        done: Callable[[SubLoginResult | Exception], None],
        result: SubLoginResult | Exception,
    ) -> None:
        gateway_id = request.gateway_id
        if isinstance(result, SubRefused):
            if result.fault is SessionFault.WRONG_SIGN:
                self._failures.count((gateway_id, result.key), self._clock.now())
        elif not isinstance(result, Exception):
            for attempt in request.attempts:
                self._failures.forget((gateway_id, attempt.login.key))
        done(result)
