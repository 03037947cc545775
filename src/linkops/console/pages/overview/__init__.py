"""The overview: what there is, what is running, what happened lately."""

from linkops.console.pages.overview import whole

__all__ = ["whole"]
