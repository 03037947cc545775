"""What is shown where no page is, and when not even a page's frame can be drawn: ours, not the UI toolkit's."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from nicegui import Client, ui
from nicegui import app as toolkit
from starlette.exceptions import HTTPException
from starlette.responses import Response

from linkops.console import doors, frame
from linkops.console.page import begin, opened_by
from linkops.console.texts import _, n_

_PARTS = "/console/_nicegui"


def install(host: FastAPI) -> None:
    """Stand in for the toolkit's pages about errors, in ``host`` and in the toolkit's own app."""
    toolkit.add_exception_handler(HTTPStatus.NOT_FOUND, _nothing_there)
    toolkit.add_exception_handler(RequestValidationError, _nothing_there)  # as where a number belongs
    toolkit.add_exception_handler(Exception, _failed)
    host.add_exception_handler(Exception, _failed)


async def _nothing_there(request: Request, error: Exception) -> Response:
    """Answer as a page does: who has no session learns nothing, not even that there is nothing."""
    if request.url.path.startswith(_PARTS) and isinstance(error, HTTPException):
        return await http_exception_handler(request, error)
    opened = await opened_by(request)
    if isinstance(opened, Response):
        return opened
    with Client(ui.page(""), request=request) as client:
        begin(client, opened, n_("Not found"))
        with frame.around():
            frame.refusal(_("There is no such page."), icon="search_off")
    return client.build_response(request, HTTPStatus.NOT_FOUND)


async def _failed(request: Request, error: Exception) -> Response:
    """Tell a person; programs are told by the barrier in front of us, which also writes it down."""
    if "text/html" not in request.headers.get("accept", ""):
        raise error
    return doors.failed(request)
