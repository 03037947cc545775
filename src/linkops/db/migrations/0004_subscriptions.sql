-- Webhooks: where applications hear of events. The event table is the outbox; each webhook has its own place in it.
CREATE TABLE webhook (
    id                  {serial},
    product_id          BIGINT REFERENCES product (id) ON DELETE CASCADE,  -- NULL: all products
    description         TEXT NOT NULL DEFAULT '',
    url                 TEXT NOT NULL,
    kinds               TEXT NOT NULL,              -- JSON
    batch               INTEGER NOT NULL DEFAULT 1, -- 1: a list of events a request, 0: one event a request
    secret_sealed       TEXT NOT NULL,
    old_secret_sealed   TEXT,                       -- signs beside the new one until then
    old_secret_until_at BIGINT,
    enabled             INTEGER NOT NULL DEFAULT 1,
    disabled_reason     TEXT NOT NULL DEFAULT '',   -- '' | operator | gone | failing
    last_event_id       BIGINT NOT NULL,            -- events up to this one are delivered, or were not wanted
    failures            INTEGER NOT NULL DEFAULT 0, -- in a row, of what comes next
    failing_since_at    BIGINT,
    next_try_at         BIGINT NOT NULL DEFAULT 0,
    last_error          TEXT NOT NULL DEFAULT '',
    delivered_at        BIGINT,
    created_by          TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);
CREATE INDEX webhook_by_product ON webhook (product_id, id);

CREATE TABLE dead_letter (                          -- an event that a webhook could not deliver
    id                  {serial},
    webhook_id          BIGINT NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    event_id            BIGINT NOT NULL,
    at                  BIGINT NOT NULL,            -- of the event
    kind                {text} NOT NULL,
    body                TEXT NOT NULL,              -- JSON, as it was sent: the event may be forgotten meanwhile
    tries               INTEGER NOT NULL,
    error               TEXT NOT NULL,              -- of the last try
    failed_at           BIGINT NOT NULL,
    replay              INTEGER NOT NULL DEFAULT 0  -- 1: is to be sent once more
);
CREATE UNIQUE INDEX dead_letter_of_event ON dead_letter (webhook_id, event_id);
CREATE INDEX dead_letter_by_webhook ON dead_letter (webhook_id, id);
CREATE INDEX dead_letter_to_replay ON dead_letter (webhook_id, id) WHERE replay = 1;
CREATE INDEX dead_letter_by_age ON dead_letter (failed_at);
