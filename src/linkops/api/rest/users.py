"""Accounts; all of this is for administrators of everything."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from linkops.accounts.model import MAX_GRANTS, MAX_PASSWORD_CHARS, Account, Grant
from linkops.api.auth import Admin
from linkops.api.paging import Cursor, Limit, PageOf, Shown, next_after
from linkops.api.services import Called
from linkops.events.actor import Role

router = APIRouter(prefix="/api/v1/users", tags=["users"])
Name = Annotated[str, Path(max_length=64)]
RoleName = Literal["viewer", "operator", "admin"]


class GrantShown(BaseModel):
    """A role for one product, or for all."""

    role: RoleName
    product_key: str | None = Field(None, max_length=32, description="Null: all products.")

    def meant(self) -> Grant:
        """Return the grant."""
        return Grant(Role[self.role.upper()], self.product_key)


class UserShown(Shown):
    """Somebody who may log in."""

    name: str
    enabled: bool
    must_change: bool = Field(description="Whether the password must be changed before anything else.")
    locked_until_at: int | None
    created_at: int
    updated_at: int
    grants: list[GrantShown]

    @classmethod
    def of(cls, account: Account) -> "UserShown":
        """Return what is shown of an account."""
        grants = [GrantShown(role=_role_name(grant.role), product_key=grant.product_key) for grant in account.grants]
        return cls(
            name=account.name,
            enabled=account.enabled,
            must_change=account.must_change,
            locked_until_at=account.locked_until_at,
            created_at=account.created_at,
            updated_at=account.updated_at,
            grants=grants,
        )


class NewUser(BaseModel):
    """Somebody who is to be let in."""

    name: str = Field(max_length=64)
    password: str | None = Field(None, max_length=MAX_PASSWORD_CHARS, description="Null: one is generated.")
    grants: list[GrantShown] = Field(default=[], max_length=MAX_GRANTS)


class Grants(BaseModel):
    """All rights of somebody."""

    grants: list[GrantShown] = Field(max_length=MAX_GRANTS)


class GeneratedPassword(BaseModel):
    """A password that is shown this once."""

    password: str | None = Field(description="To be changed at the next login; null when one was given.")


@router.get("")
async def list_users(actor: Admin, services: Called, cursor: Cursor = None, limit: Limit = 50) -> PageOf[UserShown]:
    """List accounts by name."""
    accounts = await services.accounts.page(actor, cursor or "", limit)
    items = [UserShown.of(account) for account in accounts]
    return PageOf(items=items, next=next_after(items, limit, lambda user: user.name))


@router.post("", status_code=201)
async def create_user(new: NewUser, actor: Admin, services: Called) -> GeneratedPassword:
    """Create an account; a generated password is in the answer and nowhere else."""
    grants = tuple(grant.meant() for grant in new.grants)
    return GeneratedPassword(password=await services.accounts.create(actor, new.name, new.password, grants))


@router.get("/{name}")
async def get_user(name: Name, actor: Admin, services: Called) -> UserShown:
    """Show an account."""
    return UserShown.of(await services.accounts.get(actor, name))


@router.put("/{name}/grants")
async def set_grants(name: Name, wanted: Grants, actor: Admin, services: Called) -> UserShown:
    """Give an account exactly these rights. The last administrator of everything stays one."""
    await services.accounts.set_grants(actor, name, tuple(grant.meant() for grant in wanted.grants))
    return UserShown.of(await services.accounts.get(actor, name))


@router.post("/{name}/enable", status_code=204)
async def enable_user(name: Name, actor: Admin, services: Called) -> None:
    """Let an account log in."""
    await services.accounts.set_enabled(actor, name, enabled=True)


@router.post("/{name}/disable", status_code=204)
async def disable_user(name: Name, actor: Admin, services: Called) -> None:
    """End an account's sessions and refuse its tokens until it is enabled again."""
    await services.accounts.set_enabled(actor, name, enabled=False)


@router.post("/{name}/reset-password")
async def reset_password(name: Name, actor: Admin, services: Called) -> GeneratedPassword:
    """Replace an account's password by a generated one, which must be changed at the next login; sessions end."""
    return GeneratedPassword(password=await services.accounts.reset_password(actor, name))


@router.delete("/{name}", status_code=204)
async def delete_user(name: Name, actor: Admin, services: Called) -> None:
    """Delete an account and its tokens, for good. The audit trail keeps its name."""
    await services.accounts.delete(actor, name)


def _role_name(role: Role) -> RoleName:
    names: dict[Role, RoleName] = {Role.VIEWER: "viewer", Role.OPERATOR: "operator", Role.ADMIN: "admin"}
    return names[role]
