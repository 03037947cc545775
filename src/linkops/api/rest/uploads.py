"""Files on their way into a package."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from linkops.api.auth import Operator
from linkops.api.paging import Shown
from linkops.api.services import Called

UPLOADS = "/api/v1/uploads"
router = APIRouter(tags=["packages"])


class UploadShown(Shown):
    """A file that is stored and waits to become part of a package."""

    id: str
    file_name: str
    size_bytes: int
    md5: str
    sha256: str
    created_at: int


@router.post(
    UPLOADS,
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def upload_file(
    file_name: Annotated[str, Query(min_length=1, max_length=255, description="As devices are told it; never a path.")],
    request: Request,
    actor: Operator,
    services: Called,
) -> UploadShown:
    """Store a file: the body is its bytes. It is on disk when the answer comes, and deleted if no package takes it."""
    return UploadShown.model_validate(await services.ota.uploads.receive(actor, file_name, request.stream()))
