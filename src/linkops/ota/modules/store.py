"""SQL of modules. The default module has no row."""

from linkops.db import Tx
from linkops.ota.model import Module

_ALL = """
SELECT name, alias, description, created_at, updated_at FROM ota_module
WHERE product_id = :product_id ORDER BY folded_name
"""
_ONE = """
SELECT name, alias, description, created_at, updated_at FROM ota_module
WHERE product_id = :product_id AND folded_name = :folded
"""
_ADD = """
INSERT INTO ota_module (product_id, folded_name, name, alias, description, created_at, updated_at)
VALUES (:product_id, :folded, :name, :alias, :description, :now, :now)
"""
_EDIT = """
UPDATE ota_module SET alias = :alias, description = :description, updated_at = :now
WHERE product_id = :product_id AND folded_name = :folded
"""
_DELETE = "DELETE FROM ota_module WHERE product_id = :product_id AND folded_name = :folded"


def modules(tx: Tx, product_id: int) -> list[Module]:
    """Return the modules of a product by name, without the default one."""
    return [Module(*row) for row in tx.all(_ALL, product_id=product_id)]


def module(tx: Tx, product_id: int, name: str) -> Module | None:
    """Return a module, whatever the case of ``name``."""
    row = tx.one(_ONE, product_id=product_id, folded=name.lower())
    return None if row is None else Module(*row)


def add(tx: Tx, product_id: int, added: Module) -> None:
    """Insert a module."""
    tx.run(
        _ADD,
        product_id=product_id,
        folded=added.name.lower(),
        name=added.name,
        alias=added.alias,
        description=added.description,
        now=added.created_at,
    )


def edit(tx: Tx, product_id: int, edited: Module) -> None:
    """Replace what may change."""
    tx.run(
        _EDIT,
        product_id=product_id,
        folded=edited.name.lower(),
        alias=edited.alias,
        description=edited.description,
        now=edited.updated_at,
    )


def delete(tx: Tx, product_id: int, name: str) -> None:
    """Delete a module."""
    tx.run(_DELETE, product_id=product_id, folded=name.lower())
