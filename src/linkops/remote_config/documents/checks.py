"""What a document is checked against: the schema, and the documents that it is merged with.

That takes up to seconds, so it happens outside of the unit that saves; the unit looks whether the `Basis` still holds.
"""

import asyncio
from typing import NamedTuple

from linkops.db import Tx
from linkops.errors import Invalid
from linkops.remote_config.documents import store
from linkops.remote_config.documents.contents.store import content as content_of
from linkops.remote_config.documents.model import MAX_BYTES, Scope
from linkops.remote_config.documents.rules import merged_with
from linkops.remote_config.documents.schemas.process import SchemaChecks
from linkops.remote_config.documents.schemas.verdict import Order, Verdict, Violation
from linkops.remote_config.documents.store import Place

_LARGEST = 50
"""Narrower documents with which a new one of the product is merged, to see that the result is not too large."""


class Basis(NamedTuple):
    """What a document is checked against, and the versions that these are.

    Attributes:
        product: the product's document; None: there is none.
        schema: None: there is none.
        narrower: by whose they are, those that a document of the product may be too large with.
    """

    product_version_id: int
    schema_version_id: int
    product: bytes | None
    schema: bytes | None
    narrower: dict[str, bytes]


class BasisChanged(Exception):  # noqa: N818 - says what is the case
    """Somebody saved what the check was made against; it is made again."""


def read_basis(tx: Tx, place: Place, content: bytes) -> Basis:
    """Return what ``content`` is to be checked against for this place."""
    product, schema = (_state(tx, place.product_id, scope) for scope in (Scope.PRODUCT, Scope.SCHEMA))
    return Basis(
        0 if product is None else product.version_id,
        0 if schema is None else schema.version_id,
        _content(tx, product),
        _content(tx, schema),
        _narrower(tx, place.product_id, content) if place.scope is Scope.PRODUCT else {},
    )


def require_basis(tx: Tx, place: Place, basis: Basis) -> None:
    """Do nothing while the basis holds; it does so until the unit ends.

    Raises:
        BasisChanged: it does not any more.
    """
    # All who save something of a product wait here for each other.
    product = store.lock(tx, Place(place.product_id, Scope.PRODUCT, None, None))
    schema = _state(tx, place.product_id, Scope.SCHEMA)
    if (product.version_id, 0 if schema is None else schema.version_id) != basis[:2]:
        raise BasisChanged


class Checks:
    """Checks of documents against what they stand beside."""

    def __init__(self) -> None:
        self._schemas = SchemaChecks()

    async def run(self, scope: Scope, content: bytes, basis: Basis) -> tuple[Violation, ...]:
        """Return, of a schema, what in the product's document it does not allow; of all else nothing.

        Raises:
            Invalid: the schema is none or takes too long; or the document breaks it or is too large once it is merged.
        """
        if scope is Scope.SCHEMA:
            return tuple((await self._judge(content, basis.product)).violations)
        whole = await asyncio.to_thread(_merged, scope, content, basis)
        if basis.schema is not None:
            verdict = await self._judge(basis.schema, whole)
            if verdict.violations:
                raise _broken(verdict.violations)
        return ()

    async def _judge(self, schema: bytes, document: bytes | None) -> Verdict:
        verdict = await self._schemas.judge(Order(schema.decode(), None if document is None else document.decode()))
        if verdict.endless:
            raise Invalid("config.schema_endless", field="content")
        if verdict.fault is not None:
            fault = verdict.fault
            raise Invalid("config.schema_invalid", field="content", pointer=fault.pointer, reason=fault.message)
        return verdict


def _broken(violations: list[Violation]) -> Invalid:
    first = violations[0]
    return Invalid(
        "config.schema_broken",
        field="content",
        pointer=first.pointer,
        reason=first.message,
        violations=violations,
    )


def _merged(scope: Scope, content: bytes, basis: Basis) -> bytes:
    """Return what the schema is about: the product's document, or a narrower one merged with it."""
    if scope is not Scope.PRODUCT:
        return merged_with(basis.product, content, Scope.PRODUCT)
    for about, narrower in basis.narrower.items():
        merged_with(content, narrower, about)
    return content


def _state(tx: Tx, product_id: int, scope: Scope) -> store.State | None:
    return store.find(tx, Place(product_id, scope, None, None))


def _content(tx: Tx, state: store.State | None) -> bytes | None:
    return None if state is None or state.content_id is None else content_of(tx, state.content_id)


def _narrower(tx: Tx, product_id: int, content: bytes) -> dict[str, bytes]:
    # What documents give together is never larger than their sum.
    large = store.largest(tx, product_id, MAX_BYTES - len(content), _LARGEST)
    return {one.owner: content_of(tx, one.content_id) for one in large}
