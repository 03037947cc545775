"""The unit of work that hands out secrets: one look-up, one rule per device, guarded writes over the list."""

from collections.abc import Mapping, Sequence

from linkops.alink.registration import RegistrationFault
from linkops.clock import Clock
from linkops.db import Tx
from linkops.devices import generate
from linkops.devices import store as devices
from linkops.devices.model import DeviceKey
from linkops.devices.registration import store
from linkops.devices.registration.judging import fault_of
from linkops.devices.registration.limits import Limits
from linkops.devices.registration.model import Candidate, Outcome, Registered, Registration, Way
from linkops.devices.registration.tokens import digest_of_token
from linkops.events.store import Event, record_events
from linkops.secretbox import SecretBox

Found = Mapping[DeviceKey, Candidate]


class RegistrationUnit:
    """Judges a list of registrations; of several of one device the last secret counts."""

    def __init__(self, clock: Clock, box: SecretBox, limits: Limits) -> None:
        self._clock = clock
        self._box = box
        self._limits = limits

    def __call__(self, tx: Tx, wanted: Sequence[Registration], *, together: bool = False) -> list[Outcome]:
        """Return one outcome each, in order; ``together``: either all of them register or none does."""
        now = self._clock.now()
        admitted = [self._limits.admit(each, now) for each in wanted]
        found = store.candidates(tx, {each.key for each in wanted})
        faults = [
            self._fault(each, found.get(each.key)) if may else RegistrationFault.TOO_OFTEN
            for each, may in zip(wanted, admitted, strict=True)
        ]
        if together:
            faults = [next((fault for fault in faults if fault is not None), None)] * len(faults)
        free = [each for each, fault in zip(wanted, faults, strict=True) if fault is None]
        granted = iter(self._grant(tx, free, found, now) if free else ())
        outcomes = [next(granted) if fault is None else fault for fault in faults]
        for each, outcome, may in zip(wanted, outcomes, admitted, strict=True):
            if may:
                self._limits.record(each, outcome, now)
        return outcomes

    def _fault(self, wanted: Registration, found: Candidate | None) -> RegistrationFault | None:
        secret = "" if found is None or wanted.proof is None else self._box.open(found.product_secret_sealed)
        return fault_of(wanted, found, secret)

    def _grant(self, tx: Tx, free: Sequence[Registration], found: Found, now: int) -> list[Outcome]:
        ids = self._ids(tx, free, found, now)
        new = [_registered(each, ids[each.key], found[each.key]) for each in free]
        done = self._save(tx, new, now)
        outcomes: list[Outcome] = [each if each in done else RegistrationFault.ACTIVE for each in new]
        record_events(
            tx,
            [
                _event(now, wanted, found[wanted.key].product_id, outcome)
                for wanted, outcome in zip(free, outcomes, strict=True)
                if isinstance(outcome, Registered)
            ],
        )
        return outcomes

    def _ids(self, tx: Tx, free: Sequence[Registration], found: Found, now: int) -> dict[DeviceKey, int]:
        """Return the ids of the devices; those that nobody listed are created."""
        unlisted: dict[int, set[DeviceKey]] = {}
        for each in free:
            if found[each.key].device_id is None:
                unlisted.setdefault(found[each.key].product_id, set()).add(each.key)
        for product_id, keys in unlisted.items():
            sealed = [devices.DeviceToAdd(key.device_name, "", self._sealed_secret()) for key in sorted(keys)]
            devices.add(tx, product_id, sealed, now)
        made = devices.find(tx, set().union(*unlisted.values())) if unlisted else []
        known = {each.key: found[each.key].device_id for each in free}
        return {key: device_id for key, device_id in known.items() if device_id is not None} | {
            ref.key: ref.id for ref in made
        }

    def _save(self, tx: Tx, new: Sequence[Registered], now: int) -> set[Registered]:
        """Store what devices log in with from now on, and return what is stored: a login may have come before."""
        sealed = {each.device_id: self._box.seal(each.secret) for each in new if not each.client_id}
        # Whoever starts over is the only one who gets in: what was there before a token is worth nothing any more.
        sealed |= {each.device_id: self._sealed_secret() for each in new if each.client_id and each.starts_over}
        renewed = store.set_secrets(tx, sealed, now) if sealed else set()
        store.drop_tokens(tx, [each.device_id for each in new if each.starts_over and each.device_id in renewed])
        tokens = [each for each in new if each.client_id and (each.device_id in renewed or not each.starts_over)]
        added = store.add_tokens(tx, [_token(each) for each in tokens], now) if tokens else set()
        return {each for each in new if (each.client_id in added if each.client_id else each.device_id in renewed)}

    def _sealed_secret(self) -> str:
        return self._box.seal(generate.device_secret())


def _registered(wanted: Registration, device_id: int, found: Candidate) -> Registered:
    client_id = generate.client_id() if wanted.way is Way.UNLISTED else ""
    return Registered(device_id, wanted.key, generate.device_secret(), client_id, found.starts_over)


def _token(each: Registered) -> store.NewToken:
    return store.NewToken(each.device_id, each.client_id, digest_of_token(each.secret.encode()))


def _event(now: int, wanted: Registration, product_id: int, registered: Registered) -> Event:
    body = {**wanted.key._asdict(), "way": wanted.way.value, "address": wanted.address}
    return Event(now, "device.registered", product_id, registered.device_id, body)
