"""A request to a webhook as it goes over the wire, signed."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from linkops import __version__
from linkops.subscriptions.model import Webhook
from linkops.subscriptions.signatures import HEADER, signature_header
from linkops.subscriptions.wire import request_body, trial_event


class Outgoing(NamedTuple):
    """One request."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def request(
    webhook_id: int, url: str, keys: Sequence[str], events: Sequence[bytes], *, batch: bool, attempt: int, now: int
) -> Outgoing:
    """Return the request that carries these events; it is the ``attempt``-th with the first of them."""
    body = request_body(events, batch=batch)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"LinkOps/{__version__}",
        "X-LinkOps-Webhook": str(webhook_id),
        "X-LinkOps-Attempt": str(attempt),
        HEADER: signature_header(keys, body, now),
    }
    return Outgoing(url, headers, body)


def trial(webhook: Webhook, keys: Sequence[str], now: int) -> Outgoing:
    """Return a request that only says that the webhook works."""
    events = [trial_event(webhook.id, now)]
    return request(webhook.id, webhook.url, keys, events, batch=webhook.batch, attempt=1, now=now)
