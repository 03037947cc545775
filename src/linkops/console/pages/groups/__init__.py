"""Groups: the tree of them, and a page for each."""

from linkops.console.pages.groups import detail, listing

__all__ = ["detail", "listing"]
