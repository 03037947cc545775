"""Remote configuration: the products that have it, and the pages of each, of its documents and of each push."""

from linkops.console.pages.configuration import given, listing, owned, product, push  # noqa: F401
