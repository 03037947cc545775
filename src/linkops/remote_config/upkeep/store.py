"""SQL of merges that are out of date, and of contents that nothing refers to.

Everything that comes to refer to a content has kept it in the same unit of work, which takes the mark off and holds the
row until it is committed: who deletes comes before it, and the content is kept anew, or after it, and finds no mark.
"""

from collections.abc import Sequence
from typing import NamedTuple

from linkops.db import Tx
from linkops.remote_config.documents.layers import read

# A merge is of the newest versions, or it is out of date; 0 stands for a product without a document.
_OUT_OF_DATE = """
SELECT p.product_id, p.layers FROM {parts: product_id bigint, layers text, version_id bigint} p
WHERE (p.version_id <> 0 AND NOT EXISTS (
        SELECT 1 FROM config_version v JOIN config_document d ON d.id = v.document_id AND d.version_id = v.id
        WHERE v.id = p.version_id))
    OR (p.version_id = 0 AND EXISTS (
        SELECT 1 FROM config_document d WHERE d.product_id = p.product_id AND d.scope = 'product' AND d.version > 0))
"""
_MERGES = """
SELECT product_id, layers FROM config_rendering
WHERE product_id > :product_id OR (product_id = :product_id AND layers > :layers)
ORDER BY product_id, layers LIMIT :most
"""
_FORGET = f"DELETE FROM config_rendering WHERE (product_id, layers) IN ({_OUT_OF_DATE})"  # noqa: S608 - our own text
# Pushes and links name contents, too, but not for longer than an unused one is kept.
_UNUSED = """
NOT EXISTS (SELECT 1 FROM config_version v WHERE v.content_id = c.id)
    AND NOT EXISTS (SELECT 1 FROM config_document d WHERE d.content_id = c.id)
    AND NOT EXISTS (SELECT 1 FROM config_rendering r WHERE r.content_id = c.id)
    AND NOT EXISTS (SELECT 1 FROM config_state s WHERE s.product_id = c.product_id AND s.content_id = c.id)
"""
_CONTENTS = "SELECT id FROM config_content WHERE id > :after ORDER BY id LIMIT :most"
_UNMARKED = f"""
SELECT c.id FROM {{contents: id bigint}} g CROSS JOIN config_content c
WHERE c.id = g.id AND c.unused_at IS NULL AND {_UNUSED}
"""  # noqa: S608
_MARK = f"UPDATE config_content SET unused_at = :now WHERE unused_at IS NULL AND id IN ({_UNMARKED})"  # noqa: S608
_USED_AGAIN = f"""
UPDATE config_content SET unused_at = NULL WHERE unused_at < :before AND id IN (
    SELECT c.id FROM config_content c WHERE c.unused_at < :before AND NOT ({_UNUSED}) ORDER BY c.id LIMIT :most
)
"""  # noqa: S608
# Said twice: the outer one is looked at again after waiting for somebody who kept the content meanwhile.
_DELETE = f"""
DELETE FROM config_content WHERE unused_at < :before AND id IN (
    SELECT c.id FROM config_content c WHERE c.unused_at < :before AND {_UNUSED} ORDER BY c.id LIMIT :most
)
"""  # noqa: S608


class Merge(NamedTuple):
    """What documents gave when they were merged, by the versions of theirs."""

    product_id: int
    layers: str


def merges(tx: Tx, after: Merge, most: int) -> list[Merge]:
    """Return the next ``most`` merges behind ``after``, in their order."""
    return [Merge(*row) for row in tx.all(_MERGES, product_id=after.product_id, layers=after.layers, most=most)]


def any_out_of_date(tx: Tx, found: Sequence[Merge]) -> bool:
    """Return whether one of these merges is of a version that is not the newest of its document."""
    return bool(tx.all(_OUT_OF_DATE, parts=_parts(found)))


def forget_out_of_date(tx: Tx, found: Sequence[Merge]) -> int:
    """Delete those of these merges that are out of date and return how many."""
    return tx.run(_FORGET, parts=_parts(found))


def contents(tx: Tx, after: int, most: int) -> list[int]:
    """Return the next ``most`` contents behind ``after``, in their order."""
    return [content_id for (content_id,) in tx.all(_CONTENTS, after=after, most=most)]


def any_unmarked(tx: Tx, content_ids: Sequence[int]) -> bool:
    """Return whether nothing refers to one of these contents, which is not marked."""
    return bool(tx.all(_UNMARKED, contents=[(content_id,) for content_id in content_ids]))


def mark_unused(tx: Tx, content_ids: Sequence[int], now: int) -> int:
    """Mark those of these contents that nothing refers to and return how many; an older mark stays."""
    return tx.run(_MARK, contents=[(content_id,) for content_id in content_ids], now=now)


def delete_unused(tx: Tx, before: int, most: int) -> int:
    """Delete up to ``most`` contents that were unused before ``before``, and are, and return how many."""
    tx.run(_USED_AGAIN, before=before, most=most)
    return tx.run(_DELETE, before=before, most=most)


def _parts(found: Sequence[Merge]) -> list[tuple[int, str, int]]:
    return [(each.product_id, each.layers, version_id) for each in found for version_id in read(each.layers)]
