"""Configuration documents as the API shows them."""

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, Field

from linkops.api.paging import Shown
from linkops.remote_config.documents.diff import Change, Kind
from linkops.remote_config.documents.model import Comparison, Saved
from linkops.remote_config.documents.values import canonical, plain

_MOST = 2**31 - 1
VersionNumber = Annotated[int, Path(alias="number", ge=1, le=_MOST)]
VersionToCompare = Annotated[int, Query(ge=1, le=_MOST)]
BaseVersion = Annotated[int, Query(ge=0, le=_MOST, description="The newest version, as you know it.")]
Comment = Annotated[str, Query(max_length=200, description="For people.")]


class VersionShown(Shown):
    """A document as somebody saved it."""

    id: int = Field(description="Of a product's document: the `configId` that devices are told.")
    number: int
    removed: bool = Field(description="From here on the document did not apply any more.")
    size_bytes: int
    sha256: str
    priority: int = Field(description="Of a group's document: the higher one is laid over the lower one.")
    restored_from: int | None
    comment: str
    created_by: str
    created_at: int


class VersionWithContent(VersionShown):
    """A version and its content."""

    content: str | None = Field(description="Null: the document was removed.")


class DocumentShown(Shown):
    """A document and its newest versions."""

    version: VersionShown | None = Field(description="Null: nobody ever saved one.")
    content: str | None = Field(description="As typed; null: there is none, or it was removed.")
    recent: list[VersionShown] = Field(description="The last five, the newest first.")


class DraftToSave(BaseModel):
    """A document that is to be saved."""

    content: str = Field(description="A JSON object of at most 65,536 bytes; kept byte for byte.")
    base_version: int = Field(ge=0, le=_MOST, description="The version that it was made from; 0: there was none.")
    comment: str = Field("", max_length=200)
    priority: int | None = Field(None, ge=0, le=1_000, description="Of a group's document; null: as it is.")


class VersionToRestore(BaseModel):
    """A version whose content is to be saved again."""

    version: int = Field(ge=1, le=_MOST)
    base_version: int = Field(ge=0, le=_MOST, description="The newest version, as you know it.")
    comment: str = Field("", max_length=200)


class ViolationShown(Shown):
    """Something that the schema does not allow."""

    pointer: str = Field(description="Where it stands (RFC 6901); empty: the whole document.")
    keyword: str
    message: str


class SavedShown(BaseModel):
    """The newest version after a save."""

    version: VersionShown
    made: bool = Field(description="False: the newest version was the same already.")
    violations: list[ViolationShown] = Field(
        description="Of a schema: what it does not allow in the product's document as it is."
    )

    @classmethod
    def of(cls, saved: Saved) -> "SavedShown":
        """Return what is shown of a save."""
        violations = [ViolationShown.model_validate(violation) for violation in saved.violations]
        return cls(version=VersionShown.model_validate(saved.version), made=saved.made, violations=violations)


class ChangeShown(BaseModel):
    """A value that differs."""

    path: str = Field(description="Where it stands, as a JSON pointer (RFC 6901).")
    kind: Kind
    old: Any = Field(description="Null if it was added.")
    new: Any = Field(description="Null if it was removed.")

    @classmethod
    def of(cls, change: Change) -> "ChangeShown":
        """Return what is shown of a change."""
        old, new = (plain(canonical(value)) for value in (change.old, change.new))
        return cls(path=change.path, kind=change.kind, old=old, new=new)


class ComparisonShown(BaseModel):
    """What differs between two versions."""

    older: VersionShown
    newer: VersionShown
    unified: str = Field(description="Line by line, as `diff -u` writes it.")
    changes: list[ChangeShown] = Field(description="Value by value, the first 1,000.")
    more: bool = Field(description="Whether there are more changes.")

    @classmethod
    def of(cls, found: Comparison) -> "ComparisonShown":
        """Return what is shown of a comparison."""
        return cls(
            older=VersionShown.model_validate(found.older),
            newer=VersionShown.model_validate(found.newer),
            unified=found.unified,
            changes=[ChangeShown.of(change) for change in found.changes.items],
            more=found.changes.more,
        )
