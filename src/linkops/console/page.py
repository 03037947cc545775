"""What makes a function a page: login, rights, language, and what goes wrong, the same for all."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from copy import copy
from functools import wraps
from typing import Any, TypeAlias
from urllib.parse import quote

import structlog
from fastapi import Request
from nicegui import Client, ui
from nicegui.language import Language
from starlette.responses import RedirectResponse, Response

from linkops.console import frame
from linkops.console.ending import tell_session_is_over
from linkops.console.state import console
from linkops.console.texts import FAILED, _
from linkops.console.view import View, attach, view
from linkops.console.visitors import COOKIE, preferences_of
from linkops.errors import Forbidden, NotFound, Refused, Unauthenticated
from linkops.events.actor import Role
from linkops.texts.refusals import text_of

BUILT_WITHIN_S = 30.0
_ANSWERED_WITHIN_S = BUILT_WITHIN_S + 5
"""The toolkit's own patience: it must not be the first to lose it, since what it says then is in English."""
_TOOLKIT_LANGUAGES: dict[str, Language] = {"en": "en-US", "zh": "zh-CN"}
_STATUS: dict[type[Refused], int] = {NotFound: 404, Forbidden: 403}
Builder: TypeAlias = Callable[..., Awaitable[None]]
_log = structlog.get_logger(__name__)


def page(path: str, title: str, *, role: Role = Role.VIEWER) -> Callable[[Builder], Builder]:
    """Make a coroutine the content of the page at ``/console{path}``.

    Whoever is not logged in is sent to the login and back. ``role`` is needed somewhere, and is looked at again by
    every service for the product in question. Refusals while it is built are shown as what they are.

    Args:
        path: as FastAPI reads it; its parameters are the coroutine's.
        title: English, marked with `linkops.console.texts.n_`.
        role: least role, for any product, that the page makes sense for.
    """

    def register(build: Builder) -> Builder:
        async def serve(request: Request, client: Client, **given: Any) -> Response | None:
            opened = await opened_by(request)
            if isinstance(opened, Response):
                return opened
            begin(client, opened, title)
            await _show(client, build, role, given)
            return None

        parameters = [p for p in inspect.signature(serve).parameters.values() if p.kind is not p.VAR_KEYWORD]
        own = [p.replace(kind=p.KEYWORD_ONLY) for p in inspect.signature(build).parameters.values()]
        serve.__signature__ = inspect.Signature([*parameters, *own])  # type: ignore[attr-defined]  # how FastAPI asks
        ui.page(path, response_timeout=_ANSWERED_WITHIN_S)(serve)
        return build

    return register


async def opened_by(request: Request) -> View | Response:
    """Return the view of whoever asks, or where to go first."""
    shared, token = console(), request.cookies.get(COOKIE, "")
    address = request.client.host if request.client else ""
    try:
        actor = await shared.services.tokens.authenticate(token, address)
    except Unauthenticated:
        there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/console/login?next={quote(there)}", 303)
    except Forbidden:  # a password that somebody else set is good for nothing but choosing another
        return RedirectResponse("/console/password", 303)
    return View(shared.services, shared.settings, token, address, actor, **preferences_of(request)._asdict())


def begin(client: Client, opened: View, title: str) -> None:
    """Make an empty page that of ``opened``, in their language, and call it ``title`` (marked for translation)."""
    attach(client, opened)
    client.page = copy(client.page)  # the toolkit's own words are in that language, too
    client.page.language = _TOOLKIT_LANGUAGES[opened.language]
    client.title = f"{_(title)} · LinkOps"


async def _show(client: Client, build: Builder, role: Role, given: dict[str, Any]) -> None:
    with frame.around() as middle:
        try:
            if max(view().actor.roles.values(), default=0) < role:
                view().actor.require(role)
            async with asyncio.timeout(BUILT_WITHIN_S):
                await build(**given)
        except Refused as refused:
            client.status_code = next((status for kind, status in _STATUS.items() if isinstance(refused, kind)), 400)
            frame.refusal(text_of(refused.code, refused.params, view().language))
        except Exception:  # noqa: BLE001 - whoever waits for the page is told, and the log has it
            _log.exception("page failed", page=client.page.path)
            client.status_code = 500
            middle.clear()  # half a page would be taken for a whole one
            frame.refusal(_(FAILED), icon="error_outline")


Action: TypeAlias = Callable[..., Awaitable[Any]]


def action(do: Action) -> Action:
    """Make a coroutine what a button does: what is refused is told, also that a session is over."""

    @wraps(do)
    async def done(*args: Any, **kwargs: Any) -> Any:
        try:
            return await do(*args, **kwargs)
        except Unauthenticated:
            tell_session_is_over()
        except Refused as refused:
            ui.notify(text_of(refused.code, refused.params, view().language), type="negative", timeout=8_000)
        return None

    return done
