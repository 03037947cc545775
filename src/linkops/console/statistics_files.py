"""Statistics as files, for who has logged in with a browser: the tables below the charts, whole."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from linkops.console.pages.statistics.asked import Asked, id_of, order_of
from linkops.console.requests import actor_of, said, status_of
from linkops.console.state import console
from linkops.errors import Refused, Unauthenticated
from linkops.events.actor import Actor
from linkops.ota.distributions import sheets
from linkops.ota.distributions.service import Statistics
from linkops.ota.model import DEFAULT_MODULE
from linkops.texts.spreadsheets import Cells, download

router = APIRouter(prefix="/statistics")
Rows = AsyncIterator[list[Cells]]


def _asked(product: str = "", module: str = DEFAULT_MODULE, job: str = "", order: str = "") -> Asked:
    return Asked(product, module, id_of(job), "", order_of(order))


AskedHere = Annotated[Asked, Depends(_asked)]


@router.get("/versions.csv")
async def versions_file(request: Request, asked: AskedHere) -> Response:
    """Send what devices run."""
    return await _file(
        request,
        "versions.csv",
        sheets.VERSIONS,
        lambda it, actor: sheets.version_rows(it, actor, asked.product, asked.module),
    )


@router.get("/outcomes.csv")
async def outcomes_file(request: Request, asked: AskedHere) -> Response:
    """Send how updates from each version ended."""
    return await _file(
        request,
        "outcomes.csv",
        sheets.OUTCOMES,
        lambda it, actor: sheets.outcome_rows(it, actor, asked.outcomes, asked.order),
    )


@router.get("/failures.csv")
async def failures_file(request: Request, asked: AskedHere) -> Response:
    """Send why updates failed."""
    return await _file(
        request, "failures.csv", sheets.FAILURES, lambda it, actor: sheets.failure_rows(it, actor, asked.outcomes)
    )


@router.get("/rollouts.csv")
async def rollouts_file(request: Request, asked: AskedHere) -> Response:
    """Send how each rollout went."""
    return await _file(
        request, "rollouts.csv", sheets.ROLLOUTS, lambda it, actor: sheets.rollout_rows(it, actor, asked.outcomes)
    )


async def _file(
    request: Request, name: str, heading: tuple[str, ...], read: Callable[[Statistics, Actor], Rows]
) -> Response:
    try:
        actor = await actor_of(request)
        return await download(name, heading, read(console().services.ota.statistics, actor))
    except Unauthenticated:
        return RedirectResponse(f"/console/login?next={quote('/console/statistics')}", 303)
    except Refused as refused:
        return PlainTextResponse(said(request, refused), status_of(refused))
