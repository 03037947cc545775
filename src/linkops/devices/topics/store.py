"""SQL of rules about custom topics."""

from collections.abc import Sequence

from linkops.db import Tx
from linkops.devices.topics.model import Access, TopicRule

_OF_PRODUCT = "SELECT path, access FROM topic_rule WHERE product_id = :product_id ORDER BY path"
_SOME = """
SELECT product_id, path, access FROM topic_rule
WHERE product_id IN (
    SELECT DISTINCT product_id FROM topic_rule WHERE product_id > :after ORDER BY product_id LIMIT :most
)
ORDER BY product_id, path
"""
_DELETE = "DELETE FROM topic_rule WHERE product_id = :product_id"
_ADD = """
INSERT INTO topic_rule (product_id, path, access)
SELECT :product_id, r.path, r.access FROM {rules: path text, access text} r WHERE 1 = 1
"""


def rules_of(tx: Tx, product_id: int) -> list[TopicRule]:
    """Return a product's rules, by path."""
    return [TopicRule(path, Access(access)) for path, access in tx.all(_OF_PRODUCT, product_id=product_id)]


def some_rules(tx: Tx, after: int, most: int) -> dict[int, list[TopicRule]]:
    """Return the rules of the next ``most`` products that have some, beyond the id ``after``, in the order of ids."""
    found: dict[int, list[TopicRule]] = {}
    for product_id, path, access in tx.all(_SOME, after=after, most=most):
        found.setdefault(product_id, []).append(TopicRule(path, Access(access)))
    return found


def replace_rules(tx: Tx, product_id: int, rules: Sequence[TopicRule]) -> None:
    """Give a product these rules instead of those before."""
    tx.run(_DELETE, product_id=product_id)
    if rules:
        tx.run(_ADD, product_id=product_id, rules=rules)
