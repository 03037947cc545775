"""SQL of groups; their members are in `members.store`."""

from collections.abc import Collection
from typing import NamedTuple

from linkops.db import Row, Tx
from linkops.db.patterns import containing, contains
from linkops.devices.groups.model import PATH_SEPARATOR, Group, GroupKind
from linkops.devices.groups.query import read_query

# A group, with the ones above it: the upper one, and the top one above that.
_GROUPS = """
SELECT g.id, g.parent_id, g.product_id, pr.product_key, t.name AS top, u.name AS upper, g.name, g.description, g.kind,
    g.query, g.level, (SELECT count(*) FROM device_group s WHERE s.parent_id = g.id) AS sub_groups, g.created_by,
    g.created_at, g.updated_at, coalesce(g.product_id, 0) AS scope, coalesce(t.name, u.name, g.name) AS first,
    CASE g.level WHEN 1 THEN '' WHEN 2 THEN g.name ELSE u.name END AS second,
    CASE g.level WHEN 3 THEN g.name ELSE '' END AS third
FROM device_group g
LEFT JOIN product pr ON pr.id = g.product_id
LEFT JOIN device_group u ON u.id = g.parent_id
LEFT JOIN device_group t ON t.id = u.parent_id
"""
_PATH = f"coalesce(n.top || '{PATH_SEPARATOR}', '') || coalesce(n.upper || '{PATH_SEPARATOR}', '') || n.name"
_PLACE = "n.scope, n.first, n.second, n.third"
_BY_ID = _GROUPS + "WHERE g.id = :id"
_OF_DEVICE = f"""
SELECT * FROM ({_GROUPS}
    WHERE g.id IN (SELECT m.group_id FROM device_group_member m WHERE m.device_id = :device_id)
) n ORDER BY {_PLACE} LIMIT :most
"""  # noqa: S608 - our own columns
_TREE = """
WITH RECURSIVE tree (id) AS (
    SELECT g.id FROM device_group g WHERE g.id = :id
    UNION ALL SELECT g.id FROM device_group g JOIN tree ON g.parent_id = tree.id
) SELECT id FROM tree
"""
_ADD = """
INSERT INTO device_group (parent_id, product_id, name, description, kind, query, level, created_by, created_at,
    updated_at)
VALUES (:parent_id, :product_id, :name, :description, :kind, :query, :level, :created_by, :now, :now)
RETURNING id
"""
_EDIT = """
UPDATE device_group SET name = :name, description = :description, query = :query, updated_at = :now WHERE id = :id
"""
_DELETE = "DELETE FROM device_group WHERE id = :id"
_COUNT = "SELECT count(*) FROM device_group WHERE coalesce(product_id, 0) = :scope"


class GroupToAdd(NamedTuple):
    """The columns of a group to be."""

    parent_id: int | None
    product_id: int | None
    name: str
    description: str
    kind: GroupKind
    query: str
    level: int
    created_by: str


class GroupFilter(NamedTuple):
    """Which groups.

    Attributes:
        product_ids: of these products; None: of all, and over all.
        kind: None: both.
        containing: a part of what `path_text` makes of the path.
    """

    product_ids: Collection[int] | None
    kind: GroupKind | None = None
    containing: str = ""


class Place(NamedTuple):
    """Where a group stands in the list: of which product, and the names from the top."""

    scope: int
    first: str
    second: str
    third: str


def by_id(tx: Tx, group_id: int) -> Group | None:
    """Return the group with this id."""
    row = tx.one(_BY_ID, id=group_id)
    return None if row is None else _group(row)


def with_sub_groups(tx: Tx, group_id: int) -> list[int]:
    """Return a group's id and those of all groups below it."""
    return [row[0] for row in tx.all(_TREE, id=group_id)]


def of_device(tx: Tx, device_id: int, most: int) -> list[Group]:
    """Return up to ``most`` static groups that a device was put into."""
    return [_group(row) for row in tx.all(_OF_DEVICE, device_id=device_id, most=most)]


def add(tx: Tx, group: GroupToAdd, now: int) -> int:
    """Insert a group and return its id; its name must be unique among those beside it."""
    return int(tx.scalar(_ADD, **group._asdict(), now=now))


def edit(tx: Tx, group_id: int, name: str, description: str, query: str, now: int) -> None:
    """Change what can be changed of a group."""
    tx.run(_EDIT, id=group_id, name=name, description=description, query=query, now=now)


def delete(tx: Tx, group_id: int) -> None:
    """Delete a group that has none below it."""
    tx.run(_DELETE, id=group_id)


def count_beside(tx: Tx, product_id: int | None) -> int:
    """Return how many groups a product has, or how many are over all products."""
    return int(tx.scalar(_COUNT, scope=product_id or 0))


def some(tx: Tx, wanted: GroupFilter, after: Place | None, most: int) -> list[tuple[Group, Place]]:
    """Return up to ``most`` groups behind a place, each followed by those below it, by name."""
    where, params = _filtered(wanted)
    if after is not None:
        where = f"{where} AND ({_PLACE}) > (:scope, :first, :second, :third)"
        params |= after._asdict()
    sql = f"SELECT * FROM ({_GROUPS}) n WHERE {where} ORDER BY {_PLACE} LIMIT :most"  # noqa: S608 - fixed parts
    return [(_group(row), Place(*row[-4:])) for row in tx.all(sql, **params, most=most)]


def count(tx: Tx, wanted: GroupFilter, most: int) -> int:
    """Return how many there are, counting no further than ``most``."""
    where, params = _filtered(wanted)
    sql = f"SELECT count(*) FROM (SELECT 1 FROM ({_GROUPS}) n WHERE {where} LIMIT :most) c"  # noqa: S608 - fixed parts
    return int(tx.scalar(sql, **params, most=most))


def _filtered(wanted: GroupFilter) -> tuple[str, dict[str, object]]:
    conditions, params = ["1 = 1"], dict[str, object]()
    if wanted.product_ids is not None:
        conditions.append("n.product_id IN (SELECT v.id FROM {products: id bigint} v)")
        params["products"] = [(product_id,) for product_id in wanted.product_ids]
    if wanted.kind is not None:
        conditions.append("n.kind = :kind")
        params["kind"] = wanted.kind
    if wanted.containing:
        conditions.append(contains(_PATH, "pattern"))
        params["pattern"] = containing(wanted.containing)
    return " AND ".join(conditions), params


def _group(row: Row) -> Group:
    return Group(
        id=row[0],
        parent_id=row[1],
        product_id=row[2],
        product_key=row[3],
        path=tuple(name for name in row[4:7] if name is not None),
        description=row[7],
        kind=GroupKind(row[8]),
        query=read_query(row[9]),
        level=row[10],
        sub_groups=row[11],
        created_by=row[12],
        created_at=row[13],
        updated_at=row[14],
    )
