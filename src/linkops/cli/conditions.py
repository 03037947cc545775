"""How the conditions of a group's query are written on the command line."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer

from linkops.cli.failures import CommandFailed

HELP = (
    "A condition: online, offline, enabled, disabled, activated, inactive, name=PREFIX, tag:KEY, tag:KEY=VALUE, "
    "version:MODULE=V1,V2, version:MODULE, no-version:MODULE, product=KEY1,KEY2, activated-within=DAYS, "
    "activated-since=DATE, activated-before=DATE. Repeat it: all must hold."
)
Where = Annotated[list[str] | None, typer.Option("--where", metavar="CONDITION", help=HELP)]

_WORDS: dict[str, dict[str, Any]] = {
    "online": {"field": "online", "holds": True},
    "offline": {"field": "online", "holds": False},
    "enabled": {"field": "enabled", "holds": True},
    "disabled": {"field": "enabled", "holds": False},
    "activated": {"field": "activated", "holds": True},
    "inactive": {"field": "activated", "holds": False},
}


def query_of(conditions: list[str]) -> list[dict[str, Any]]:
    """Return conditions as the API wants them.

    >>> query_of(["online", "tag:site=berlin", "version:default=1.0,1.1"])[1]
    {'field': 'tag', 'key': 'site', 'value': 'berlin'}

    Raises:
        CommandFailed: when one is written otherwise.
    """
    return [_condition(text) for text in conditions]


def written(condition: dict[str, Any]) -> str:
    """Return a condition of the API as it is written on the command line."""
    given = {name: value for name, value in condition.items() if value is not None}
    for word, meaning in _WORDS.items():
        if given == meaning:
            return word
    match given["field"]:
        case "name_prefix":
            return f"name={given['prefix']}"
        case "tag":
            return f"tag:{given['key']}" + (f"={given['value']}" if "value" in given else "")
        case "version" if "versions" in given:
            return f"version:{given['module']}={','.join(given['versions'])}"
        case "version":
            return f"{'' if given['holds'] else 'no-'}version:{given['module']}"
        case "product":
            return f"product={','.join(given['product_keys'])}"
    return " ".join(_times(given))


def _times(given: dict[str, Any]) -> list[str]:
    texts = [f"activated-within={given['within_days']}"] if "within_days" in given else []
    for name in ("since", "before"):
        if f"{name}_at" in given:
            moment = datetime.fromtimestamp(given[f"{name}_at"] / 1000).astimezone()
            texts.append(f"activated-{name}={moment.isoformat(timespec='seconds')}")
    return texts


def _condition(text: str) -> dict[str, Any]:
    if text in _WORDS:
        return _WORDS[text]
    left, equals, right = text.partition("=")
    subject, colon, name = left.partition(":")
    if colon and name and (right or not equals):
        return _named(text, subject, name, right if equals else None)
    readers: dict[str, Callable[[str], dict[str, Any]]] = {
        "name": lambda prefix: {"field": "name_prefix", "prefix": prefix},
        "product": lambda keys: {"field": "product", "product_keys": keys.split(",")},
        "activated-within": lambda days: {"field": "activated", "within_days": int(days)},
        "activated-since": lambda date: {"field": "activated", "since_at": _milliseconds(date)},
        "activated-before": lambda date: {"field": "activated", "before_at": _milliseconds(date)},
    }
    if left not in readers or not right:
        raise _not_a_condition(text)
    try:
        return readers[left](right)
    except ValueError:
        raise _not_a_condition(text) from None


def _named(text: str, subject: str, name: str, value: str | None) -> dict[str, Any]:
    match subject:
        case "tag":
            return {"field": "tag", "key": name} | ({} if value is None else {"value": value})
        case "version" if value is not None:
            return {"field": "version", "module": name, "versions": value.split(",")}
        case "version":
            return {"field": "version", "module": name, "holds": True}
        case "no-version" if value is None:
            return {"field": "version", "module": name, "holds": False}
    raise _not_a_condition(text)


def _milliseconds(date: str) -> int:
    """Return the Unix milliseconds of a date, or a date and time, in the zone of this machine unless it names one."""
    return round(datetime.fromisoformat(date).astimezone().timestamp() * 1000)


def _not_a_condition(text: str) -> CommandFailed:
    return CommandFailed(f"--where {text}: not a condition. {HELP}")
