"""What configuration a device would be given now, and which document each value comes from."""

import asyncio
import hashlib
from typing import NamedTuple

from linkops.clock import Clock
from linkops.db import Database, Tx
from linkops.devices.access import require_device
from linkops.devices.model import DeviceKey
from linkops.events.actor import Actor, Role
from linkops.remote_config.documents import store
from linkops.remote_config.documents.contents import store as contents
from linkops.remote_config.documents.effective import layers_now
from linkops.remote_config.documents.layers import Layer
from linkops.remote_config.documents.merge import origins, overlaid
from linkops.remote_config.documents.model import MAX_BYTES, Preview, PreviewLayer, Scope, Version
from linkops.remote_config.documents.switches import path_of
from linkops.remote_config.documents.values import canonical, parse


class _Found(NamedTuple):
    """The documents that apply to a device; ``has_product``: the first is the product's."""

    enabled: bool
    layers: list[PreviewLayer]
    documents: list[bytes]
    has_product: bool


class Previews:
    """Previews of configuration, for viewers of the product; they change nothing."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def of_device(self, actor: Actor, key: DeviceKey) -> Preview:
        """Return what a device would be given now, were remote configuration on.

        Raises:
            NotFound: there is no such device, or the actor may not look at it.
        """
        found = await self._db.read(_find, actor, key, self._clock.now())
        return await asyncio.to_thread(_preview, key, found)


def _find(tx: Tx, actor: Actor, key: DeviceKey, now: int) -> _Found:
    device = require_device(tx, actor, Role.VIEWER, key)
    product = contents.of_product(tx, device.product_id)
    narrower = layers_now(tx, device.product_id, [device.id], now).get(device.id, ())
    versions = store.by_ids(tx, [layer.version_id for layer in narrower])
    layers = [_layer(tx, actor, layer, versions[layer.version_id]) for layer in narrower]
    ids = [layer.content_id for layer in narrower]
    if product is not None:
        layers.insert(0, PreviewLayer(Scope.PRODUCT, None, None, product.version, 0))
        ids.insert(0, product.stored.id)
    documents = [contents.content(tx, content_id) for content_id in ids]
    return _Found(contents.switched_on(tx, device.product_id), layers, documents, product is not None)


def _layer(tx: Tx, actor: Actor, layer: Layer, version: Version) -> PreviewLayer:
    group_id = layer.group_id
    if group_id is None:
        return PreviewLayer(Scope.DEVICE, None, None, version.number, 0)
    return PreviewLayer(Scope.GROUP, group_id, path_of(tx, actor, group_id), version.number, version.priority)


def _preview(key: DeviceKey, found: _Found) -> Preview:
    documents = [parse(document) for document in found.documents]
    # Without a document of the product the others are laid over an empty one, as devices are given it.
    base = documents if found.has_product else [{}, *documents]
    alone = found.has_product and len(documents) == 1
    content = found.documents[0] if alone else canonical(overlaid(base))
    known, more = origins(base) if documents else ([], False)
    shift = 0 if found.has_product else 1
    return Preview(
        product_key=key.product_key,
        device_name=key.device_name,
        enabled=found.enabled,
        layers=found.layers,
        content=content.decode() if documents else None,
        size_bytes=len(content) if documents else 0,
        sha256=hashlib.sha256(content).hexdigest() if documents else "",
        too_large=len(content) > MAX_BYTES,
        origins=[origin._replace(layer=origin.layer - shift) for origin in known],
        more_origins=more,
    )
