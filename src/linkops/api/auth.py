"""Who asks: every route names the role that it needs, as the type of its parameter ``actor``."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from linkops.api.services import Called
from linkops.errors import Unauthenticated
from linkops.events.actor import Actor, Role

_bearer = HTTPBearer(auto_error=False, description="The token of a login, or one made by hand.")


def address_of(request: Request) -> str:
    """Return the client's address, as trusted proxies see it."""
    return request.client.host if request.client else ""


async def bearer_token(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> str:
    """Return the token that the request carries.

    Raises:
        Unauthenticated: when there is none.
    """
    if credentials is None:
        raise Unauthenticated("token.missing")
    return credentials.credentials


class Needs:
    """A route parameter: somebody who has at least this role somewhere; services look again at which product."""

    def __init__(self, role: Role) -> None:
        self.role = role

    async def __call__(self, request: Request, services: Called, token: Annotated[str, Depends(bearer_token)]) -> Actor:
        """Return who asks.

        Raises:
            Unauthenticated: when the token is missing, unknown, expired or revoked.
            Forbidden: when the password must be changed first, or the role is nowhere enough.
        """
        actor = await services.tokens.authenticate(token, address_of(request))
        if max(actor.roles.values(), default=0) < self.role:
            actor.require(self.role)
        return actor


Viewer = Annotated[Actor, Depends(Needs(Role.VIEWER))]
Operator = Annotated[Actor, Depends(Needs(Role.OPERATOR))]
Admin = Annotated[Actor, Depends(Needs(Role.ADMIN))]
OwnToken = Annotated[str, Depends(bearer_token)]
"""A token whose owner may do nothing but change the password or log out; the service looks at it."""
