"""What applications hear of pushes (docs/subscriptions.md#payloads)."""

from linkops.events.kinds import CONFIG_PUSHED, CONFIG_RESULT
from linkops.events.store import Event
from linkops.remote_config.pushes.model import PushStatus, StopReason
from linkops.remote_config.pushes.progress import ResultState


def push_changed(push_id: int, product_id: int, version: int, status: PushStatus, reason: StopReason, at: int) -> Event:
    """Return what applications hear when a push began, or ended."""
    body = {"pushId": str(push_id), "version": version, "status": status, "reason": reason}
    return Event(at, CONFIG_PUSHED, product_id, None, body)


def result_changed(result: ResultState, at: int) -> Event:
    """Return what applications hear when a device fetched, took or refused its configuration, or did nothing."""
    body = {
        "pushId": str(result.push_id),
        "configId": result.config_id,
        "status": result.status,
        "reason": result.failure_kind,
        "code": result.code,
        "message": result.message,
    }
    return Event(at, CONFIG_RESULT, result.product_id, result.device_id, body)
