"""Which queries a dynamic group may have (docs/groups.md#queries), and how they are kept."""

from collections.abc import Callable, Sequence

import msgspec

from linkops.devices.conditions.model import Condition, ConditionField
from linkops.devices.names import is_name_prefix, is_product_key, is_tag_key, is_tag_value
from linkops.errors import Invalid

MAX_CONDITIONS = 20
MAX_CHOICES = 50
"""Products or versions in one condition."""
MAX_WORD_CHARS = 64
MAX_DAYS = 3_650
MAX_AT = 2**53

_TAKES = {
    ConditionField.PRODUCT: {"product_keys"},
    ConditionField.NAME_PREFIX: {"prefix"},
    ConditionField.TAG: {"key", "value"},
    ConditionField.VERSION: {"module", "versions", "holds"},
    ConditionField.ONLINE: {"holds"},
    ConditionField.ENABLED: {"holds"},
    ConditionField.ACTIVATED: {"holds", "since_at", "before_at", "within_days"},
}
_decoder = msgspec.json.Decoder(tuple[Condition, ...])


def check_query(query: Sequence[Condition], *, of_product: bool) -> None:
    """Do nothing if a dynamic group may have this query; ``of_product``: the group is one of a single product.

    Raises:
        Invalid: otherwise; the field is ``query``, or as in ``query.2.versions`` with the conditions counted from 0.
    """
    if not 1 <= len(query) <= MAX_CONDITIONS:
        raise Invalid("group.query_size", field="query", most=MAX_CONDITIONS)
    for number, condition in enumerate(query):
        if of_product and condition.field is ConditionField.PRODUCT:
            raise Invalid("group.query_names_product", field=f"query.{number}.field")
        _Check(condition, f"query.{number}").run()


def read_query(text: str) -> tuple[Condition, ...]:
    """Return the query that `write_query` made a text of."""
    return _decoder.decode(text)


def write_query(query: Sequence[Condition]) -> str:
    """Return a query as JSON."""
    return msgspec.json.encode(query).decode()


class _Check:
    """The check of one condition, whose place in the query is named in what is refused."""

    def __init__(self, condition: Condition, place: str) -> None:
        self._condition = condition
        self._place = place

    def run(self) -> None:
        given = {name for name in Condition.__struct_fields__ if getattr(self._condition, name) is not None}
        for name in sorted(given - _TAKES[self._condition.field] - {"field"}):
            raise self._refusal("group.condition_takes_not", name)
        checks: dict[ConditionField, Callable[[Condition], None]] = {
            ConditionField.PRODUCT: self._product,
            ConditionField.NAME_PREFIX: self._name_prefix,
            ConditionField.TAG: self._tag,
            ConditionField.VERSION: self._version,
            ConditionField.ONLINE: self._switch,
            ConditionField.ENABLED: self._switch,
            ConditionField.ACTIVATED: self._activated,
        }
        checks[self._condition.field](self._condition)

    def _product(self, condition: Condition) -> None:
        self._choices(condition.product_keys, "product_keys", is_product_key)

    def _name_prefix(self, condition: Condition) -> None:
        self._need(condition.prefix is not None, "prefix")
        self._valid(is_name_prefix(condition.prefix or ""), "prefix")

    def _tag(self, condition: Condition) -> None:
        self._need(condition.key is not None, "key")
        self._valid(is_tag_key(condition.key or ""), "key")
        self._valid(condition.value is None or is_tag_value(condition.value), "value")

    def _version(self, condition: Condition) -> None:
        self._need(condition.module is not None, "module")
        self._valid(_is_word(condition.module or ""), "module")
        if condition.holds is None:
            self._choices(condition.versions, "versions", _is_word)
        elif condition.versions is not None:
            raise self._refusal("group.condition_contradicts", "versions")

    def _switch(self, condition: Condition) -> None:
        self._need(condition.holds is not None, "holds")

    def _activated(self, condition: Condition) -> None:
        times = (condition.since_at, condition.before_at, condition.within_days)
        self._need(condition.holds is not None or any(time is not None for time in times), "holds")
        if condition.holds is not None and any(time is not None for time in times):
            raise self._refusal("group.condition_contradicts", "holds")
        self._valid(condition.since_at is None or 0 <= condition.since_at <= MAX_AT, "since_at")
        self._valid(condition.before_at is None or 0 <= condition.before_at <= MAX_AT, "before_at")
        self._valid(condition.within_days is None or 1 <= condition.within_days <= MAX_DAYS, "within_days")

    def _choices(self, choices: tuple[str, ...] | None, name: str, is_one: Callable[[str], bool]) -> None:
        self._need(choices is not None, name)
        few = 1 <= len(choices or ()) == len(set(choices or ())) <= MAX_CHOICES
        self._valid(few and all(is_one(choice) for choice in choices or ()), name)

    def _need(self, given: bool, name: str) -> None:  # noqa: FBT001 - reads as a sentence
        if not given:
            raise self._refusal("group.condition_lacks", name)

    def _valid(self, valid: bool, name: str) -> None:  # noqa: FBT001 - reads as a sentence
        if not valid:
            raise self._refusal("group.condition_invalid", name)

    def _refusal(self, code: str, name: str) -> Invalid:
        return Invalid(code, field=f"{self._place}.{name}", about=self._condition.field.value, name=name)


def _is_word(text: str) -> bool:
    return 1 <= len(text) <= MAX_WORD_CHARS and text.isprintable()
