"""The pages, one a file; importing them tells the UI toolkit of them."""

from importlib import import_module

_PAGES = (
    "overview",
    "products",
    "groups",
    "devices",
    "packages",
    "jobs",
    "statistics",
    "configuration",
    "administration",
)


def register() -> None:
    """Make the pages known."""
    for name in _PAGES:
        import_module(f"linkops.console.pages.{name}")
