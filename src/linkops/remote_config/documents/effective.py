"""What configuration a device has: which document, or which documents laid over each other, as bytes that are kept.

This is what pushing and pulling stand on. The functions run in a unit of work of the caller's.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from linkops.db import Tx
from linkops.devices.groups import store as groups
from linkops.devices.groups.access import are_members
from linkops.remote_config.documents.contents import store
from linkops.remote_config.documents.contents.store import Narrower, ProductDocument, Stored
from linkops.remote_config.documents.layers import (
    NO_DOCUMENT,
    Layer,
    device_layer,
    group_layer,
    layers_of,
    written,
)
from linkops.remote_config.documents.merge import overlaid
from linkops.remote_config.documents.model import MAX_BYTES
from linkops.remote_config.documents.values import Object, canonical, parse

_DIGEST_CHARS = 12


class Effective(NamedTuple):
    """The configuration of a device.

    Attributes:
        config_id: differs wherever the content does; of the product's own document the id of its version.
        content_id: for `content`.
        sha256: of the content, hexadecimal.
        version: number of the product's document; 0 if it has none and narrower ones apply.
    """

    config_id: str
    content_id: int
    size_bytes: int
    sha256: str
    version: int


def effective(tx: Tx, product_id: int, device_ids: Sequence[int], now: int) -> dict[int, Effective]:
    """Return the configuration of each of these devices of a product, in a unit that may write.

    A device is missing from the answer when no document applies to it, or when those that do are merged larger than
    `MAX_BYTES`: nothing is better than a part. Devices without documents of their own or of their groups have the
    product's document, byte for byte. What documents give together is merged once and kept; list at most a few
    hundred devices that have documents of their own, since a merge takes up to some milliseconds. Groups by
    "in the last days" count from ``now``, in Unix milliseconds.
    """
    product = store.of_product(tx, product_id)
    layers = layers_now(tx, product_id, device_ids, now)
    plain = None if product is None else _plain(product)
    merged = _merged(tx, product_id, product, {layers[device] for device in layers if layers[device]}, now)
    answers = {device: merged.get(layers[device]) if layers.get(device) else plain for device in device_ids}
    return {device: answer for device, answer in answers.items() if answer is not None}


def content(tx: Tx, content_id: int) -> bytes:
    """Return the bytes that `Effective.content_id` stands for."""
    return store.content(tx, content_id)


def switched_on(tx: Tx, product_id: int) -> bool:
    """Return whether remote configuration is on for a product; off, its devices are given none."""
    return store.switched_on(tx, product_id)


def layers_now(tx: Tx, product_id: int, device_ids: Sequence[int], now: int) -> dict[int, tuple[Layer, ...]]:
    """Return the narrower documents of each device; empty where no device has any."""
    narrower = store.narrower(tx, product_id, device_ids)
    if not narrower:
        return {}
    members = {layer: _members(tx, found, device_ids, now) for found, layer in _group_layers(narrower)}
    own = {n.device_id: device_layer(n.version_id, n.content_id) for n in narrower if n.device_id is not None}
    return layers_of(device_ids, members, own)


def _group_layers(narrower: Sequence[Narrower]) -> list[tuple[int, Layer]]:
    return [
        (n.group_id, group_layer(n.priority, n.group_id, n.version_id, n.content_id))
        for n in narrower
        if n.group_id is not None
    ]


def _members(tx: Tx, group_id: int, device_ids: Sequence[int], now: int) -> set[int]:
    group = groups.by_id(tx, group_id)
    return set() if group is None else are_members(tx, group, device_ids, now)


def _plain(product: ProductDocument) -> Effective:
    return _effective(str(product.version_id), product.stored, product.version)


def _merged(
    tx: Tx, product_id: int, product: ProductDocument | None, wanted: set[tuple[Layer, ...]], now: int
) -> dict[tuple[Layer, ...], Effective]:
    if not wanted:
        return {}
    version_id, version = (NO_DOCUMENT, 0) if product is None else (product.version_id, product.version)
    names = {layers: written(version_id, layers) for layers in wanted}
    known = store.renderings(tx, product_id, names.values())
    renderer = _Renderer(tx, product_id, None if product is None else product.stored.id, now)
    found: dict[tuple[Layer, ...], Effective] = {}
    for layers, name in names.items():
        rendered = known[name] if name in known else renderer.render(layers, name)
        if rendered is not None:
            found[layers] = _effective(f"{version_id}-{rendered.sha256[:_DIGEST_CHARS]}", rendered, version)
    return found


class _Renderer:
    """Merges documents and keeps what comes out; what many devices share is read once."""

    def __init__(self, tx: Tx, product_id: int, product_content_id: int | None, now: int) -> None:
        self._tx = tx
        self._product_id = product_id
        self._product_content_id = product_content_id
        self._now = now
        self._of_groups: dict[int, Object] = {}

    @cached_property
    def _base(self) -> Object:
        return {} if self._product_content_id is None else self._read(self._product_content_id)

    def render(self, layers: tuple[Layer, ...], name: str) -> Stored | None:
        """Return what layers give; None: more bytes than a document may have."""
        result = canonical(overlaid([self._base, *map(self._document, layers)]))
        fits = len(result) <= MAX_BYTES
        rendered = store.keep(self._tx, self._product_id, result, self._now) if fits else None
        store.keep_rendering(self._tx, self._product_id, name, None if rendered is None else rendered.id)
        return rendered

    def _document(self, layer: Layer) -> Object:
        if layer.group_id is None:  # nobody else's
            return self._read(layer.content_id)
        if layer.content_id not in self._of_groups:
            self._of_groups[layer.content_id] = self._read(layer.content_id)
        return self._of_groups[layer.content_id]

    def _read(self, content_id: int) -> Object:
        return parse(store.content(self._tx, content_id))


def _effective(config_id: str, stored: Stored, version: int) -> Effective:
    return Effective(config_id, stored.id, stored.size_bytes, stored.sha256, version)
