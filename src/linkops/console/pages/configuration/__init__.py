"""Remote configuration: the products that have it, the page of each, and the page of each push."""

from linkops.console.pages.configuration import listing, product, push  # noqa: F401
