"""Conditions as rows of inputs have them, and back. What a person typed is judged by the service, not here."""

from datetime import UTC, datetime, tzinfo
from typing import Any

from linkops.console.pages.groups.words import ANY, BEFORE, EVER, NEVER, NONE, ONE_OF, SINCE, WITHIN
from linkops.devices.conditions.model import Condition, ConditionField

Row = dict[str, Any]
F = ConditionField


def new_row() -> Row:
    """Return a condition to begin with."""
    return row_of(Condition(field=F.ONLINE, holds=True), UTC)


def row_of(condition: Condition, zone: tzinfo) -> Row:
    """Return what the inputs of a condition show; days are those of ``zone``."""
    return {
        "field": condition.field.value,
        "holds": condition.holds is not False,
        "products": list(condition.product_keys or ()),
        "prefix": condition.prefix or "",
        "key": condition.key or "",
        "value": condition.value or "",
        "module": condition.module or "default",
        "versions": ", ".join(condition.versions or ()),
        "reported": _reported(condition),
        "activated": _activation(condition),
        "days": condition.within_days or 7,
        "day": _day(condition.since_at if condition.since_at is not None else condition.before_at, zone),
        "kept": condition,
    }


def condition_of(row: Row, zone: tzinfo) -> Condition:
    """Return the condition that inputs say."""
    field = F(row["field"])
    match field:
        case F.ONLINE | F.ENABLED:
            return Condition(field=field, holds=bool(row["holds"]))
        case F.PRODUCT:
            return Condition(field=field, product_keys=tuple(row["products"] or ()))
        case F.NAME_PREFIX:
            return Condition(field=field, prefix=_text(row["prefix"]))
        case F.TAG:
            return Condition(field=field, key=_text(row["key"]), value=_text(row["value"]) or None)
        case F.VERSION:
            return _version(row)
        case F.ACTIVATED:
            return _activated(row, zone)


def _reported(condition: Condition) -> str:
    if condition.field is not F.VERSION or condition.versions is not None:
        return ONE_OF
    return NONE if condition.holds is False else ANY


def _version(row: Row) -> Condition:
    module = _text(row["module"])
    if row["reported"] == ONE_OF:
        versions = tuple(part.strip() for part in _text(row["versions"]).split(",") if part.strip())
        return Condition(field=F.VERSION, module=module, versions=versions)
    return Condition(field=F.VERSION, module=module, holds=row["reported"] == ANY)


def _activated(row: Row, zone: tzinfo) -> Condition:
    kept: Condition = row["kept"]
    if kept.field is F.ACTIVATED and _shown(row) == _shown(row_of(kept, zone)):
        return kept  # made over the API it may say more, or another time of the day, than these inputs show
    match row["activated"]:
        case "within":
            return Condition(field=F.ACTIVATED, within_days=int(row["days"] or 0))
        case "since":
            return Condition(field=F.ACTIVATED, since_at=_midnight(row["day"], zone))
        case "before":
            return Condition(field=F.ACTIVATED, before_at=_midnight(row["day"], zone))
        case other:
            return Condition(field=F.ACTIVATED, holds=other == EVER)


def _shown(row: Row) -> tuple[object, ...]:
    return row["activated"], int(row["days"] or 0), row["day"]


def _activation(condition: Condition) -> str:
    if condition.within_days is not None:
        return WITHIN
    if condition.since_at is not None:
        return SINCE
    if condition.before_at is not None:
        return BEFORE
    return NEVER if condition.holds is False else EVER


def _day(at: int | None, zone: tzinfo) -> str:
    return "" if at is None else datetime.fromtimestamp(at / 1_000, zone).date().isoformat()


def _midnight(day: str | None, zone: tzinfo) -> int | None:
    try:
        return int(datetime.fromisoformat(day or "").replace(tzinfo=zone).timestamp() * 1_000)
    except (ValueError, OverflowError):
        return None


def _text(value: object) -> str:
    return str(value or "").strip()
