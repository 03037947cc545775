"""What applications read: an event in its envelope, however it is carried (docs/subscriptions.md#payloads)."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from linkops.alink.iot_ids import write_iot_id
from linkops.alink.topics import Channel, Forwarded
from linkops.events.kinds import (
    DEVICE_MESSAGE,
    DEVICE_OFFLINE,
    DEVICE_ONLINE,
    GATEWAY_FOUND,
    GATEWAY_TOPOLOGY,
    OTA_PROGRESS,
    VERSION_CHANGED,
)
from linkops.subscriptions.model import Happened

_TOPICS: dict[str, Forwarded | Channel] = {
    DEVICE_ONLINE: Forwarded.STATUS,
    DEVICE_OFFLINE: Forwarded.STATUS,
    GATEWAY_TOPOLOGY: Forwarded.TOPOLOGY_CHANGED,
    GATEWAY_FOUND: Forwarded.DEVICES_FOUND,
    DEVICE_MESSAGE: Channel.CUSTOM,
    "ota.task_ended": Forwarded.TASK_ENDED,
    VERSION_CHANGED: Forwarded.VERSION_CHANGED,
    OTA_PROGRESS: Forwarded.PROGRESS,
    "ota.job_changed": Forwarded.JOB_CHANGED,
}
_STATUS = {DEVICE_ONLINE: "online", DEVICE_OFFLINE: "offline"}
_SPELLED = {"address": "clientIp", "sdk_version": "sdkVersion"}
_OF_GATEWAYS = frozenset({GATEWAY_TOPOLOGY, GATEWAY_FOUND})
_LEFT_OUT = frozenset({"product_key", "device_name", "path"})
"""Members of a body that stand elsewhere in what applications read."""
_encode = msgspec.json.Encoder().encode


def envelope(event: Happened) -> dict[str, Any]:
    """Return an event as applications read it."""
    return {
        "id": event.id,
        "kind": event.kind,
        "at": event.at,
        "topic": _topic(event),
        "payload": payload(event),
    }


def payload(event: Happened) -> dict[str, Any]:
    """Return what the vendor's platform forwards about it, with its names of fields."""
    who: dict[str, Any] = {"productKey": event.product_key}
    if event.device_id is not None:
        who["deviceName"] = event.device_name or ""
        if event.kind != OTA_PROGRESS:
            who = {"iotId": write_iot_id(event.device_id), **who}
    if event.kind in _OF_GATEWAYS:
        who = {f"gw{name[0].upper()}{name[1:]}": value for name, value in who.items()}
    if event.kind in _STATUS:
        who["status"] = _STATUS[event.kind]
    said = {_SPELLED.get(name, name): value for name, value in event.body.items() if name not in _LEFT_OUT}
    return {**who, **said, "messageCreateTime": event.at}


def written(event: Happened) -> bytes:
    """Return the JSON of an event."""
    return _encode(envelope(event))


def trial_event(webhook_id: int, now: int) -> bytes:
    """Return the JSON of an event that only says that a webhook works."""
    said = {"webhookId": str(webhook_id), "messageCreateTime": now}
    return _encode({"id": 0, "kind": "webhook.test", "at": now, "topic": None, "payload": said})


def request_body(events: Sequence[bytes], *, batch: bool) -> bytes:
    """Return the body of a request that carries these events: a list, or the only one."""
    return b"[" + b",".join(events) + b"]" if batch else events[0]


def _topic(event: Happened) -> str | None:
    forwarded = _TOPICS.get(event.kind)
    if forwarded is None:
        return None
    pattern = forwarded.pattern if isinstance(forwarded, Channel) else forwarded.value
    return pattern.format_map(_parts(event))


def _parts(event: Happened) -> Mapping[str, Any]:
    return {
        "pk": event.product_key,
        "dn": event.device_name,
        "package_id": event.body.get("packageId"),
        "job_id": event.body.get("jobId"),
        "rest": event.body.get("path"),
    }
