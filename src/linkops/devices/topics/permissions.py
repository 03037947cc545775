"""Whether a device may publish or hear a custom topic (docs/protocol/device-protocol.md#custom-topics).

A product without rules leaves everything below ``user/`` open to its devices: what a device says there reaches nobody
but the server and the device itself. With rules, only what a rule names is allowed.
"""

from collections.abc import Iterable, Mapping, Sequence

from linkops.alink.topics import Address, Channel, custom_levels
from linkops.devices.topics.model import MAX_LEVELS, MAX_PATH_CHARS, MAX_RULES, Access, TopicRule
from linkops.errors import Invalid
from linkops.mqtt.topics import parse_filter

Levels = Sequence[str]

_REMEMBERED = 1_000
"""Paths of one product whose answer is remembered: a device that invents topics fills no memory."""


def covers(rule: list[str], asked: Levels) -> bool:
    """Return whether ``rule`` matches every topic that ``asked``, a topic or a filter, stands for.

    >>> covers(["cmd", "+"], ["cmd", "reboot"]), covers(["cmd", "+"], ["cmd", "#"])
    (True, False)
    """
    if asked[0] == "#":  # a path has at least one level, so that these two mean the same
        return rule in (["#"], ["+", "#"])
    for place, level in enumerate(rule):
        if level == "#":
            return True
        if place >= len(asked) or asked[place] == "#" or level not in {"+", asked[place]}:
            return False
    return len(rule) == len(asked)


def check_rules(rules: Sequence[TopicRule]) -> None:
    """Check rules that a product is to have.

    Raises:
        Invalid: too many, one path twice, or one that is empty, too long, too deep or no filter.
    """
    if len(rules) > MAX_RULES:
        raise Invalid("topic.too_many_rules", field="rules", most=MAX_RULES)
    paths = [rule.path for rule in rules]
    for path in paths:
        if not is_path(path) or parse_filter(path) is None or path.startswith("$"):
            raise Invalid("topic.path", field="rules", max_chars=MAX_PATH_CHARS, max_levels=MAX_LEVELS)
        if paths.count(path) > 1:
            raise Invalid("topic.path_repeated", field="rules", path=path)


def is_path(path: str) -> bool:
    """Return whether this can follow ``user/``, wildcards or not."""
    levels = path.split("/")
    return 0 < len(path) <= MAX_PATH_CHARS and len(levels) <= MAX_LEVELS and all(levels) and path.isprintable()


class _Paths:
    """Rules for one direction. Devices of a product use the same few topics: what was decided once is remembered."""

    __slots__ = ("_decided", "_rules")

    def __init__(self, rules: Iterable[TopicRule]) -> None:
        self._rules = [rule.path.split("/") for rule in rules]
        self._decided: dict[str, bool] = {}

    def cover(self, path: Levels) -> bool:
        text = "/".join(path)
        known = self._decided.get(text)
        if known is None:
            known = any(covers(rule, path) for rule in self._rules)
            self._remember(text, known=known)
        return known

    def _remember(self, text: str, *, known: bool) -> None:
        if len(self._decided) >= _REMEMBERED:
            self._decided.clear()
        if len(text) <= MAX_PATH_CHARS:
            self._decided[text] = known


class ProductTopics:
    """The rules of one product; paths are given by their levels."""

    __slots__ = ("_heard", "_published")

    def __init__(self, rules: Sequence[TopicRule]) -> None:
        self._published = _Paths(rule for rule in rules if rule.access is not Access.SUBSCRIBE)
        self._heard = _Paths(rule for rule in rules if rule.access is not Access.PUBLISH)

    def may_publish(self, path: Levels) -> bool:
        """Return whether devices may publish there."""
        return self._published.cover(path)

    def may_hear(self, path: Levels) -> bool:
        """Return whether devices may subscribe to a path, which may be a filter, and are sent what comes there."""
        return self._heard.cover(path)


class Permissions:
    """The rules of all products that have some, as the hub asks for them: in memory, on its loop."""

    def __init__(self) -> None:
        self._products: dict[int, ProductTopics] = {}

    def replace(self, product_id: int, rules: Sequence[TopicRule]) -> None:
        """From now on a product has these rules; none leave its topics open."""
        if rules:
            self._products[product_id] = ProductTopics(rules)
        else:
            self._products.pop(product_id, None)

    def replace_all(self, rules: Mapping[int, Sequence[TopicRule]]) -> None:
        """Take these rules for those of all products."""
        self._products = {product_id: ProductTopics(own) for product_id, own in rules.items()}

    def may_publish(self, product_id: int, address: Address) -> bool:
        """Return whether a device may publish on a topic of its own; answers to calls take no rule."""
        product = self._products.get(product_id)
        if product is None or address.channel is not Channel.CUSTOM:
            return True
        return product.may_publish(address.rest.split("/"))

    def may_hear(self, product_id: int, levels: Levels) -> bool:
        """Return whether a device may hear a topic or a filter of its own, given by its levels."""
        product = self._products.get(product_id)
        path = None if product is None else custom_levels(levels)
        return product is None or path is None or product.may_hear(path)
