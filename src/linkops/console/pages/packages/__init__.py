"""Packages: the list, making one, the page of each, differential ones that are being made, and signing keys."""

# "/packages/new" and "/packages/diffs" stand before "/packages/{package_id}".
from linkops.console.pages.packages import creating, diffs, detail, listing, signing  # noqa: F401, I001
