"""The page that documents the API. All of it comes from this server: it works with no internet."""

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from linkops.api.headers import page_policy

OPENAPI_URL = "/api/v1/openapi.json"
DOCS_URL = "/api/v1/docs"
_ASSETS_URL = "/api/v1/docs-assets"


def add_documentation(app: FastAPI) -> None:
    """Serve the page and what it is made of."""
    assets = Path(fastapi_offline.__file__).parent / "static"
    app.mount(_ASSETS_URL, StaticFiles(directory=assets), name="docs-assets")
    html = get_swagger_ui_html(
        openapi_url=OPENAPI_URL,
        title=app.title,
        swagger_js_url=f"{_ASSETS_URL}/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS_URL}/swagger-ui.css",
        swagger_favicon_url=f"{_ASSETS_URL}/favicon.png",
        swagger_ui_parameters={"validatorUrl": None},
    )
    policy = page_policy(bytes(html.body).decode())

    @app.get(DOCS_URL, include_in_schema=False)
    async def documentation() -> Response:
        return HTMLResponse(html.body, headers={"Content-Security-Policy": policy})
