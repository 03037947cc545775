"""Packages."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.idempotency import OnceOnly
from linkops.api.paging import CountedPageOf, Place, Shown, counted
from linkops.api.services import Called
from linkops.errors import Invalid
from linkops.ota.diffs.model import Compression
from linkops.ota.model import DEFAULT_MODULE, PackageKind, PackageStatus, SignMethod
from linkops.ota.packages.creating import NewFile, NewPackage
from linkops.ota.packages.service import PackageFilter
from linkops.ota.paging import Order

router = APIRouter(prefix="/api/v1/ota/packages", tags=["packages"])
PackageId = Annotated[int, Path(alias="id", ge=1, le=2**62)]
Word = Annotated[str, Field(max_length=64)]
Versions = Annotated[list[Word], Field(max_length=20)]


class FileShown(Shown):
    """One file of a package."""

    id: int
    file_name: str
    size_bytes: int
    md5: str
    sha256: str
    digestsign: str = Field(description="The publisher's signature, RSA over SHA-256 in base64; empty: not signed.")
    signed_by: str = Field(description="Fingerprint of the key that signed it.")


class PackageShown(Shown):
    """What devices download."""

    id: int
    product_key: str
    module: str
    name: str
    kind: PackageKind
    source_version: str = Field(description="Of a diff: the only version that it can be applied to.")
    version: str
    sign_method: SignMethod
    status: PackageStatus = Field(description="Whether it was verified before it may go to many devices.")
    required_versions: list[str] = Field(description="Devices must run one of these to be offered it; empty: any.")
    description: str
    custom_info: str
    patch_format: str = Field(description="Of a diff that LinkOps made.")
    whole_size_bytes: int | None = Field(description="Of the image that such a diff yields.")
    whole_sha256: str
    saved_percent: float | None = Field(description="How much less devices download than that.")
    created_by: str
    created_at: int
    updated_at: int
    files: list[FileShown]


class PackageMade(PackageShown):
    """A package that was made."""

    diff_id: int | None = Field(None, description="Of the differential package that is being made of it.")


class FileToUse(BaseModel):
    """A stored file that becomes part of a package."""

    upload_id: Word
    file_name: str = Field("", max_length=128, description="What devices are told; empty: the name of the upload.")


class PackageToCreate(BaseModel):
    """A package that is to be."""

    product_key: Word
    name: Word
    version: Word
    upload_id: Word | None = Field(None, description="Of the stored file, where there is only one.")
    files: list[FileToUse] = Field([], max_length=20, description="Stored files, in place of `upload_id`.")
    module: Word = DEFAULT_MODULE
    kind: PackageKind = PackageKind.FULL
    source_version: Word = Field("", description="Of a diff: the only version that it can be applied to.")
    sign_method: SignMethod = Field(SignMethod.SHA256, description="Which digest devices compare.")
    needs_verification: bool = Field(False, description="Only a verified package may go to many devices.")
    required_versions: Versions = Field([], description="Devices must run one of these to be offered it.")
    description: str = Field("", max_length=100)
    custom_info: str = Field("", max_length=4_096, description="Handed to devices as it is.")
    diff_from: int | None = Field(
        None, ge=1, description="A whole package: also make a diff that brings devices from there to the new one."
    )
    compression: Compression = Field(Compression.HEATSHRINK, description="Of that diff.")

    def wanted(self) -> NewPackage:
        """Return what is asked for.

        Raises:
            Invalid: the files are named twice.
        """
        if self.upload_id is not None and self.files:
            raise Invalid("package.files_named_twice", field="upload_id")
        files = (NewFile(self.upload_id),) if self.upload_id else tuple(NewFile(**f.model_dump()) for f in self.files)
        rest = self.model_dump(exclude={"upload_id", "files", "required_versions"})
        return NewPackage(**rest, files=files, required_versions=tuple(self.required_versions))


class PackageChange(BaseModel):
    """What is to be another; what is absent stays."""

    name: Word | None = None
    description: str | None = Field(None, max_length=100)
    custom_info: str | None = Field(None, max_length=4_096)
    required_versions: Versions | None = None


class PackagesAsked(BaseModel):
    """Which packages; what is absent is left open."""

    model_config = ConfigDict(extra="forbid")

    product_key: Word | None = None
    module: Word | None = None
    version: Word | None = None
    name_prefix: Word | None = None
    kind: PackageKind | None = None
    status: PackageStatus | None = None
    order: Order = Order.NEWEST
    cursor: Place | None = None
    limit: int = Field(50, ge=1, le=200)

    def filter(self) -> PackageFilter:
        """Return the filter."""
        return PackageFilter(**self.model_dump(exclude={"order", "cursor", "limit"}))


@router.get("")
async def list_packages(
    actor: Viewer, services: Called, asked: Annotated[PackagesAsked, Query()]
) -> CountedPageOf[PackageShown]:
    """List packages."""
    page = await services.ota.packages.page(
        actor, asked.filter(), order=asked.order, cursor=asked.cursor, limit=asked.limit
    )
    return counted(page, PackageShown)


@router.post("", status_code=201, response_model=PackageMade)
async def create_package(new: PackageToCreate, actor: Operator, services: Called, once: OnceOnly) -> Response:
    """Make a package of stored files, signed if its product signs."""

    async def create() -> PackageMade:
        made = await services.ota.packages.create_with_diff(actor, new.wanted())
        return PackageMade.model_validate(made.package).model_copy(update={"diff_id": made.diff_id})

    return await once(actor, create)


@router.get("/{id}")
async def get_package(package_id: PackageId, actor: Viewer, services: Called) -> PackageShown:
    """Show a package."""
    return PackageShown.model_validate(await services.ota.packages.get(actor, package_id))


@router.patch("/{id}")
async def edit_package(package_id: PackageId, change: PackageChange, actor: Operator, services: Called) -> PackageShown:
    """Change a package's name, description, custom info or required versions; files and version stay."""
    return PackageShown.model_validate(await services.ota.packages.edit(actor, package_id, **change.model_dump()))


@router.post("/{id}/sign")
async def sign_package(package_id: PackageId, actor: Operator, services: Called) -> PackageShown:
    """Sign a package again, with the key that its product has now."""
    return PackageShown.model_validate(await services.ota.packages.sign(actor, package_id))


@router.delete("/{id}", status_code=204)
async def delete_package(package_id: PackageId, actor: Operator, services: Called) -> None:
    """Delete a package and its files, for good. It must have no running job; the history of its jobs stays."""
    await services.ota.packages.delete(actor, package_id)
