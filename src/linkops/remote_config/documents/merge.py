"""Documents laid over each other (RFC 7386)."""

from collections.abc import Sequence

from linkops.remote_config.documents.values import Object, Value


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
