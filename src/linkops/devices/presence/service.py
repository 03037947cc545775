"""Logins and goodbyes as units over a list, and what persistent sessions keep.

Everything here is called from the hub's loop; `Presence` is not safe for several loops at once.
"""

from collections.abc import Callable, Sequence
from functools import partial

from linkops.bus import Downlink
from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.certificates.logins.proofs import CertificateProofs
from linkops.devices.certificates.reading import fingerprint_of
from linkops.devices.credentials import LoginMethod
from linkops.devices.model import DeviceKey
from linkops.devices.presence import store
from linkops.devices.presence.login import LoginUnit
from linkops.devices.presence.model import (
    LoginAttempt,
    LoginResult,
    Logout,
    Refusal,
    Seen,
    StoredDownlink,
    Subscriptions,
)
from linkops.devices.presence.sub_sessions import SubSessions
from linkops.devices.presence.throttle import Throttle
from linkops.events.store import Event, record_events
from linkops.secretbox import SecretBox
from linkops.settings import Settings

LOGINS_PER_UNIT = 500
ROWS_PER_TICK = 1_000
GROUPS_PER_UNIT = 20
"""Of goodbyes that a gateway says for up to 50 sub-devices."""
_KNOWN = frozenset({LoginMethod.SECRET, LoginMethod.TOKEN, LoginMethod.CERTIFICATE})


