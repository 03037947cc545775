"""Logging in and out, and one's own password."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from linkops.accounts.model import MAX_PASSWORD_CHARS
from linkops.api.auth import OwnToken, Viewer, address_of
from linkops.api.paging import Shown
from linkops.api.services import Called

router = APIRouter(prefix="/api/v1", tags=["sessions"])


class Login(BaseModel):
    """Who wants in."""

    name: str = Field(max_length=64)
    password: str = Field(max_length=MAX_PASSWORD_CHARS)


class SessionShown(Shown):
    """A session that just began."""

    token: str = Field(description="Send it as `Authorization: Bearer …`.")
    expires_at: int
    must_change: bool = Field(description="Whether the token is good for nothing but changing the password.")


class PasswordChange(BaseModel):
    """The password that is, and the one that is to be."""

    old_password: str = Field(max_length=MAX_PASSWORD_CHARS)
    new_password: str = Field(max_length=MAX_PASSWORD_CHARS)


class Me(BaseModel):
    """Whom the token stands for."""

    name: str
    role: str | None = Field(description="For all products.")


@router.post("/sessions", status_code=201)
async def log_in(login: Login, request: Request, services: Called) -> SessionShown:
    """Get a token for a name and a password. Several wrong passwords in a row lock the account for a while."""
    session = await services.logins.log_in(login.name, login.password, address_of(request))
    return SessionShown.model_validate(session)


@router.delete("/sessions/current", status_code=204)
async def log_out(token: OwnToken, services: Called) -> None:
    """End the session of the token that the request carries."""
    await services.logins.log_out(token)


@router.get("/me")
async def who_am_i(actor: Viewer) -> Me:
    """Say whom the token stands for."""
    role = actor.role(0)
    return Me(name=actor.name, role=role.name.lower() if role else None)


@router.put("/me/password", status_code=204)
async def change_password(change: PasswordChange, token: OwnToken, request: Request, services: Called) -> None:
    """Replace one's own password; all other sessions of the account end, tokens made by hand stay."""
    address = address_of(request)
    await services.logins.change_password(token, change.old_password, change.new_password, address)
