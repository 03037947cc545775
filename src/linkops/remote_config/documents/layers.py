"""Which documents apply to a device, and in which order (docs/protocol/remote-config.md#narrower-documents)."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

NO_DOCUMENT = 0
"""Stands for the version of a product's document where nobody saved one."""


class Layer(NamedTuple):
    """A document that applies.

    Attributes:
        rank: (of groups: priority, id), so that layers sort from the lowest to the highest.
        version_id: of its newest version.
    """

    rank: tuple[int, int, int]
    version_id: int
    content_id: int

    @property
    def group_id(self) -> int | None:
        """The group that it is for; None: it is the device's own."""
        return self.rank[2] or None


def group_layer(priority: int, group_id: int, version_id: int, content_id: int) -> Layer:
    """Return the layer of a group's document: the higher priority is laid over the lower, then the newer group."""
    return Layer((0, priority, group_id), version_id, content_id)


def device_layer(version_id: int, content_id: int) -> Layer:
    """Return the layer of a device's own document, which is laid over all others."""
    return Layer((1, 0, 0), version_id, content_id)


def layers_of(
    device_ids: Iterable[int], members: Mapping[Layer, set[int]], own: Mapping[int, Layer]
) -> dict[int, tuple[Layer, ...]]:
    """Return the narrower documents of each device, the lowest first; ``members``: who is in a layer's group."""
    found: dict[int, tuple[Layer, ...]] = {}
    groups = sorted(members)
    for device_id in device_ids:
        of_groups = [layer for layer in groups if device_id in members[layer]]
        found[device_id] = (*of_groups, own[device_id]) if device_id in own else tuple(of_groups)
    return found


def written(product_version_id: int, layers: Iterable[Layer]) -> str:
    """Return what tells these layers, in this order, from all others; see `read`."""
    return ".".join(map(str, (product_version_id, *(layer.version_id for layer in layers))))


def read(layers: str) -> list[int]:
    """Return the ids of the versions, the product's first, in what `written` returned.

    >>> read(written(17, [group_layer(5, 1, 4, 99), device_layer(23, 98)]))
    [17, 4, 23]
    """
    return [int(version_id) for version_id in layers.split(".")]