class Presence:
    """Who is online.

    Attributes:
        sub_logins: takes `SubLogins`, and answers with a `SubLoginResult`.
        sub_logouts: takes up to 50 `Logout` at a time, and answers when all of them are stored.
    """

    def __init__(self, db: Database, clock: Clock, box: SecretBox, settings: Settings) -> None:
        self._db = db
        self._clock = clock
        self._session_expiry_ms = settings.session_expiry_s * 1_000
        self._stored_most = settings.stored_downlinks
        self._throttle: Throttle[tuple[str, DeviceKey]] = Throttle(
            settings.login_failures, settings.login_failure_window_s * 1_000
        )
        judge = LoginUnit(clock, box, CertificateProofs(box, settings.certificate_skew_s * 1_000))
        self._logins = db.batcher(judge, max_items=LOGINS_PER_UNIT)
        self.sub_logins = SubSessions(db, clock, judge, settings)
        self._logouts = db.batcher(self._log_out)
        self.sub_logouts = db.batcher(self._log_out_groups, max_items=GROUPS_PER_UNIT)
        self._subscriptions = db.batcher(self._save_subscriptions)
        self._acknowledgements = db.batcher(self._acknowledge)

    def login(self, attempt: LoginAttempt, done: Callable[[LoginResult | Exception], None]) -> None:
        """Judge a CONNECT; ``done`` hears the result after the commit, or at once when the database is not asked.

        An exception is `linkops.errors.Unavailable` and no fault of the device.

        Raises:
            Unavailable: the database takes no more now.
        """
        who = (attempt.address, _who(attempt))
        if attempt.login.method not in _KNOWN:
            done(Refusal.UNSUPPORTED)
        elif self._throttle.refuses(who, self._clock.now()):
            done(Refusal.THROTTLED)
        else:
            self._logins.put(attempt, partial(self._judged, who, done))

    def _judged(
        self,
        who: tuple[str, DeviceKey],
        done: Callable[[LoginResult | Exception], None],
        result: LoginResult | Exception,
    ) -> None:
        if result is Refusal.WRONG_CREDENTIALS:
            self._throttle.count(who, self._clock.now())
        elif not isinstance(result, Exception):
            self._throttle.forget(who)
        done(result)

    def logout(self, logout: Logout, done: Callable[[bool | Exception], None]) -> None:
        """Record the end of a connection; the result is False if a newer one had taken over, which stays."""
        self._logouts.put(logout, done)

    def _log_out(self, tx: Tx, logouts: list[Logout]) -> list[bool]:
        now = self._clock.now()
        connections = [(each.device.device_id, each.connection_id) for each in logouts]
        gone = store.mark_offline(tx, connections, now)
        ended = [connection in gone for connection in connections]
        over = [each for each, is_over in zip(logouts, ended, strict=True) if is_over]
        lasting = {each.device.device_id: each.session_expiry_s for each in over}
        store.expire_sessions(tx, {device: now + expiry_s * 1_000 for device, expiry_s in lasting.items() if expiry_s})
        store.drop_sessions(tx, [device for device, expiry_s in lasting.items() if not expiry_s])
        record_events(
            tx,
            [
                _offline(now, each.device.product_id, each.device.device_id, each.device.key, each.reason)
                for each in over
            ],
        )
        return ended

    def _log_out_groups(self, tx: Tx, groups: list[Sequence[Logout]]) -> list[None]:
        self._log_out(tx, [each for group in groups for each in group])
        return [None] * len(groups)

    async def forget_connections(self) -> int:
        """Put every device offline that a previous run left online, before the hub listens; return how many."""
        forgotten = 0
        while count := await self._db.write(self._forget_some):
            forgotten += count
        return forgotten

    def _forget_some(self, tx: Tx) -> int:
        now = self._clock.now()
        left = store.left_online(tx, ROWS_PER_TICK)
        store.forget(tx, [device_id for device_id, _, _ in left], now)
        store.expire_sessions(tx, {device_id: now + self._session_expiry_ms for device_id, _, _ in left})
        record_events(
            tx, [_offline(now, product_id, device_id, key, "server restart") for device_id, product_id, key in left]
        )
        return len(left)

    async def seen(self, devices: Sequence[Seen]) -> None:
        """Record signs of life, `ROWS_PER_TICK` at a time."""
        for start in range(0, len(devices), ROWS_PER_TICK):
            await self._db.write(store.record_seen, devices[start : start + ROWS_PER_TICK])

    # Persistent sessions

    def subscribe(self, subscriptions: Subscriptions, done: Callable[[Exception | None], None]) -> None:
        """Save all subscriptions of a persistent session; those of a connection that was taken over are ignored."""
        self._subscriptions.put(subscriptions, done)

    @staticmethod
    def _save_subscriptions(tx: Tx, changes: list[Subscriptions]) -> list[None]:
        store.save_subscriptions(tx, {change.device_id: change for change in changes}.values())
        return [None] * len(changes)

    async def keep(self, downlinks: Sequence[Downlink]) -> list[bool]:
        """Store QoS 1 messages for devices that are away; return which of them have a session that keeps them.

        Of more than ``stored_downlinks`` messages for a device the oldest go.
        """
        return await self._db.write(self._keep, downlinks)

    def _keep(self, tx: Tx, downlinks: Sequence[Downlink]) -> list[bool]:
        expires_at = self._clock.now() + self._session_expiry_ms
        kept = [store.store_downlink(tx, each.device_id, each.topic, each.payload, expires_at) for each in downlinks]
        store.trim_downlinks(tx, {each.device_id for each in downlinks}, self._stored_most)
        return kept

    async def stored_downlinks(self, device_id: int, *, after: int = 0, most: int = 100) -> list[StoredDownlink]:
        """Return the oldest messages kept for a device with an id above ``after``."""
        return await self._db.read(store.stored_downlinks, device_id, after, most, self._clock.now())

    def acknowledge(self, downlink_id: int, done: Callable[[Exception | None], None]) -> None:
        """Forget a stored message that its device has acknowledged."""
        self._acknowledgements.put(downlink_id, done)

    @staticmethod
    def _acknowledge(tx: Tx, ids: list[int]) -> list[None]:
        store.delete_downlinks(tx, ids)
        return [None] * len(ids)

    async def expire(self) -> bool:
        """Delete a bounded number of sessions and messages whose time is over; return whether more wait (a tick)."""
        return await self._db.write(self._expire)

    def _expire(self, tx: Tx) -> bool:
        now = self._clock.now()
        over = store.expired_sessions(tx, ROWS_PER_TICK, now)
        store.drop_sessions(tx, over)
        return max(len(over), store.delete_expired_downlinks(tx, ROWS_PER_TICK, now)) == ROWS_PER_TICK


def _who(attempt: LoginAttempt) -> DeviceKey:
    """Return whom a failed login counts against: one that names no device is known by its certificate."""
    if attempt.login.method is LoginMethod.CERTIFICATE and attempt.certificate is not None:
        return DeviceKey("", fingerprint_of(attempt.certificate))
    return attempt.login.key


def _offline(at: int, product_id: int, device_id: int, key: DeviceKey, reason: str) -> Event:
    body = {"product_key": key.product_key, "device_name": key.device_name, "reason": reason}
    return Event(at, "device.offline", product_id, device_id, body)
