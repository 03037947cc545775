"""What a page's address says of it, so that a link can be shared: filters and choices."""

from urllib.parse import urlencode

from nicegui import context, ui


def remember(**asked: object) -> None:
    """Let the address of the open page say this; what is empty is left out."""
    query = urlencode({name: value for name, value in asked.items() if value not in (None, "")})
    path = context.client.request.url.path
    ui.navigate.history.replace(f"{path}?{query}" if query else path)
