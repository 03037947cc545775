"""What the certificates of a list of logins prove, and what their use leaves behind.

The TLS door has seen the private key at work; which device the certificate is worth is read from the database anew at
every login (docs/adr/0035-certificates-are-judged-at-login.md). Whatever is not certain proves nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from cryptography import x509

from linkops.db import Tx
from linkops.devices import generate
from linkops.devices import store as devices
from linkops.devices.certificates import store as certificates
from linkops.devices.certificates.judging import (
    CertificateFault,
    Validity,
    device_named,
    fault_in_content,
    fault_in_time,
)
from linkops.devices.certificates.logins import store
from linkops.devices.certificates.reading import (
    Presented,
    Unreadable,
    fingerprint_of,
    is_signed_by,
    load_der,
    load_stored,
    read,
)
from linkops.devices.model import DeviceKey
from linkops.events.actor import SYSTEM
from linkops.events.store import record_audit
from linkops.secretbox import SecretBox


class Proof(NamedTuple):
    """A certificate opens this device.

    Attributes:
        known: its row; None: it comes from an uploaded authority and logs in for the first time.
        presented: what it says, where it is not known.
        issuer: who signed it, where it is not known.
    """

    key: DeviceKey
    known: store.Known | None
    presented: Presented | None = None
    issuer: store.Issuer | None = None


class Unproven(NamedTuple):
    """A certificate opens nothing.

    Attributes:
        key: the device that it was issued for, where that is known.
    """

    fault: CertificateFault
    key: DeviceKey | None = None


Judged = Proof | Unproven
"""What a certificate is worth."""


class CertificateProofs:
    """Judges certificates inside a unit of work."""

    def __init__(self, box: SecretBox, skew_ms: int) -> None:
        self._box = box
        self._skew_ms = skew_ms

    def judge(self, tx: Tx, ders: Collection[bytes], now: int) -> dict[bytes, Judged]:
        """Return what each certificate (DER) is worth at ``now``."""
        if not ders:
            return {}
        known = store.known(tx, [fingerprint_of(der) for der in ders])
        judged: dict[bytes, Judged] = {}
        strangers: dict[bytes, tuple[x509.Certificate, Presented]] = {}
        for der in ders:
            row = known.get(fingerprint_of(der))
            if row is not None and (row.own or row.key is not None or row.validity.revoked_at is not None):
                judged[der] = self._judge_known(row, now)
            else:
                _read_into(judged, strangers, der)
        return judged | self._judge_strangers(tx, strangers, now)

    def _judge_known(self, row: store.Known, now: int) -> Judged:
        fault = fault_in_time(row.validity, now, self._skew_ms)
        if fault is not None:
            return Unproven(fault, row.key)
        return Unproven(CertificateFault.NOT_ISSUED) if row.key is None else Proof(row.key, row)

    def _judge_strangers(
        self, tx: Tx, strangers: Mapping[bytes, tuple[x509.Certificate, Presented]], now: int
    ) -> dict[bytes, Judged]:
        if not strangers:
            return {}
        issuers = store.issuers(tx, {presented.issuer_sha256 for _, presented in strangers.values()})
        return {
            der: self._judge_stranger(certificate, presented, issuers.get(presented.issuer_sha256, []), now)
            for der, (certificate, presented) in strangers.items()
        }

    def _judge_stranger(
        self, certificate: x509.Certificate, presented: Presented, issuers: Iterable[store.Issuer], now: int
    ) -> Judged:
        signed = (each for each in issuers if is_signed_by(certificate, load_stored(each.certificate)))
        issuer = next(signed, None)
        if issuer is None:
            return Unproven(CertificateFault.UNKNOWN_AUTHORITY)
        if issuer.own:  # ours are all known: one that is not was never handed out
            return Unproven(CertificateFault.NOT_ISSUED)
        validity = Validity(
            presented.not_before_at, presented.not_after_at, None, None, issuer.enabled, issuer.not_after_at
        )
        fault = fault_in_time(validity, now, self._skew_ms) or fault_in_content(presented)
        key = fault or device_named(presented, issuer.product_key)
        return Unproven(key) if isinstance(key, CertificateFault) else Proof(key, None, presented, issuer)

    def create_devices(self, tx: Tx, proofs: Iterable[Proof], now: int) -> None:
        """Make the devices that do not exist, where the authority of a certificate is trusted with that."""
        for proof in proofs:
            issuer = proof.issuer
            if issuer is None or issuer.product_id is None or not issuer.auto_create:
                continue
            sealed = self._box.seal(generate.device_secret())
            if devices.add(tx, issuer.product_id, [devices.DeviceToAdd(proof.key.device_name, "", sealed)], now):
                details = {"authority": issuer.id}
                target = f"device:{proof.key}"
                record_audit(tx, SYSTEM, now, "device.create", target, product_id=issuer.product_id, **details)

    @staticmethod
    def record(tx: Tx, used: Mapping[int, Proof], now: int) -> None:
        """Take note of the certificates that were accepted, by device.

        With the first use of one that was issued here, those before it end.
        """
        if not used:
            return
        seen = [_seen(device_id, proof) for device_id, proof in used.items()]
        store.record_seen(tx, [row for row in seen if row is not None], now)
        known = {device_id: proof.known for device_id, proof in used.items() if proof.known is not None}
        store.record_used(tx, [row.id for row in known.values()], now)
        newer = {device_id: row.id for device_id, row in known.items() if row.own and not row.used}
        certificates.replace_older(tx, newer, now)


def _read_into(
    judged: dict[bytes, Judged], strangers: dict[bytes, tuple[x509.Certificate, Presented]], der: bytes
) -> None:
    try:
        certificate = load_der(der)
        strangers[der] = certificate, read(certificate)
    except Unreadable:
        judged[der] = Unproven(CertificateFault.UNREADABLE)


def _seen(device_id: int, proof: Proof) -> store.Seen | None:
    presented, issuer = proof.presented, proof.issuer
    if presented is None or issuer is None:
        return None
    return store.Seen(
        device_id=device_id,
        authority_id=issuer.id,
        fingerprint=presented.fingerprint,
        serial=presented.serial,
        key_type=presented.key_type,
        not_before_at=presented.not_before_at,
        not_after_at=presented.not_after_at,
    )
