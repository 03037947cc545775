"""For those who run the server: is it alive, is it ready, what does it count."""

from ipaddress import ip_address
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from linkops.api.auth import Needs
from linkops.api.services import Called, services_of
from linkops.errors import Unauthenticated
from linkops.events.actor import Role
from linkops.upkeep.service import judge

router = APIRouter(tags=["operations"])
_optional_bearer = HTTPBearer(auto_error=False)


class Readiness(BaseModel):
    """Which parts work."""

    ready: bool
    checks: dict[str, bool]


async def local_or_viewer(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_optional_bearer)],
) -> None:
    """Let programs on this machine in, and viewers from elsewhere.

    A request that a proxy forwarded is from elsewhere, wherever the proxy runs.

    Raises:
        Unauthenticated, Forbidden: neither.
    """
    client = request.client.host if request.client else ""
    if not request.scope["forwarded"] and _is_loopback(client):
        return
    if credentials is None:
        raise Unauthenticated("token.missing")
    await Needs(Role.VIEWER)(request, services_of(request), credentials.credentials)


@router.get("/healthz")
async def is_alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz", responses={503: {"model": Readiness}})
async def is_ready(services: Called, response: Response) -> Readiness:
    """The database answers, devices can connect, the disk has room; 503 if one of them does not."""
    checks = await judge(services.checks)
    readiness = Readiness(ready=all(checks.values()), checks=checks)
    response.status_code = 200 if readiness.ready else 503
    return readiness


@router.get("/metrics", dependencies=[Depends(local_or_viewer)])
async def metrics(request: Request) -> Response:
    """Figures for Prometheus; from this machine without a token, from elsewhere with the token of a viewer."""
    return Response(generate_latest(request.app.state.registry), media_type=CONTENT_TYPE_LATEST)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
