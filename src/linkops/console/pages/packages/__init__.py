"""Packages: the list, making one, the page of each, differential ones that are being made, and signing keys."""

# isort: off - "/packages/new" and "/packages/diffs" stand before "/packages/{package_id}"
from linkops.console.pages.packages import creating, detail, diffs, listing, signing  # noqa: F401
