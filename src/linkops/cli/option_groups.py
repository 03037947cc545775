"""Options that several commands share: a dataclass of them, which a command takes as one parameter."""

import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, get_type_hints


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with the fields of its dataclasses as options of its own, which typer sees.

    A parameter whose type is a dataclass stands for its fields, as does a field; all have distinct names.
    """
    hints = get_type_hints(command)
    groups = {name: kind for name, kind in hints.items() if _is_group(kind)}
    shown = [option for each in inspect.signature(command).parameters.values() for option in _shown(each)]

    @wraps(command)
    def run(**given: Any) -> None:
        filled = {name: _filled(kind, given) for name, kind in groups.items()}
        command(**filled, **given)

    # Typer asks `inspect.signature` for the options, and annotations for their types.
    vars(run)["__signature__"] = inspect.Signature(shown)
    run.__annotations__ = {option.name: option.annotation for option in shown}
    return run


def _is_group(kind: object) -> bool:
    return hasattr(kind, "__dataclass_fields__")


def _shown(parameter: inspect.Parameter) -> Iterator[inspect.Parameter]:
    kind = parameter.annotation
    if not _is_group(kind):
        yield parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        return
    hints = get_type_hints(kind, include_extras=True)
    for field in inspect.signature(kind).parameters.values():
        yield from _shown(field.replace(annotation=hints[field.name]))


def _filled(kind: Any, given: dict[str, Any]) -> Any:
    """Return the group with its options, which are taken out of those that were given."""
    hints = get_type_hints(kind)
    return kind(**{name: _filled(hint, given) if _is_group(hint) else given.pop(name) for name, hint in hints.items()})
