"""What a browser says about who sits before it: cookies of the session and of how they want to see things."""

from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from fastapi import Request
from starlette.responses import Response

from linkops.texts.refusals import LANGUAGES, language_of

COOKIE = "linkops_session"
_PATH = "/console"
_THEMES = ("auto", "light", "dark")
_zones = available_timezones()


class Preferences(NamedTuple):
    """How somebody wants to see things; see `linkops.console.view.View`."""

    language: str
    zone: ZoneInfo
    theme: str


def preferences_of(request: Request) -> Preferences:
    """Return what cookies say, or else the browser's language, UTC and the system's theme."""
    cookies = request.cookies
    language, zone, theme = (cookies.get(f"linkops_{name}", "") for name in ("language", "zone", "theme"))
    return Preferences(
        language if language in LANGUAGES else language_of(request.headers.get("accept-language", "")),
        ZoneInfo(zone if zone in _zones else "UTC"),
        theme if theme in _THEMES else "auto",
    )


def remember_session(response: Response, request: Request, token: str, seconds: int) -> None:
    """Let the browser keep the session; scripts cannot read it, and other sites cannot send it."""
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, token, max_age=seconds, path=_PATH, secure=secure, httponly=True, samesite="lax")


def forget_session(response: Response) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(COOKIE, path=_PATH)
