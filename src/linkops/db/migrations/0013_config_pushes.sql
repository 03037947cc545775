-- Pushes of remote configuration, what became of them device by device, and what each device is known to have.
CREATE TABLE config_push (
    id                  {serial},                   -- also the id of the message, which a device's answer echoes
    product_id          BIGINT NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    version             INTEGER NOT NULL,           -- number of the product's document that is pushed, 0: none
    revision            BIGINT NOT NULL,            -- newest version of all documents of the product when it began
    target              {text} NOT NULL,            -- PRODUCT | GROUP | DEVICES
    group_id            BIGINT,                     -- kept when the group is deleted: history stays readable
    group_name          TEXT NOT NULL DEFAULT '',
    strategy            TEXT NOT NULL,              -- JSON
    status              {text} NOT NULL,            -- IN_PROGRESS | COMPLETED | CANCELED
    hold                {text} NOT NULL DEFAULT '', -- '' | stage | gate
    stop_reason         {text} NOT NULL DEFAULT '',
    stage               INTEGER NOT NULL DEFAULT -1,-- that is being reached, from 0; -1: none yet
    offer_left          BIGINT,                     -- devices that may still be reached for the first time; NULL: any
    reached_at          BIGINT,                     -- since when the stage has reached its devices
    total               BIGINT NOT NULL DEFAULT 0,
    offered             BIGINT NOT NULL DEFAULT 0,  -- devices that were reached at least once
    last_device_id      BIGINT NOT NULL,            -- devices registered later do not belong to it
    fill_cursor         BIGINT NOT NULL DEFAULT 0,  -- devices up to this id have their result
    created_by          TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    filled_at           BIGINT,
    ended_at            BIGINT,
    closed_at           BIGINT                      -- since when devices that were away are not waited for any more
);
CREATE INDEX config_push_by_product ON config_push (product_id, id);
CREATE INDEX config_push_running ON config_push (id) WHERE status = 'IN_PROGRESS';
CREATE INDEX config_push_open ON config_push (product_id, id) WHERE closed_at IS NULL;
CREATE INDEX config_push_open_by_age ON config_push (id) WHERE closed_at IS NULL;
CREATE INDEX config_document_of_devices ON config_document (product_id, device_id) WHERE device_id IS NOT NULL;

CREATE TABLE config_result (
    push_id             BIGINT NOT NULL REFERENCES config_push (id) ON DELETE CASCADE,
    device_id           BIGINT NOT NULL,
    status              {text} NOT NULL,
    failure_kind        {text} NOT NULL DEFAULT '',
    content_id          BIGINT NOT NULL DEFAULT 0,  -- of what was sent last
    config_id           TEXT NOT NULL DEFAULT '',
    attempt             INTEGER NOT NULL DEFAULT 0, -- sendings so far
    charged             INTEGER NOT NULL DEFAULT 0, -- 1: counted as reached by its push
    lot                 BIGINT NOT NULL,            -- the order in which devices are reached
    due_at              BIGINT,                     -- wants a push from then on
    claimed_at          BIGINT,                     -- of the last push, before it was published
    fetch_by            BIGINT,                     -- when the link runs out
    code                BIGINT,                     -- of the device's answer
    message             TEXT NOT NULL DEFAULT '',
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    sent_at             BIGINT,
    downloaded_at       BIGINT,
    answered_at         BIGINT,
    PRIMARY KEY (push_id, device_id)
);
CREATE INDEX config_result_by_status ON config_result (push_id, status, device_id);
CREATE INDEX config_result_by_device ON config_result (device_id, push_id);
CREATE INDEX config_result_due ON config_result (push_id, due_at, lot) WHERE due_at IS NOT NULL;
CREATE INDEX config_result_due_again ON config_result (push_id, due_at, lot) WHERE due_at IS NOT NULL AND charged = 1;
CREATE INDEX config_result_waiting ON config_result (fetch_by) WHERE fetch_by IS NOT NULL;
CREATE INDEX config_result_waiting_of_device ON config_result (device_id) WHERE fetch_by IS NOT NULL;

CREATE TABLE config_push_count (
    push_id             BIGINT NOT NULL REFERENCES config_push (id) ON DELETE CASCADE,
    status              {text} NOT NULL,
    failure_kind        {text} NOT NULL,
    devices             BIGINT NOT NULL,
    PRIMARY KEY (push_id, status, failure_kind)
);

CREATE TABLE config_state (
    device_id           BIGINT PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    product_id          BIGINT NOT NULL,
    content_id          BIGINT,                     -- the last that it acknowledged or downloaded
    evidence            TEXT NOT NULL DEFAULT '',   -- acknowledged | downloaded
    known_at            BIGINT,
    refused_content_id  BIGINT,                     -- the last that it answered with another code than 200
    refused_at          BIGINT,
    sent_content_id     BIGINT,                     -- the last whose link it was given
    sent_at             BIGINT
);
CREATE INDEX config_state_by_content ON config_state (product_id, content_id, refused_content_id);
