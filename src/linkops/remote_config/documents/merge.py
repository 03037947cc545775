"""Documents laid over each other (RFC 7386)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from linkops.remote_config.documents.values import MAX_PATH_CHARS, Object, Value, pointer

MAX_ORIGINS = 1_000


def merged(target: Value, patch: Value) -> Value:
    """Return ``target`` with ``patch`` laid over it: objects member by member, null removes, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    result: Object = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def overlaid(layers: Sequence[Object]) -> Object:
    """Return what documents give together, each laid over those before it; the first keeps its nulls."""
    result = layers[0]
    for layer in layers[1:]:
        result = merged(result, layer)
    return result


class Origin(NamedTuple):
    """Which document a value of a merged one comes from.

    Attributes:
        path: where the value stands, as a JSON pointer; arrays and empty objects are one value.
        layer: the place of the document among those that were merged, from 0.
    """

    path: str
    layer: int


def origins(layers: Sequence[Object]) -> tuple[list[Origin], bool]:
    """Return where each value of `overlaid` comes from, in order, and whether there are more than `MAX_ORIGINS`."""
    found: list[Origin] = []
    chars = 0
    for path in _leaves((), overlaid(layers)):
        origin = Origin(pointer(path), max(place for place, layer in enumerate(layers) if _has(layer, path)))
        chars += len(origin.path)
        if len(found) == MAX_ORIGINS or chars > MAX_PATH_CHARS:
            return found, True
        found.append(origin)
    return found, False


def _leaves(path: tuple[str, ...], value: Value) -> Iterator[tuple[str, ...]]:
    if not isinstance(value, dict) or not value:
        yield path
        return
    for name in sorted(value):
        yield from _leaves((*path, name), value[name])


def _has(layer: Value, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(layer, dict) or name not in layer:
            return False
        layer = layer[name]
    return True
