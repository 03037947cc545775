"""What things are: events as applications hear them, webhooks, dead letters. Times are Unix milliseconds."""

from enum import StrEnum
from typing import Any

import msgspec


class Happened(msgspec.Struct, frozen=True, gc=False):
    """An event of the log, with the names that its row only has the ids of.

    Attributes:
        product_key: '' when the product is deleted.
        device_name: None for an event about no device; '' when nobody knows any more.
    """

    id: int
    at: int
    kind: str
    product_id: int
    device_id: int | None
    product_key: str
    device_name: str | None
    body: dict[str, Any]


class DisabledReason(StrEnum):
    """Why a webhook gets nothing; ``NONE`` of one that is enabled."""

    NONE = ""
    OPERATOR = "operator"
    GONE = "gone"
    FAILING = "failing"


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """An address that events are posted to.

    Attributes:
        product_key: whose events; None: those of all products.
        kinds: which events.
        batch: whether a request carries a list of events; otherwise one.
        failures: tries in a row that failed, of what comes next.
        failing_since_at: of the first try that failed since one succeeded.
        next_try_at: 0: as soon as there is something.
        last_error: of the last try that failed since one succeeded.
        delivered_at: of the last try that succeeded.
        behind: how many events the log has beyond its place, wanted or not.
        dead_letters: how many events it could not deliver.
        old_secret_until_at: until then a rotated secret signs, too.
    """

    id: int
    product_id: int | None
    product_key: str | None
    description: str
    url: str
    kinds: list[str]
    batch: bool
    enabled: bool
    disabled_reason: DisabledReason
    failures: int
    failing_since_at: int | None
    next_try_at: int
    last_error: str
    delivered_at: int | None
    behind: int
    dead_letters: int
    old_secret_until_at: int | None
    created_by: str
    created_at: int
    updated_at: int


class NewWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook that is to be; see `Webhook`."""

    url: str
    kinds: list[str]
    product_key: str | None = None
    description: str = ""
    batch: bool = True


class WebhookChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be another; None stays as it is.

    Attributes:
        skip_backlog: go on with what happens from now on, instead of where the webhook stands.
    """

    url: str | None = None
    kinds: list[str] | None = None
    description: str | None = None
    batch: bool | None = None
    enabled: bool | None = None
    skip_backlog: bool = False


class WebhookSecret(msgspec.Struct, frozen=True):
    """The secret of a webhook at the only moment when it is shown; an older one signs, too, until then."""

    id: int
    secret: str
    old_secret_until_at: int | None


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a webhook could not deliver.

    Attributes:
        at: of the event.
        event: as it was sent.
        replaying: whether it is being sent once more.
    """

    id: int
    webhook_id: int
    event_id: int
    at: int
    kind: str
    tries: int
    error: str
    failed_at: int
    replaying: bool
    event: dict[str, Any]


class Answer(msgspec.Struct, frozen=True):
    """What came of one request to a webhook.

    Attributes:
        status: HTTP status; None when there was no answer.
        error: for people; '' when it was taken.
        duration_ms: from the beginning to the end of the answer.
    """

    status: int | None
    error: str
    duration_ms: int

    @property
    def taken(self) -> bool:
        """Whether the receiver has the events now."""
        return not self.error

    @property
    def gone(self) -> bool:
        """Whether the receiver wants no more events, ever."""
        return self.status == 410
