"""SQL of products."""

from collections.abc import Collection
from typing import NamedTuple

from linkops.db import Row, Tx
from linkops.db.patterns import containing, contains
from linkops.devices.model import AuthType, NodeType, Product

_COLUMNS = (
    "p.id, p.product_key, p.name, p.description, p.node_type, p.auth_type, p.created_at, p.updated_at, "
    "p.registration, p.listed_only"
)

_ADD = """
INSERT INTO product (product_key, name, description, node_type, auth_type, secret_sealed, created_at, updated_at)
VALUES (:product_key, :name, :description, :node_type, :auth_type, :secret_sealed, :now, :now)
RETURNING id
"""
_BY_KEY = f"SELECT {_COLUMNS} FROM product p WHERE p.product_key = :product_key"  # noqa: S608 - our own columns
_SECRET = "SELECT secret_sealed FROM product WHERE id = :id"  # noqa: S105 - a statement
_SET_SECRET = "UPDATE product SET secret_sealed = :secret_sealed, updated_at = :now WHERE id = :id"  # noqa: S105
_EDIT = "UPDATE product SET name = :name, description = :description, updated_at = :now WHERE id = :id"
_DELETE = "DELETE FROM product WHERE id = :id"
_VISIBLE = "p.id IN (SELECT v.id FROM {visible: id bigint} v)"
_CONTAINS = f"({contains('p.name', 'pattern')} OR {contains('p.product_key', 'pattern')})"
_COUNTS = """
SELECT (SELECT count(*) FROM device d WHERE d.product_id = :id),
       (SELECT count(*) FROM device d WHERE d.product_id = :id AND d.online = 1)
"""


class NewProduct(NamedTuple):
    """The columns of a product to be."""

    product_key: str
    name: str
    description: str
    node_type: NodeType
    auth_type: AuthType
    secret_sealed: str


class Wanted(NamedTuple):
    """Which products.

    Attributes:
        visible: of these; None: of all.
        prefix: how the name begins.
        containing: a part of the name or of the key.
        node_type: None: of any.
    """

    visible: Collection[int] | None
    prefix: str = ""
    containing: str = ""
    node_type: NodeType | None = None


def add(tx: Tx, product: NewProduct, now: int) -> int:
    """Insert a product and return its id; its key and its name must be unique."""
    return int(tx.scalar(_ADD, **product._asdict(), now=now))


def by_key(tx: Tx, product_key: str) -> Product | None:
    """Return the product with this key."""
    row = tx.one(_BY_KEY, product_key=product_key)
    return None if row is None else _product(row)


def secret_sealed(tx: Tx, product_id: int) -> str:
    """Return the secret of a product that exists, sealed."""
    return str(tx.scalar(_SECRET, id=product_id))


def set_secret(tx: Tx, product_id: int, sealed: str, now: int) -> None:
    """Replace the secret of a product."""
    tx.run(_SET_SECRET, id=product_id, secret_sealed=sealed, now=now)


def edit(tx: Tx, product_id: int, name: str, description: str, now: int) -> None:
    """Change what people call it."""
    tx.run(_EDIT, id=product_id, name=name, description=description, now=now)


def delete(tx: Tx, product_id: int) -> None:
    """Delete a product that nothing points at."""
    tx.run(_DELETE, id=product_id)


def counts(tx: Tx, product_id: int) -> tuple[int, int]:
    """Return how many devices a product has, and how many of them are online."""
    devices, online = tx.all(_COUNTS, id=product_id)[0]
    return devices, online


def some(tx: Tx, wanted: Wanted, after: str, most: int) -> list[Product]:
    """Return up to ``most`` products whose names come behind ``after``, by name."""
    where, params = _filtered(wanted)
    sql = f"SELECT {_COLUMNS} FROM product p WHERE {where} AND p.name > :after ORDER BY p.name LIMIT :most"  # noqa: S608 - fixed parts
    return [_product(row) for row in tx.all(sql, **params, after=after, most=most)]


def count(tx: Tx, wanted: Wanted, most: int) -> int:
    """Return how many there are, counting no further than ``most``."""
    where, params = _filtered(wanted)
    sql = f"SELECT count(*) FROM (SELECT 1 FROM product p WHERE {where} LIMIT :most) c"  # noqa: S608 - fixed parts
    return int(tx.scalar(sql, **params, most=most))


def _filtered(wanted: Wanted) -> tuple[str, dict[str, object]]:
    conditions = ["p.name >= :prefix", "p.name < :beyond"]
    params: dict[str, object] = {"prefix": wanted.prefix, "beyond": wanted.prefix + "\U0010ffff"}
    if wanted.containing:
        conditions.append(_CONTAINS)
        params["pattern"] = containing(wanted.containing)
    if wanted.node_type is not None:
        conditions.append("p.node_type = :node_type")
        params["node_type"] = wanted.node_type
    if wanted.visible is not None:
        conditions.append(_VISIBLE)
        params["visible"] = [(product_id,) for product_id in wanted.visible]
    return " AND ".join(conditions), params


def _product(row: Row) -> Product:
    return Product(
        id=row[0],
        product_key=row[1],
        name=row[2],
        description=row[3],
        node_type=NodeType(row[4]),
        auth_type=AuthType(row[5]),
        created_at=row[6],
        updated_at=row[7],
        registration=bool(row[8]),
        listed_only=bool(row[9]),
    )
