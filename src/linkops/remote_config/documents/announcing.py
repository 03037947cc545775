"""What became of documents, for the audit trail and for applications (docs/subscriptions.md#payloads)."""

from typing import Any

from linkops.db import Tx
from linkops.devices.model import Product
from linkops.events.actor import Actor
from linkops.events.kinds import CONFIG_SAVED, CONFIG_SWITCHED
from linkops.events.store import Event, record_audit, record_events
from linkops.remote_config.documents.model import Scope, Target, Version
from linkops.remote_config.documents.store import Place


def record_saved(tx: Tx, actor: Actor, at: int, target: Target, place: Place, version: Version) -> None:
    """Record that somebody made a version of a document."""
    action = "config.remove" if version.removed else "config.save"
    details = {
        "version": version.number,
        "size_bytes": version.size_bytes,
        "sha256": version.sha256,
        "priority": version.priority,
        "restored_from": version.restored_from,
        "comment": version.comment,
    }
    record_audit(tx, actor, at, action, name_of(target), product_id=place.product_id, **details)
    record_events(tx, [Event(at, CONFIG_SAVED, place.product_id, place.device_id, _body(place, version))])


def record_switched(tx: Tx, actor: Actor, at: int, product: Product, *, on: bool) -> None:
    """Record that somebody switched remote configuration of a product on or off."""
    action = "config.on" if on else "config.off"
    record_audit(tx, actor, at, action, f"config:{product.product_key}", product_id=product.id)
    record_events(tx, [Event(at, CONFIG_SWITCHED, product.id, None, {"enabled": on})])


def name_of(target: Target) -> str:
    """Return a document's name in the audit trail, as in ``config:a1B2c3D4e5F/device/pump-7``."""
    owner = [str(part) for part in (target.group_id, target.device_name) if part is not None]
    scope = [] if target.scope is Scope.PRODUCT else [str(target.scope)]
    return "/".join([f"config:{target.product_key}", *scope, *owner])


def _body(place: Place, version: Version) -> dict[str, Any]:
    group = {} if place.group_id is None else {"groupId": str(place.group_id)}
    return {
        "scope": place.scope,
        **group,
        "version": version.number,
        "configId": str(version.id),
        "configSize": version.size_bytes,
        "sign": version.sha256,
        "removed": version.removed,
        "createdBy": version.created_by,
    }
