"""The unit of work that judges logins: one look-up, one rule per attempt, one update."""

import hmac
from collections.abc import Mapping, Sequence

from linkops.clock import Clock
from linkops.db import Tx
from linkops.devices.credentials import LoginMethod, verify
from linkops.devices.model import AuthType, DeviceKey, NodeType
from linkops.devices.presence import store
from linkops.devices.presence.model import Accepted, LoginAttempt, LoginResult, Refusal
from linkops.devices.presence.throttle import Throttle
from linkops.devices.registration import store as registration
from linkops.devices.registration.tokens import digest_of_token
from linkops.events.store import Event, record_events
from linkops.secretbox import SecretBox

_NO_DIGEST = "0" * 64
TAKE_OVERS, TAKE_OVER_WINDOW_MS = 5, 5_000
"""Two devices with one identity would throw each other out as fast as they can connect; so often they may."""


class LoginUnit:
    """Judges a list of attempts; a device that comes twice is its last connection's."""

    def __init__(self, clock: Clock, box: SecretBox) -> None:
        self._clock = clock
        self._box = box
        self._decoy = box.seal("0" * 32)
        self._tokens: Mapping[tuple[int, str], str] = {}
        self._take_overs: Throttle[int] = Throttle(TAKE_OVERS, TAKE_OVER_WINDOW_MS)

    def __call__(self, tx: Tx, attempts: list[LoginAttempt]) -> list[LoginResult]:
        """Return one result per attempt, in order; whoever is accepted is online after the commit."""
        now = self._clock.now()
        found = store.candidates(tx, {attempt.login.key for attempt in attempts})
        self._tokens = _tokens(tx, attempts, found)
        sessions = Sessions(now)
        results = [self._judge(attempt, found.get(attempt.login.key), sessions, now) for attempt in attempts]
        accepted = [(a, r) for a, r in zip(attempts, results, strict=True) if isinstance(r, Accepted)]
        save_logins(tx, accepted, sessions, now)
        _use_tokens(tx, accepted, now)
        return results

    def _judge(
        self, attempt: LoginAttempt, device: store.Candidate | None, sessions: "Sessions", now: int
    ) -> LoginResult:
        refusal = self.refusal(attempt, device, now)
        if refusal is not None or device is None:
            return refusal or Refusal.WRONG_CREDENTIALS
        return self.accept(attempt, device, sessions, now)

    def refusal(self, attempt: LoginAttempt, device: store.Candidate | None, now: int) -> Refusal | None:
        """Return why an attempt is refused, None if it is not; asking changes nothing."""
        if not self._proven(attempt, device) or device is None:
            return Refusal.WRONG_CREDENTIALS
        if not device.enabled:
            return Refusal.DISABLED
        if _takes_over(attempt, device) and self._take_overs.refuses(device.device_id, now):
            return Refusal.TAKEN_OVER_TOO_OFTEN
        return None

    def accept(self, attempt: LoginAttempt, device: store.Candidate, sessions: "Sessions", now: int) -> Accepted:
        """Return the answer to an attempt that `refusal` has nothing against; `save_logins` makes it true."""
        if _takes_over(attempt, device):
            self._take_overs.count(device.device_id, now)
        resumed = sessions.open(attempt, device)
        return Accepted(
            device_id=device.device_id,
            product_id=device.product_id,
            key=attempt.login.key,
            node_type=NodeType(device.node_type),
            session_present=resumed is not None,
            subscriptions=resumed or {},
            custom_rrpc=attempt.login.custom_rrpc,
            renewed=device.online and device.connection_id == attempt.renews,
        )

    def _proven(self, attempt: LoginAttempt, device: store.Candidate | None) -> bool:
        """Whether the signature is right; that there is no such device must not show, not even in the time it takes."""
        if attempt.login.method is LoginMethod.TOKEN:
            return self._has_token(attempt, device)
        usable = device is not None and device.auth_type == AuthType.SECRET
        secret = self._box.open(device.secret_sealed if device is not None else self._decoy)
        return verify(attempt.login, secret if usable else None, attempt.password)

    def _has_token(self, attempt: LoginAttempt, device: store.Candidate | None) -> bool:
        digest = None if device is None else self._tokens.get((device.device_id, attempt.login.client_id))
        sent = digest_of_token(attempt.password)
        return hmac.compare_digest(sent, digest or _NO_DIGEST) and digest is not None


