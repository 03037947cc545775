"""What the address of a webhook, its kinds and its description must look like."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from linkops.errors import Invalid
from linkops.events.kinds import KINDS

MAX_URL_CHARS = 2_048
MAX_DESCRIPTION_CHARS = 100


def check_url(url: str) -> None:
    """Do nothing if a webhook may have this URL; where its name leads is judged when it is connected to.

    Raises:
        Invalid: too long, no http or https, with credentials or a fragment, or unreadable.
    """
    if len(url) > MAX_URL_CHARS or not _is_plain(url):
        raise Invalid("webhook.url_invalid", field="url", most=MAX_URL_CHARS)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Invalid("webhook.url_invalid", field="url", most=MAX_URL_CHARS) from None
    usable = parts.scheme in {"http", "https"} and bool(host) and "%" not in str(host) and port != 0
    if not usable or "@" in parts.netloc or "#" in url:
        raise Invalid("webhook.url_invalid", field="url", most=MAX_URL_CHARS)


def _is_plain(url: str) -> bool:
    """Whether no parser reads it in another way than ours: no blanks, control characters, backslashes."""
    return url.isascii() and url.isprintable() and not any(sign in url for sign in " \\")


def host_of(url: str) -> tuple[str, int]:
    """Return the host and port of a checked URL."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def check_kinds(kinds: Sequence[str]) -> None:
    """Do nothing if these are kinds of events, each once, at least one.

    Raises:
        Invalid: otherwise.
    """
    if not kinds or len(set(kinds)) != len(kinds) or not set(kinds) <= set(KINDS):
        raise Invalid("event.kinds_invalid", field="kinds", kinds=" ".join(KINDS))


def check_description(description: str) -> None:
    """Do nothing if people may read this of a webhook.

    Raises:
        Invalid: otherwise.
    """
    if len(description) > MAX_DESCRIPTION_CHARS or not description.isprintable():
        raise Invalid("text.too_long", field="description", max_chars=MAX_DESCRIPTION_CHARS)
