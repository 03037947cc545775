"""Files that devices uploaded."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.attachments import ATTACHMENT, Attachment, Sends
from linkops.api.auth import Operator, Viewer
from linkops.api.paging import CountedPageOf, Place
from linkops.api.rest.devices import Word
from linkops.api.services import Called
from linkops.devices.files.model import DeviceFile, FileFilter, FileOrder
from linkops.devices.files.service import MAX_FILES_NAMED

router = APIRouter(prefix="/api/v1/device-files", tags=["device files"])
FileId = Annotated[int, Path(alias="id", ge=1, le=2**62)]
Moment = Annotated[int, Field(ge=0, le=2**53)]


class FileShown(BaseModel):
    """A file that a device uploaded."""

    id: int
    product_key: str
    device_name: str
    file_name: str
    size_bytes: int
    crc64: str = Field(description="CRC-64/XZ, hexadecimal.")
    sha256: str
    checked: bool = Field(description="Whether the device told the check sum before, and it was this one.")
    created_at: int = Field(description="When it was complete.")

    @classmethod
    def of(cls, file: DeviceFile) -> "FileShown":
        """Return what is shown of a file."""
        shown = {name: getattr(file, name, None) for name in cls.model_fields}
        return cls.model_validate({**shown, **file.key._asdict()})


class FilesAsked(BaseModel):
    """Which files, in which order; what is absent is left open."""

    model_config = ConfigDict(extra="forbid")

    product_key: Word | None = None
    device_name: Word | None = Field(None, description="With `product_key`.")
    name_prefix: Word = Field("", description="How the file's name begins.")
    since: Moment | None = Field(None, description="Unix milliseconds, inclusive.")
    until: Moment | None = Field(None, description="Unix milliseconds, exclusive.")
    order: FileOrder = FileOrder.NEWEST
    cursor: Place | None = None
    limit: int = Field(50, ge=1, le=200)

    def filter(self) -> FileFilter:
        """Return the filter."""
        return FileFilter(**self.model_dump(exclude={"order", "cursor", "limit"}))


class FilesNamed(BaseModel):
    """Files by their ids."""

    ids: list[Annotated[int, Field(ge=1, le=2**62)]] = Field(min_length=1, max_length=MAX_FILES_NAMED)


class FilesDeleted(BaseModel):
    """How many files were deleted."""

    deleted: int


@router.get("")
async def list_device_files(
    actor: Viewer, services: Called, asked: Annotated[FilesAsked, Query()]
) -> CountedPageOf[FileShown]:
    """List files that devices of the products that you may look at uploaded."""
    page = await services.device_files.page(
        actor, asked.filter(), order=asked.order, cursor=asked.cursor, limit=asked.limit
    )
    items = [FileShown.of(file) for file in page.items]
    return CountedPageOf(items=items, next=page.next, total=page.total, total_capped=page.total_is_more)


@router.get("/{id}")
async def get_device_file(file_id: FileId, actor: Viewer, services: Called) -> FileShown:
    """Show what is known of a file."""
    return FileShown.of(await services.device_files.get(actor, file_id))


@router.get("/{id}/content", response_class=Response, responses=ATTACHMENT)
async def download_device_file(file_id: FileId, actor: Operator, services: Called, sender: Sends) -> Response:
    """Download a file, or with `Range` a part of it; that you did so is recorded."""
    file = await services.device_files.open(actor, file_id)
    return Attachment(sender, file.blob_key, file.file_name, file.size_bytes, file.sha256)


@router.post("/delete")
async def delete_device_files(named: FilesNamed, actor: Operator, services: Called) -> FilesDeleted:
    """Delete files, for good. The call is refused whole if one of them is not yours."""
    return FilesDeleted(deleted=await services.device_files.delete(actor, named.ids))
