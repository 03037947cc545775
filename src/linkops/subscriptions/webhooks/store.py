"""SQL of webhooks as people see them."""

from collections.abc import Iterable, Sequence

import msgspec

from linkops.db import Row, Tx
from linkops.subscriptions.model import DisabledReason, NewWebhook, Webhook

_COLUMNS = """
SELECT w.id, w.product_id, p.product_key, w.description, w.url, w.kinds, w.batch, w.enabled, w.disabled_reason,
    w.failures, w.failing_since_at, w.next_try_at, w.last_error, w.delivered_at,
    (SELECT coalesce(max(e.id), 0) FROM event e) - w.last_event_id,
    (SELECT count(*) FROM dead_letter l WHERE l.webhook_id = w.id), w.old_secret_until_at, w.created_by, w.created_at,
    w.updated_at
FROM webhook w LEFT JOIN product p ON p.id = w.product_id
"""
_BY_ID = f"{_COLUMNS} WHERE w.id = :id"
_PAGE = f"{_COLUMNS} WHERE w.id > :after{{conditions}} ORDER BY w.id LIMIT :most"
_OF_PRODUCTS = " AND w.product_id IN (SELECT v.id FROM {products: id bigint} v)"
_OF_PRODUCT = " AND p.product_key = :product_key"
_COUNT = "SELECT count(*) FROM webhook"
_ADD = """
INSERT INTO webhook (product_id, description, url, kinds, batch, secret_sealed, last_event_id, created_by, created_at,
    updated_at)
VALUES (:product_id, :description, :url, :kinds, :batch, :secret_sealed,
    (SELECT coalesce(max(e.id), 0) FROM event e), :created_by, :now, :now)
RETURNING id
"""
_EDIT = """
UPDATE webhook SET url = :url, kinds = :kinds, description = :description, batch = :batch, failures = 0,
    failing_since_at = NULL, next_try_at = 0, updated_at = :now
WHERE id = :id
"""
_SET_ENABLED = "UPDATE webhook SET enabled = :enabled, disabled_reason = :reason, updated_at = :now WHERE id = :id"
_SKIP = "UPDATE webhook SET last_event_id = (SELECT coalesce(max(e.id), 0) FROM event e) WHERE id = :id"
_DELETE = "DELETE FROM webhook WHERE id = :id"
_SECRET = "SELECT secret_sealed, old_secret_sealed, old_secret_until_at FROM webhook WHERE id = :id"  # noqa: S105 - a statement
_ROTATE = """
UPDATE webhook SET old_secret_sealed = secret_sealed, old_secret_until_at = :until, secret_sealed = :secret_sealed,
    updated_at = :now
WHERE id = :id
"""
_encode = msgspec.json.encode
_kinds = msgspec.json.Decoder(list[str]).decode


def by_id(tx: Tx, webhook_id: int) -> Webhook | None:
    """Return a webhook."""
    row = tx.one(_BY_ID, id=webhook_id)
    return None if row is None else _webhook(row)


def page(tx: Tx, products: Sequence[int] | None, product_key: str | None, after: int, most: int) -> list[Webhook]:
    """Return up to ``most`` webhooks with an id above ``after``, only of ``products`` (None: of any)."""
    conditions, given = "", dict[str, object]()
    if products is not None:
        conditions += _OF_PRODUCTS
        given["products"] = [(product,) for product in products]
    if product_key is not None:
        conditions += _OF_PRODUCT
        given["product_key"] = product_key
    rows = tx.all(_PAGE.replace("{conditions}", conditions), after=after, most=most, **given)
    return [_webhook(row) for row in rows]


def count(tx: Tx) -> int:
    """Return how many webhooks there are."""
    return int(tx.scalar(_COUNT))


def add(tx: Tx, new: NewWebhook, product_id: int | None, secret_sealed: str, created_by: str, now: int) -> int:
    """Insert a webhook that hears of what happens from now on, and return its id."""
    added: int = tx.scalar(
        _ADD,
        product_id=product_id,
        description=new.description,
        url=new.url,
        kinds=_text(new.kinds),
        batch=int(new.batch),
        secret_sealed=secret_sealed,
        created_by=created_by,
        now=now,
    )
    return added


def edit(tx: Tx, webhook: Webhook, now: int) -> None:
    """Store what people may change; what failed before is tried anew."""
    tx.run(
        _EDIT,
        id=webhook.id,
        url=webhook.url,
        kinds=_text(webhook.kinds),
        description=webhook.description,
        batch=int(webhook.batch),
        now=now,
    )


def set_enabled(tx: Tx, webhook_id: int, reason: DisabledReason, now: int) -> None:
    """Disable a webhook for a reason, or enable it when there is none."""
    tx.run(_SET_ENABLED, id=webhook_id, enabled=int(reason is DisabledReason.NONE), reason=reason, now=now)


def skip_backlog(tx: Tx, webhook_id: int) -> None:
    """Let it go on behind the last event."""
    tx.run(_SKIP, id=webhook_id)


def delete(tx: Tx, webhook_id: int) -> None:
    """Delete a webhook and its dead letters."""
    tx.run(_DELETE, id=webhook_id)


def secrets_sealed(tx: Tx, webhook_id: int, now: int) -> list[str]:
    """Return the secrets that sign now, sealed, the newest first."""
    secret, old, until = tx.all(_SECRET, id=webhook_id)[0]
    return [secret, old] if old is not None and until > now else [secret]


def rotate(tx: Tx, webhook_id: int, secret_sealed: str, until: int, now: int) -> None:
    """Store a new secret; the one before signs, too, until then."""
    tx.run(_ROTATE, id=webhook_id, secret_sealed=secret_sealed, until=until, now=now)


def _text(kinds: Iterable[str]) -> str:
    return _encode(list(kinds)).decode()


def _webhook(row: Row) -> Webhook:
    return Webhook(
        id=row[0],
        product_id=row[1],
        product_key=row[2],
        description=row[3],
        url=row[4],
        kinds=_kinds(row[5]),
        batch=bool(row[6]),
        enabled=bool(row[7]),
        disabled_reason=DisabledReason(row[8]),
        failures=row[9],
        failing_since_at=row[10],
        next_try_at=row[11],
        last_error=row[12],
        delivered_at=row[13],
        behind=row[14],
        dead_letters=row[15],
        old_secret_until_at=row[16],
        created_by=row[17],
        created_at=row[18],
        updated_at=row[19],
    )
