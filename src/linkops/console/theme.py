"""Where the looks come from: one style sheet and an icon, both ours, nothing from elsewhere."""

from functools import cache
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).parent / "static"
BRAND = {
    "primary": "var(--accent)",
    "secondary": "var(--ink-2)",
    "accent": "var(--accent)",
    "positive": "var(--good)",
    "negative": "var(--bad)",
    "info": "var(--run)",
    "warning": "var(--wait)",
    "dark": "var(--surface)",
    "dark-page": "var(--ground)",
}
"""The toolkit's colour names, as ours (``console.css``), which are others by night."""


@cache
def head() -> str:
    """Return what stands in the head of every page: the style sheet, by an address that changes with it."""
    digest = sha256((STATIC / "console.css").read_bytes()).hexdigest()[:12]
    return f'<link rel="stylesheet" href="/console/static/console.css?{digest}">'
