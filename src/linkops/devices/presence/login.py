"""The unit of work that judges logins: one look-up, one rule per attempt, one update."""

import hmac
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import structlog

from linkops.clock import Clock
from linkops.db import Tx
from linkops.devices.certificates.logins.proofs import CertificateProofs, Judged, Proof, Unproven
from linkops.devices.certificates.reading import fingerprint_of
from linkops.devices.credentials import LoginMethod, verify
from linkops.devices.model import AuthType, DeviceKey, NodeType
from linkops.devices.presence import store
from linkops.devices.presence.model import Accepted, LoginAttempt, LoginResult, Refusal
from linkops.devices.presence.throttle import Throttle
from linkops.devices.registration import store as registration
from linkops.devices.registration.tokens import digest_of_token
from linkops.events.store import Event, record_events
from linkops.secretbox import SecretBox

_log = structlog.get_logger(__name__)

_NO_DIGEST = "0" * 64
TAKE_OVERS, TAKE_OVER_WINDOW_MS = 5, 5_000
"""Two devices with one identity would throw each other out as fast as they can connect; so often they may."""


class Case(NamedTuple):
    """An attempt, what its certificate is worth (None: it has none), and the device that it is about."""

    attempt: LoginAttempt
    worth: Judged | None
    key: DeviceKey

    @property
    def proof(self) -> Proof | None:
        """What the certificate proves, if it is that of this device."""
        return self.worth if isinstance(self.worth, Proof) and self.worth.key == self.key else None


class LoginUnit:
    """Judges a list of attempts; a device that comes twice is its last connection's."""

    def __init__(self, clock: Clock, box: SecretBox, certificates: CertificateProofs) -> None:
        self._clock = clock
        self._box = box
        self._certificates = certificates
        self._decoy = box.seal("0" * 32)
        self._tokens: Mapping[tuple[int, str], str] = {}
        self._take_overs: Throttle[int] = Throttle(TAKE_OVERS, TAKE_OVER_WINDOW_MS)

    def __call__(self, tx: Tx, attempts: list[LoginAttempt]) -> list[LoginResult]:
        """Return one result per attempt, in order; whoever is accepted is online after the commit."""
        now = self._clock.now()
        cases = self._cases(tx, attempts, now)
        found = store.candidates(tx, {case.key for case in cases})
        self._tokens = _tokens(tx, attempts, found)
        sessions = Sessions(now)
        results = [self._judge(case, found.get(case.key), sessions, now) for case in cases]
        accepted = [(c, r) for c, r in zip(cases, results, strict=True) if isinstance(r, Accepted)]
        if accepted:
            save_logins(tx, [(case.attempt, result) for case, result in accepted], sessions, now)
            used = {result.device_id: case.proof for case, result in accepted if case.proof is not None}
            self._certificates.record(tx, used, now)
        return results

    def _cases(self, tx: Tx, attempts: Collection[LoginAttempt], now: int) -> list[Case]:
        shown = {attempt.certificate for attempt in attempts if attempt.certificate is not None}
        worths = self._certificates.judge(tx, shown, now)
        cases = [_case(attempt, worths) for attempt in attempts]
        self._certificates.create_devices(tx, [case.proof for case in cases if case.proof is not None], now)
        return cases

    def _judge(self, case: Case, device: store.Candidate | None, sessions: "Sessions", now: int) -> LoginResult:
        refusal = self.refusal(case, device, now)
        if refusal is not None or device is None:
            return refusal or Refusal.WRONG_CREDENTIALS
        return self.accept(case, device, sessions, now)

    def refusal(self, case: Case, device: store.Candidate | None, now: int) -> Refusal | None:
        """Return why an attempt is refused, None if it is not; asking changes nothing."""
        if not self._proven(case, device) or device is None:
            return Refusal.WRONG_CREDENTIALS
        if not device.enabled:
            return Refusal.DISABLED
        if _takes_over(case.attempt, device) and self._take_overs.refuses(device.device_id, now):
            return Refusal.TAKEN_OVER_TOO_OFTEN
        return None

    def accept(self, case: Case, device: store.Candidate, sessions: "Sessions", now: int) -> Accepted:
        """Return the answer to an attempt that `refusal` has nothing against; `save_logins` makes it true."""
        if _takes_over(case.attempt, device):
            self._take_overs.count(device.device_id, now)
        resumed = sessions.open(case.attempt, device)
        return Accepted(
            device_id=device.device_id,
            product_id=device.product_id,
            key=case.key,
            node_type=NodeType(device.node_type),
            session_present=resumed is not None,
            subscriptions=resumed or {},
            custom_rrpc=case.attempt.login.custom_rrpc,
            renewed=device.online and device.connection_id == case.attempt.renews,
        )

    def _proven(self, case: Case, device: store.Candidate | None) -> bool:
        """Whether token, signature or certificate is right, whichever the device comes with and its product asks for.

        That there is no such device must not show, not even in the time it takes.
        """
        attempt, asked = case.attempt, None if device is None else device.auth_type
        if attempt.login.method is LoginMethod.TOKEN:
            return self._has_token(attempt, device) and asked == AuthType.SECRET
        usable = asked == AuthType.SECRET and attempt.login.method is LoginMethod.SECRET
        secret = self._box.open(device.secret_sealed if device is not None else self._decoy)
        signed = verify(attempt.login, secret if usable else None, attempt.password)
        proven = case.proof is not None if asked == AuthType.X509 else signed
        if not proven and attempt.certificate is not None:
            _tell_why_not(case, attempt.certificate)
        return proven

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


def save_logins(tx: Tx, accepted: Sequence[tuple[LoginAttempt, Accepted]], sessions: Sessions, now: int) -> None:
    """Put whoever was accepted online; a session that was only renewed is no news."""
    if not accepted:
        return
    store.mark_online(tx, {result.device_id: _row(attempt, result) for attempt, result in accepted}.values(), now)
    sessions.save(tx)
    _use_tokens(tx, accepted, now)
    record_events(tx, [_online(now, attempt, result) for attempt, result in accepted if not result.renewed])


def _takes_over(attempt: LoginAttempt, device: store.Candidate) -> bool:
    return device.online and device.connection_id != attempt.renews


def _case(attempt: LoginAttempt, worths: Mapping[bytes, Judged]) -> Case:
    worth = None if attempt.certificate is None else worths[attempt.certificate]
    if attempt.login.method is LoginMethod.CERTIFICATE and isinstance(worth, Proof):
        return Case(attempt, worth, worth.key)
    return Case(attempt, worth, attempt.login.key)


def _tell_why_not(case: Case, certificate: bytes) -> None:
    """Log what the device is not told; logins are throttled, and so is this."""
    why, device = "not for this device or product", case.key
    if isinstance(case.worth, Unproven):
        why, device = case.worth.fault.value, case.worth.key or case.key
    shown = fingerprint_of(certificate)
    _log.info("certificate refused", why=why, device=str(device), address=case.attempt.address, certificate=shown)


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
