"""Products: the list of them, and a page for each."""

from linkops.console.pages.products import detail, listing

__all__ = ["detail", "listing"]
