"""Logging in and out, the first run, and choosing a password: plain pages that work before any script has loaded."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from linkops.accounts.model import MAX_PASSWORD_CHARS
from linkops.console.requests import arriving
from linkops.console.state import console
from linkops.console.texts import FAILED, translate
from linkops.console.visitors import COOKIE, forget_session, preferences_of, remember_session
from linkops.errors import Invalid, NotFound, Refused, TooLarge, TooMany, Unauthenticated
from linkops.texts.refusals import text_of

router = APIRouter()
_templates = Jinja2Templates(Path(__file__).parent / "templates")
_MAX_FORM_BYTES = 8_192
_MAX_CODE_CHARS = 100
_STATUS: dict[type[Refused], int] = {NotFound: 404, TooMany: 429}
HOME = "/console/"


async def _form(request: Request) -> dict[str, str]:
    body = bytearray()
    async for chunk in arriving(request):
        body += chunk
        if len(body) > _MAX_FORM_BYTES:
            raise TooLarge("request.too_large", max_bytes=_MAX_FORM_BYTES)
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


Form = Annotated[dict[str, str], Depends(_form)]


def local_path(text: str) -> str:
    """Return where to go after the login: a page of ours, whatever somebody put into the link."""
    parts = urlsplit(text)
    ours = not parts.scheme and not parts.netloc and parts.path.startswith("/console/") and "\\" not in text
    return text if ours and text.isprintable() else HOME


@router.get("/login")
async def show_login(
    request: Request,
    next: str = HOME,  # noqa: A002 - the parameter's name in links
    *,
    ended: bool = False,
) -> Response:
    """Show the login; ``ended``: a session that was open has ended."""
    nobody = not await console().services.accounts.any()
    return _page(request, "login.html", next=local_path(next), ended=ended, nobody=nobody)


@router.post("/login")
async def log_in(request: Request, form: Form) -> Response:
    """Log in, and go where one came from."""
    there = local_path(form.get("next", HOME))
    name, password = form.get("name", ""), form.get("password", "")[: MAX_PASSWORD_CHARS + 1]
    try:
        session = await console().services.logins.log_in(name, password, _address(request))
    except Refused as refused:
        settings = console().settings
        minutes = -(-settings.lockout_s // 60)
        return _page(
            request, "login.html", refused, next=there, name=name, tries=settings.lockout_failures, minutes=minutes
        )
    answer = RedirectResponse("/console/password" if session.must_change else there, 303)
    remember_session(answer, request, session.token, console().settings.session_s)
    return answer


@router.get("/welcome")
async def show_first_run(request: Request, code: str = "") -> Response:
    """Show the form that makes the first administrator to whoever has the link that the server printed."""
    try:
        await console().services.first_run.check(code[:_MAX_CODE_CHARS], _address(request))
    except Refused as refused:
        return _page(request, "closed.html", refused)
    return _page(request, "welcome.html", code=code)


@router.post("/welcome")
async def make_first_admin(request: Request, form: Form) -> Response:
    """Make the first administrator, and log it in."""
    services, address = console().services, _address(request)
    code, name = form.get("code", "")[:_MAX_CODE_CHARS], form.get("name", "")
    try:
        await services.first_run.check(code, address)
        password = _repeated(form)
        await services.first_run.create_admin(code, name, password, address)
        session = await services.logins.log_in(name, password, address)
    except Invalid as refused:
        return _page(request, "welcome.html", refused, code=code, name=name)
    except Refused as refused:
        return _page(request, "closed.html", refused)
    answer = RedirectResponse(HOME, 303)
    remember_session(answer, request, session.token, console().settings.session_s)
    return answer


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """End the session."""
    answer = RedirectResponse("/console/login", 303)
    forget_session(answer)
    with suppress(Unauthenticated):  # it was over anyway
        await console().services.logins.log_out(request.cookies.get(COOKIE, ""))
    return answer


@router.get("/password")
async def show_password(request: Request) -> Response:
    """Show the form that replaces one's password."""
    try:
        identity = await console().services.tokens.identify(request.cookies.get(COOKIE, ""))
    except Unauthenticated:
        return RedirectResponse("/console/login", 303)
    return _page(request, "password.html", name=identity.name, must_change=identity.must_change)


@router.post("/password")
async def change_password(request: Request, form: Form) -> Response:
    """Replace one's password."""
    token = request.cookies.get(COOKIE, "")
    try:
        identity = await console().services.tokens.identify(token)
    except Unauthenticated:
        return RedirectResponse("/console/login", 303)
    try:
        new = _repeated(form)
        await console().services.logins.change_password(token, form.get("old", ""), new, _address(request))
    except Refused as refused:
        return _page(request, "password.html", refused, name=identity.name, must_change=identity.must_change)
    return RedirectResponse(HOME, 303)


def _repeated(form: dict[str, str]) -> str:
    new = form.get("new", "")
    if new != form.get("again", ""):
        raise Invalid("password.not_repeated", field="again")
    return new


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def failed(request: Request) -> Response:
    """Return the page that says that something went wrong on the server; it asks the database for nothing."""
    answer = _page(request, "failed.html", said=FAILED)
    answer.status_code = 500
    return answer


def _page(request: Request, template: str, refused: Refused | None = None, **more: Any) -> Response:
    preferences = preferences_of(request)
    language = preferences.language
    said = {
        "_": lambda text, **values: translate(text, language, **values),
        "language": language,
        "theme": preferences.theme,
        "refusal": "" if refused is None else text_of(refused.code, refused.params, language),
    }
    return _templates.TemplateResponse(request, template, said | more, status_code=_status(refused))


def _status(refused: Refused | None) -> int:
    if refused is None:
        return 200
    return next((status for kind, status in _STATUS.items() if isinstance(refused, kind)), 422)
