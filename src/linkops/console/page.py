"""What makes a function a page: login, rights, language, and what goes wrong, the same for all."""

import inspect
from collections.abc import Awaitable, Callable
from copy import copy
from functools import wraps
from typing import Any, TypeAlias
from urllib.parse import quote

from fastapi import Request
from nicegui import Client, ui
from nicegui.language import Language
from starlette.responses import RedirectResponse, Response

from linkops.console import frame
from linkops.console.ending import tell_session_is_over
from linkops.console.state import console
from linkops.console.texts import _
from linkops.console.view import View, attach, view
from linkops.console.visitors import COOKIE, preferences_of
from linkops.errors import Forbidden, NotFound, Refused, Unauthenticated
from linkops.events.actor import Role
from linkops.texts.refusals import text_of

BUILT_WITHIN_S = 30.0
_TOOLKIT_LANGUAGES: dict[str, Language] = {"en": "en-US", "zh": "zh-CN"}
_STATUS: dict[type[Refused], int] = {NotFound: 404, Forbidden: 403}
Builder: TypeAlias = Callable[..., Awaitable[None]]


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
            opened = await _opened(request)
            if isinstance(opened, Response):
                return opened
            attach(client, opened)
            _speak(client, opened.language)
            client.title = f"{_(title)} · LinkOps"
            await _show(client, build, role, given)
            return None

        parameters = [p for p in inspect.signature(serve).parameters.values() if p.kind is not p.VAR_KEYWORD]
        own = [p.replace(kind=p.KEYWORD_ONLY) for p in inspect.signature(build).parameters.values()]
        serve.__signature__ = inspect.Signature([*parameters, *own])  # type: ignore[attr-defined]  # how FastAPI asks
        ui.page(path, response_timeout=BUILT_WITHIN_S)(serve)
        return build

    return register


async def _opened(request: Request) -> View | Response:
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


def _speak(client: Client, language: str) -> None:
    """Let the toolkit's own words be in the viewer's language, too."""
    client.page = copy(client.page)
    client.page.language = _TOOLKIT_LANGUAGES[language]


async def _show(client: Client, build: Builder, role: Role, given: dict[str, Any]) -> None:
    with frame.around():
        try:
            if max(view().actor.roles.values(), default=0) < role:
                view().actor.require(role)
            await build(**given)
        except Refused as refused:
            client.status_code = next((status for kind, status in _STATUS.items() if isinstance(refused, kind)), 400)
            frame.refusal(text_of(refused.code, refused.params, view().language))


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
