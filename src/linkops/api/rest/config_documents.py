"""Configuration documents: of a product, of groups, of single devices, and the schema. All have the same routes."""

from typing import Any, NamedTuple

from fastapi import APIRouter, Depends

from linkops.api.auth import Operator, Viewer
from linkops.api.paging import NEWEST, Cursor, Limit, PageOf, next_after, number_in
from linkops.api.rest.config_shown import (
    BaseVersion,
    Comment,
    ComparisonShown,
    DocumentShown,
    DraftToSave,
    SavedShown,
    VersionNumber,
    VersionShown,
    VersionToCompare,
    VersionToRestore,
    VersionWithContent,
)
from linkops.api.rest.devices import DeviceName
from linkops.api.rest.groups import GroupId
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called
from linkops.remote_config.documents.model import Draft, Scope, Target

router = APIRouter(prefix="/api/v1/products/{product_key}/configuration", tags=["remote configuration"])


class _Place(NamedTuple):
    """Where documents of a kind are found in the API, what they are called, and what finds the one of a request."""

    path: str
    what: str
    target: Any


def _of_product(product_key: ProductKey) -> Target:
    return Target(product_key, Scope.PRODUCT)


def _of_group(product_key: ProductKey, group_id: GroupId) -> Target:
    return Target(product_key, Scope.GROUP, group_id=group_id)


def _of_device(product_key: ProductKey, device_name: DeviceName) -> Target:
    return Target(product_key, Scope.DEVICE, device_name=device_name)


def _of_schema(product_key: ProductKey) -> Target:
    return Target(product_key, Scope.SCHEMA)


_PRODUCT = _Place("/document", "a product's document", Depends(_of_product))
# The product's document stays: what is to end there is the product's remote configuration.
_REMOVABLE = (
    _Place("/groups/{id}", "a group's document", Depends(_of_group)),
    _Place("/devices/{device_name}", "a device's document", Depends(_of_device)),
    _Place("/schema", "a product's schema", Depends(_of_schema)),
)


def _add_looking(place: _Place) -> None:
    @router.get(place.path, summary=f"Show {place.what}")
    async def show(actor: Viewer, services: Called, target: Target = place.target) -> DocumentShown:
        """Return the document, byte for byte, and its newest versions."""
        return DocumentShown.model_validate(await services.remote_config.documents.get(actor, target))

    @router.get(f"{place.path}/versions/{{number}}", summary=f"Show a version of {place.what}")
    async def show_version(
        number: VersionNumber, actor: Viewer, services: Called, target: Target = place.target
    ) -> VersionWithContent:
        """Return a version with its content, byte for byte, as an editor needs it."""
        version, content = await services.remote_config.documents.version(actor, target, number)
        return VersionWithContent(**VersionShown.model_validate(version).model_dump(), content=content)


def _add_comparing(place: _Place) -> None:
    @router.get(f"{place.path}/versions", summary=f"List the versions of {place.what}")
    async def list_versions(
        actor: Viewer,
        services: Called,
        cursor: Cursor = None,
        limit: Limit = 50,
        target: Target = place.target,
    ) -> PageOf[VersionShown]:
        """List all versions, the newest first."""
        before = number_in(cursor, NEWEST)
        found = await services.remote_config.documents.versions(actor, target, before, limit)
        items = [VersionShown.model_validate(version) for version in found]
        return PageOf(items=items, next=next_after(found, limit, lambda version: version.number))

    @router.get(f"{place.path}/diff", summary=f"Compare two versions of {place.what}")
    async def compare(
        older: VersionToCompare,
        newer: VersionToCompare,
        actor: Viewer,
        services: Called,
        target: Target = place.target,
    ) -> ComparisonShown:
        """Return what differs, line by line and value by value."""
        return ComparisonShown.of(await services.remote_config.documents.compare(actor, target, older, newer))


def _add_changing(place: _Place) -> None:
    @router.put(place.path, summary=f"Save {place.what}")
    async def save(draft: DraftToSave, actor: Operator, services: Called, target: Target = place.target) -> SavedShown:
        """Save a version, unless the newest is not the one that the draft was made from, or is the same already."""
        wanted = Draft(draft.content, draft.base_version, draft.comment, draft.priority)
        return SavedShown.of(await services.remote_config.editing.save(actor, target, wanted))

    @router.post(f"{place.path}/restore", summary=f"Restore {place.what}")
    async def restore(
        wanted: VersionToRestore, actor: Operator, services: Called, target: Target = place.target
    ) -> SavedShown:
        """Save the content of an earlier version again, byte for byte."""
        editing = services.remote_config.editing
        return SavedShown.of(await editing.restore(actor, target, wanted.version, wanted.base_version, wanted.comment))


def _add_removing(place: _Place) -> None:
    @router.delete(place.path, summary=f"Remove {place.what}")
    async def remove(
        base_version: BaseVersion,
        actor: Operator,
        services: Called,
        comment: Comment = "",
        target: Target = place.target,
    ) -> SavedShown:
        """Let the document apply no more, as a version of its own: it can be restored."""
        return SavedShown.of(await services.remote_config.editing.remove(actor, target, base_version, comment))


for _place in (_PRODUCT, *_REMOVABLE):
    for _add in (_add_looking, _add_comparing, _add_changing):
        _add(_place)
for _place in _REMOVABLE:
    _add_removing(_place)
