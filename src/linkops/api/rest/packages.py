"""Packages."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.idempotency import OnceOnly
from linkops.api.paging import CountedPageOf, Place, Shown, counted
from linkops.api.services import Called
from linkops.ota.model import DEFAULT_MODULE, SignMethod
from linkops.ota.packages.service import NewPackage, PackageFilter
from linkops.ota.paging import Order

router = APIRouter(prefix="/api/v1/ota/packages", tags=["packages"])
PackageId = Annotated[int, Path(alias="id", ge=1, le=2**62)]
Word = Annotated[str, Field(max_length=64)]


class FileShown(Shown):
    """One file of a package."""

    id: int
    file_name: str
    size_bytes: int
    md5: str
    sha256: str


class PackageShown(Shown):
    """What devices download."""

    id: int
    product_key: str
    module: str
    name: str
    version: str
    sign_method: SignMethod
    description: str
    custom_info: str
    created_by: str
    created_at: int
    updated_at: int
    files: list[FileShown]


class PackageToCreate(BaseModel):
    """A package that is to be."""

    product_key: Word
    name: Word
    version: Word
    upload_id: Word = Field(description="Of a stored file.")
    module: Word = DEFAULT_MODULE
    sign_method: SignMethod = Field(SignMethod.SHA256, description="Which digest devices compare.")
    description: str = Field("", max_length=100)
    custom_info: str = Field("", max_length=4_096, description="Handed to devices as it is.")


class PackageChange(BaseModel):
    """What is to be another; what is absent stays."""

    name: Word | None = None
    description: str | None = Field(None, max_length=100)
    custom_info: str | None = Field(None, max_length=4_096)


class PackagesAsked(BaseModel):
    """Which packages; what is absent is left open."""

    model_config = ConfigDict(extra="forbid")

    product_key: Word | None = None
    module: Word | None = None
    version: Word | None = None
    name_prefix: Word | None = None
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


@router.post("", status_code=201, response_model=PackageShown)
async def create_package(new: PackageToCreate, actor: Operator, services: Called, once: OnceOnly) -> Response:
    """Make a package of a stored file."""

    async def create() -> PackageShown:
        wanted = NewPackage(**new.model_dump())
        return PackageShown.model_validate(await services.ota.packages.create(actor, wanted))

    return await once(actor, create)


@router.get("/{id}")
async def get_package(package_id: PackageId, actor: Viewer, services: Called) -> PackageShown:
    """Show a package."""
    return PackageShown.model_validate(await services.ota.packages.get(actor, package_id))


@router.patch("/{id}")
async def edit_package(package_id: PackageId, change: PackageChange, actor: Operator, services: Called) -> PackageShown:
    """Change a package's name, description or custom info; files and version stay."""
    package = await services.ota.packages.edit(
        actor, package_id, name=change.name, description=change.description, custom_info=change.custom_info
    )
    return PackageShown.model_validate(package)


@router.delete("/{id}", status_code=204)
async def delete_package(package_id: PackageId, actor: Operator, services: Called) -> None:
    """Delete a package and its files, for good. It must have no running job; the history of its jobs stays."""
    await services.ota.packages.delete(actor, package_id)