class Sessions:
    """What becomes of stored sessions when their devices log in, in the order of the logins."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._dropped: set[int] = set()
        self._kept: dict[int, str] = {}
        self._fresh: set[int] = set()

    def open(self, attempt: LoginAttempt, device: store.Candidate) -> dict[str, int] | None:
        """Return the subscriptions that the session goes on with; None if it begins anew (MQTT-3.1.2-4, -5, -6)."""
        stored = self._stored(device)
        resumed = None if attempt.clean_start or _is_anothers(attempt, device) else stored
        if resumed is None:
            if device.subscriptions is not None:
                self._dropped.add(device.device_id)
            self._fresh.add(device.device_id)
            self._kept.pop(device.device_id, None)
        if resumed is not None or attempt.session_expiry_s:
            self._kept[device.device_id] = attempt.login.client_id
        return resumed

    def _stored(self, device: store.Candidate) -> dict[str, int] | None:
        if device.device_id in self._fresh:
            return {} if device.device_id in self._kept else None
        over = device.session_expires_at is not None and device.session_expires_at <= self._now
        return None if over else device.subscriptions

    def save(self, tx: Tx) -> None:
        """Write it all down."""
        store.drop_sessions(tx, self._dropped)
        store.keep_sessions(tx, self._kept)


def _is_anothers(attempt: LoginAttempt, device: store.Candidate) -> bool:
    """Whether the stored session is that of another token: several devices may share a name, but no session."""
    return attempt.login.method is LoginMethod.TOKEN and device.session_client_id != attempt.login.client_id


def _tokens(
    tx: Tx, attempts: Sequence[LoginAttempt], found: Mapping[DeviceKey, store.Candidate]
) -> dict[tuple[int, str], str]:
    """Return the digests of the tokens that these attempts may be by."""
    named = [
        (found[each.login.key].device_id, each.login.client_id)
        for each in attempts
        if each.login.method is LoginMethod.TOKEN and each.login.key in found
    ]
    return registration.token_digests(tx, named) if named else {}


def _use_tokens(tx: Tx, accepted: Sequence[tuple[LoginAttempt, Accepted]], now: int) -> None:
    used = [(each.device_id, a.login.client_id) for a, each in accepted if a.login.method is LoginMethod.TOKEN]
    if used:
        registration.use_tokens(tx, used, now)


def save_logins(tx: Tx, accepted: Sequence[tuple[LoginAttempt, Accepted]], sessions: Sessions, now: int) -> None:
    """Put whoever was accepted online; a session that was only renewed is no news."""
    if accepted:
        store.mark_online(tx, {result.device_id: _row(attempt, result) for attempt, result in accepted}.values(), now)
        sessions.save(tx)
        record_events(tx, [_online(now, attempt, result) for attempt, result in accepted if not result.renewed])


def _takes_over(attempt: LoginAttempt, device: store.Candidate) -> bool:
    return device.online and device.connection_id != attempt.renews


def _row(attempt: LoginAttempt, device: Accepted) -> store.OnlineRow:
    login = attempt.login
    return store.OnlineRow(
        device.device_id, attempt.connection_id, attempt.address, login.sdk_language, login.sdk_version
    )


def _online(at: int, attempt: LoginAttempt, device: Accepted) -> Event:
    body = {
        "product_key": device.key.product_key,
        "device_name": device.key.device_name,
        "address": attempt.address,
        "sdk_version": attempt.login.sdk_version,
    }
    return Event(at, "device.online", device.product_id, device.device_id, body)
