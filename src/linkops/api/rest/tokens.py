"""One's own API tokens."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from linkops.api.auth import Viewer
from linkops.api.paging import Cursor, Limit, PageOf, Shown, next_after, number_in
from linkops.api.services import Called

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])
_FOREVER_AT = 2**53


class NewToken(BaseModel):
    """A token that is to be made."""

    name: str = Field(max_length=64, description="What it is for.")
    expires_at: int | None = Field(None, ge=0, le=_FOREVER_AT, description="Unix milliseconds; null: never.")


class NewTokenShown(Shown):
    """A token, shown this once."""

    id: int
    token: str
    expires_at: int | None


class TokenShown(Shown):
    """A token without its secret."""

    id: int
    name: str
    expires_at: int | None
    last_used_at: int | None = Field(description="To the minute.")
    created_at: int


@router.get("")
async def list_tokens(actor: Viewer, services: Called, cursor: Cursor = None, limit: Limit = 50) -> PageOf[TokenShown]:
    """List the tokens that you made by hand."""
    tokens = await services.tokens.page(actor, number_in(cursor, 0), limit)
    items = [TokenShown.model_validate(token) for token in tokens]
    return PageOf(items=items, next=next_after(items, limit, lambda token: token.id))


@router.post("", status_code=201)
async def create_token(new: NewToken, actor: Viewer, services: Called) -> NewTokenShown:
    """Make a token that may do what you may; it is in the answer and nowhere else."""
    return NewTokenShown.model_validate(await services.tokens.create(actor, new.name, new.expires_at))


@router.delete("/{id}", status_code=204)
async def revoke_token(
    token_id: Annotated[int, Path(alias="id", ge=1, le=2**62)], actor: Viewer, services: Called
) -> None:
    """Delete one of your tokens; it is refused from now on."""
    await services.tokens.revoke(actor, token_id)
