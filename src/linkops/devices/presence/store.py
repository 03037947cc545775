"""SQL of logins, goodbyes and persistent sessions; all of it over lists."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from linkops.db import Row, Tx
from linkops.devices.model import DeviceKey
from linkops.devices.presence.model import Seen, StoredDownlink

_CANDIDATES = """
SELECT p.product_key, d.device_name, d.id, d.product_id, d.secret_sealed, d.enabled, p.node_type, p.auth_type,
       d.online, s.subscriptions, s.expires_at, s.client_id, d.connection_id
FROM {keys: product_key text, device_name text} k
JOIN product p ON p.product_key = k.product_key
JOIN device d ON d.product_id = p.id AND d.device_name = k.device_name
LEFT JOIN mqtt_session s ON s.device_id = d.id
"""
_MARK_ONLINE = """
UPDATE device
SET online = 1, connection_id = r.connection_id, online_at = :now, last_seen_at = :now,
    activated_at = coalesce(device.activated_at, :now),
    address = r.address, sdk_language = r.sdk_language, sdk_version = r.sdk_version
FROM {logins: device_id bigint, connection_id bigint, address text, sdk_language text, sdk_version text} r
WHERE device.id = r.device_id
"""
_MARK_OFFLINE = """
UPDATE device SET online = 0, offline_at = :now, last_seen_at = :now
FROM {connections: device_id bigint, connection_id bigint} r
WHERE device.id = r.device_id AND device.connection_id = r.connection_id AND device.online = 1
RETURNING device.id, device.connection_id
"""
_LEFT_ONLINE = """
SELECT d.id, d.product_id, p.product_key, d.device_name
FROM device d JOIN product p ON p.id = d.product_id
WHERE d.online = 1 ORDER BY d.product_id, d.id LIMIT :most
"""
_FORGET = """
UPDATE device SET online = 0, offline_at = :now, connection_id = NULL
WHERE id IN (SELECT r.device_id FROM {devices: device_id bigint} r)
"""
_SEEN = """
UPDATE device SET last_seen_at = r.at
FROM {seen: device_id bigint, at bigint} r
WHERE device.id = r.device_id AND device.online = 1 AND coalesce(device.last_seen_at, 0) < r.at
"""
_KEEP_SESSIONS = """
INSERT INTO mqtt_session (device_id, client_id, subscriptions, expires_at)
SELECT r.device_id, r.client_id, '{}', NULL FROM {sessions: device_id bigint, client_id text} r WHERE 1 = 1
ON CONFLICT (device_id) DO UPDATE SET client_id = excluded.client_id, expires_at = NULL
"""
_EXPIRE_SESSIONS = """
UPDATE mqtt_session SET expires_at = r.expires_at
FROM {sessions: device_id bigint, expires_at bigint} r
WHERE mqtt_session.device_id = r.device_id AND mqtt_session.expires_at IS NULL
"""
_DROP_SESSIONS = "DELETE FROM mqtt_session WHERE device_id IN (SELECT r.device_id FROM {devices: device_id bigint} r)"
_DROP_DOWNLINKS = (
    "DELETE FROM stored_downlink WHERE device_id IN (SELECT r.device_id FROM {devices: device_id bigint} r)"
)
_SUBSCRIBE = """
UPDATE mqtt_session SET subscriptions = r.subscriptions
FROM {sessions: device_id bigint, connection_id bigint, subscriptions text} r
JOIN device d ON d.id = r.device_id AND d.connection_id = r.connection_id
WHERE mqtt_session.device_id = r.device_id
"""
_STORE_DOWNLINK = """
INSERT INTO stored_downlink (device_id, topic, payload, expires_at)
SELECT s.device_id, :topic, :payload, :expires_at FROM mqtt_session s WHERE s.device_id = :device_id
"""
_TRIM_DOWNLINKS = """
DELETE FROM stored_downlink WHERE id IN (
    SELECT n.id FROM (
        SELECT q.id, row_number() OVER (PARTITION BY q.device_id ORDER BY q.id DESC) AS age
        FROM stored_downlink q JOIN {devices: device_id bigint} r ON r.device_id = q.device_id
    ) n WHERE n.age > :most
)
"""
_STORED = """
SELECT id, topic, payload FROM stored_downlink
WHERE device_id = :device_id AND id > :after AND expires_at > :now ORDER BY id LIMIT :most
"""
_ACKNOWLEDGE = "DELETE FROM stored_downlink WHERE id IN (SELECT r.id FROM {ids: id bigint} r)"
_EXPIRED_SESSIONS = "SELECT device_id FROM mqtt_session WHERE expires_at <= :now ORDER BY expires_at LIMIT :most"
_DELETE_EXPIRED_DOWNLINKS = """
DELETE FROM stored_downlink
WHERE id IN (SELECT id FROM stored_downlink WHERE expires_at <= :now ORDER BY expires_at LIMIT :most)
"""

_GATEWAYS = "SELECT sub_id, gateway_id FROM topology WHERE sub_id IN (SELECT r.id FROM {subs: id bigint} r)"

_encode = msgspec.json.Encoder().encode
_subscriptions = msgspec.json.Decoder(dict[str, int])


class Candidate(NamedTuple):
    """What is known of a device that wants to log in; ``subscriptions`` is None when it has no session."""

    device_id: int
    product_id: int
    secret_sealed: str
    enabled: bool
    node_type: str
    auth_type: str
    online: bool
    subscriptions: dict[str, int] | None
    session_expires_at: int | None
    session_client_id: str | None
    connection_id: int | None


class OnlineRow(NamedTuple):
    """What a login leaves on the device."""

    device_id: int
    connection_id: int
    address: str
    sdk_language: str
    sdk_version: str


def candidates(tx: Tx, keys: Collection[DeviceKey]) -> dict[DeviceKey, Candidate]:
    """Return those devices that exist."""
    rows = tx.all(_CANDIDATES, keys=list(keys))
    return {DeviceKey(row[0], row[1]): _candidate(row) for row in rows}


def _candidate(row: Row) -> Candidate:
    filters = None if row[9] is None else _subscriptions.decode(row[9])
    return Candidate(
        device_id=row[2],
        product_id=row[3],
        secret_sealed=row[4],
        enabled=bool(row[5]),
        node_type=row[6],
        auth_type=row[7],
        online=bool(row[8]),
        subscriptions=filters,
        session_expires_at=row[10],
        session_client_id=row[11],
        connection_id=row[12],
    )


def gateways(tx: Tx, sub_ids: Iterable[int]) -> dict[int, int]:
    """Return the gateway that each of these sub-devices hangs on; one without a gateway is left out."""
    return dict(tx.all(_GATEWAYS, subs=[(sub_id,) for sub_id in sub_ids]))


def mark_online(tx: Tx, logins: Collection[OnlineRow], now: int) -> None:
    """Put devices online; one row a device."""
    tx.run(_MARK_ONLINE, logins=list(logins), now=now)


def mark_offline(tx: Tx, connections: Sequence[tuple[int, int]], now: int) -> set[tuple[int, int]]:
    """Put devices offline, given as (device id, connection id), whose connection that still is; return which."""
    return {(device, connection) for device, connection in tx.all(_MARK_OFFLINE, connections=connections, now=now)}


def left_online(tx: Tx, most: int) -> list[tuple[int, int, DeviceKey]]:
    """Return (device id, product id, key) of up to ``most`` devices that are online."""
    return [(row[0], row[1], DeviceKey(row[2], row[3])) for row in tx.all(_LEFT_ONLINE, most=most)]


def forget(tx: Tx, device_ids: Iterable[int], now: int) -> None:
    """Put devices offline whatever their connection."""
    tx.run(_FORGET, devices=[(device_id,) for device_id in device_ids], now=now)


def record_seen(tx: Tx, seen: Sequence[Seen]) -> None:
    """Move ``last_seen_at`` of devices that are online forward."""
    tx.run(_SEEN, seen=seen)


def keep_sessions(tx: Tx, sessions: Mapping[int, str]) -> None:
    """Keep the session of these devices (to client ids) without an end; a new one has no subscriptions."""
    if sessions:
        tx.run(_KEEP_SESSIONS, sessions=list(sessions.items()))


def expire_sessions(tx: Tx, sessions: Mapping[int, int]) -> None:
    """Give sessions that have no end yet an end, by device id."""
    if sessions:
        tx.run(_EXPIRE_SESSIONS, sessions=list(sessions.items()))


def drop_sessions(tx: Tx, device_ids: Collection[int]) -> None:
    """Delete sessions with the downlinks that they kept."""
    if device_ids:
        devices = [(device_id,) for device_id in device_ids]
        tx.run(_DROP_DOWNLINKS, devices=devices)
        tx.run(_DROP_SESSIONS, devices=devices)


def save_subscriptions(tx: Tx, sessions: Iterable[tuple[int, int, Mapping[str, int]]]) -> None:
    """Replace the subscriptions of sessions whose (device id, connection id) is the current one; one row a device."""
    tx.run(
        _SUBSCRIBE,
        sessions=[(device, connection, _encode(filters).decode()) for device, connection, filters in sessions],
    )


def store_downlink(tx: Tx, device_id: int, topic: str, payload: bytes, expires_at: int) -> bool:
    """Keep a message for a device that has a session; return whether it has one."""
    return tx.run(_STORE_DOWNLINK, device_id=device_id, topic=topic, payload=payload, expires_at=expires_at) > 0


def trim_downlinks(tx: Tx, device_ids: Collection[int], most: int) -> None:
    """Delete all but the newest ``most`` messages kept for each device."""
    tx.run(_TRIM_DOWNLINKS, devices=[(device_id,) for device_id in device_ids], most=most)


def stored_downlinks(tx: Tx, device_id: int, after: int, most: int, now: int) -> list[StoredDownlink]:
    """Return up to ``most`` messages kept for a device with an id above ``after``, oldest first."""
    rows = tx.all(_STORED, device_id=device_id, after=after, most=most, now=now)
    return [StoredDownlink(*row) for row in rows]


def delete_downlinks(tx: Tx, ids: Iterable[int]) -> None:
    """Delete messages that their devices acknowledged."""
    tx.run(_ACKNOWLEDGE, ids=[(downlink_id,) for downlink_id in ids])


def expired_sessions(tx: Tx, most: int, now: int) -> list[int]:
    """Return up to ``most`` devices whose session is over."""
    return [device_id for (device_id,) in tx.all(_EXPIRED_SESSIONS, most=most, now=now)]


def delete_expired_downlinks(tx: Tx, most: int, now: int) -> int:
    """Delete up to ``most`` messages that nobody fetched in time and return how many."""
    return tx.run(_DELETE_EXPIRED_DOWNLINKS, most=most, now=now)
