"""Files on their way into a package."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from linkops.api.auth import Operator
from linkops.api.paging import Shown
from linkops.api.services import Called

UPLOADS = "/api/v1/uploads"
CONTENT = "/content"
"""At the end of the path that takes the bytes of a resumable upload."""
UploadId = Annotated[str, Path(alias="id", max_length=64)]
_BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
router = APIRouter(tags=["packages"])


class UploadShown(Shown):
    """A file that is stored and waits to become part of a package."""

    id: str
    file_name: str
    size_bytes: int
    md5: str
    sha256: str
    created_at: int


class ResumableShown(Shown):
    """A file of which the first ``have_bytes`` bytes are on disk."""

    id: str
    file_name: str
    size_bytes: int
    have_bytes: int = Field(description="Where the upload goes on.")
    resume_key: str
    finished: bool = Field(description="Whether a package can be made of it.")
    md5: str = Field(description="Empty until it is finished, as is `sha256`.")
    sha256: str
    created_at: int
    expires_at: int = Field(description="It is deleted then, unless more of it comes or a package takes it.")


class UploadToBegin(BaseModel):
    """A file that is to be uploaded."""

    file_name: str = Field(min_length=1, max_length=255, description="As devices are told it; never a path.")
    size_bytes: int = Field(ge=0, le=2**53)
    resume_key: str = Field(
        "", max_length=128, description="Tells this file from others of its name and size; empty: begin anew."
    )


class UploadToFinish(BaseModel):
    """What the client knows of a file whose bytes have all been sent."""

    sha256: str = Field("", max_length=64, description="Hexadecimal; what is another file is deleted. Empty: any.")


@router.get(UPLOADS)
async def list_uploads(actor: Operator, services: Called) -> list[ResumableShown]:
    """List your uploads that no package has taken, the newest first."""
    return [ResumableShown.model_validate(upload) for upload in await services.ota.resumable.list(actor)]


@router.post(
    UPLOADS,
    status_code=201,
    openapi_extra=_BYTES,
)
async def upload_file(
    file_name: Annotated[str, Query(min_length=1, max_length=255, description="As devices are told it; never a path.")],
    request: Request,
    actor: Operator,
    services: Called,
) -> UploadShown:
    """Store a file: the body is its bytes. It is on disk when the answer comes, and deleted if no package takes it."""
    return UploadShown.model_validate(await services.ota.uploads.receive(actor, file_name, request.stream()))


@router.post(f"{UPLOADS}/begin", status_code=201)
async def begin_upload(new: UploadToBegin, actor: Operator, services: Called) -> ResumableShown:
    """Begin an upload that can go on after an interruption, or find the one that was begun of the same file."""
    begun = await services.ota.resumable.begin(actor, new.file_name, new.size_bytes, new.resume_key)
    return ResumableShown.model_validate(begun)


@router.get(f"{UPLOADS}/{{id}}")
async def get_upload(upload_id: UploadId, actor: Operator, services: Called) -> ResumableShown:
    """Show how far an upload is."""
    return ResumableShown.model_validate(await services.ota.resumable.get(actor, upload_id))


@router.put(f"{UPLOADS}/{{id}}{CONTENT}", openapi_extra=_BYTES)
async def send_content(
    upload_id: UploadId,
    offset: Annotated[int, Query(ge=0, le=2**53, description="How many bytes are there: `have_bytes`.")],
    request: Request,
    actor: Operator,
    services: Called,
) -> ResumableShown:
    """Send the bytes behind the first `offset` ones, all or some; if the request breaks off, whole MiB are kept."""
    sent = await services.ota.resumable.append(actor, upload_id, offset, request.stream())
    return ResumableShown.model_validate(sent)


@router.post(f"{UPLOADS}/{{id}}/finish")
async def finish_upload(
    upload_id: UploadId, known: UploadToFinish, actor: Operator, services: Called
) -> ResumableShown:
    """Make a file ready for a package when its bytes are all there; asked again, the answer is the same."""
    return ResumableShown.model_validate(await services.ota.resumable.finish(actor, upload_id, known.sha256))


@router.delete(f"{UPLOADS}/{{id}}", status_code=204)
async def delete_upload(upload_id: UploadId, actor: Operator, services: Called) -> None:
    """Delete an upload, finished or not."""
    await services.ota.resumable.discard(actor, upload_id)
