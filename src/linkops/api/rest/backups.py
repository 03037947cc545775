"""Backups in the server's own folder: made and listed here, handed out nowhere."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from linkops.api.auth import Admin
from linkops.api.paging import Shown
from linkops.api.services import Called

router = APIRouter(prefix="/api/v1/backups", tags=["backups"])


class BackupToMake(BaseModel):
    """How a backup is made."""

    with_key: bool = Field(True, description="With the master key, if that is in the data folder.")


class BackupBegun(BaseModel):
    """A backup that is on its way."""

    name: str


class BackupShown(Shown):
    """An archive in the folder."""

    name: str
    size_bytes: int
    made_at: int
    holds_key: bool | None = Field(description="Whether the master key is in it; null: its name does not say.")


class MakingShown(Shown):
    """The backup that is being made, or was made last since the server started."""

    name: str
    done_bytes: int
    all_bytes: int = Field(description="0 while the database is copied.")
    ended: bool
    why_not: str = Field(description="Why there is none, in English; empty while there may be one.")


class Backups(BaseModel):
    """All archives, the newest first."""

    items: list[BackupShown]
    making: MakingShown | None


@router.get("")
async def list_backups(actor: Admin, services: Called) -> Backups:
    """List the archives in the folder `backup_dir`, for administrators of everything; they are not handed out."""
    making = services.backups.making(actor)
    found = await services.backups.list(actor)
    return Backups(
        items=[BackupShown.model_validate(one) for one in found],
        making=None if making is None else MakingShown.model_validate(making),
    )


@router.post("", status_code=202)
async def make_backup(actor: Admin, services: Called, wanted: BackupToMake) -> BackupBegun:
    """Begin a backup; the list says how far it is."""
    return BackupBegun(name=await services.backups.begin(actor, with_key=wanted.with_key))
