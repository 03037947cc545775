-- Portable: {serial} is a generated integer key, {text} a text column compared byte by byte, {bytes} raw bytes.
-- Times are Unix milliseconds; truth values are 0 and 1.

-- Registry ---------------------------------------------------------------------------------------------------------
CREATE TABLE product (
    id                  {serial},
    product_key         {text} NOT NULL UNIQUE,
    name                {text} NOT NULL UNIQUE,
    description         TEXT NOT NULL DEFAULT '',
    node_type           TEXT NOT NULL,              -- device | gateway | subdevice
    auth_type           TEXT NOT NULL,              -- secret | x509
    secret_sealed       TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);

CREATE TABLE device (
    id                  {serial},
    product_id          BIGINT NOT NULL REFERENCES product (id),
    device_name         {text} NOT NULL,
    nickname            TEXT NOT NULL DEFAULT '',
    secret_sealed       TEXT NOT NULL,
    enabled             INTEGER NOT NULL DEFAULT 1,
    online              INTEGER NOT NULL DEFAULT 0,
    connection_id       BIGINT,                     -- the connection that made it online; an older one's goodbye is ignored
    online_at           BIGINT,                     -- of the last login
    offline_at          BIGINT,
    last_seen_at        BIGINT,
    activated_at        BIGINT,                     -- of the first login ever
    address             TEXT,
    sdk_language        TEXT,
    sdk_version         TEXT,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);
CREATE UNIQUE INDEX device_by_name ON device (product_id, device_name);      -- login, and the list in name order
CREATE INDEX device_by_product ON device (product_id, id);                   -- a job is filled in id order
CREATE INDEX device_disabled ON device (product_id, device_name) WHERE enabled = 0;  -- the list of these few
CREATE INDEX device_online ON device (product_id, id) WHERE online = 1;      -- the list of those online, and the reset at start

CREATE TABLE device_tag (
    device_id           BIGINT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    tag_key             {text} NOT NULL,
    tag_value           {text} NOT NULL,
    PRIMARY KEY (device_id, tag_key)
);
CREATE INDEX device_tag_by_value ON device_tag (tag_key, tag_value, device_id);

CREATE TABLE module_version (
    device_id           BIGINT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    module              {text} NOT NULL,
    product_id          BIGINT NOT NULL,
    version             {text} NOT NULL,
    reported_at         BIGINT NOT NULL,
    PRIMARY KEY (device_id, module)
);
CREATE INDEX module_version_by_version ON module_version (product_id, module, version, device_id);

-- Persistent MQTT sessions -----------------------------------------------------------------------------------------
CREATE TABLE mqtt_session (
    device_id           BIGINT PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    client_id           TEXT NOT NULL,
    subscriptions       TEXT NOT NULL,              -- JSON: {filter: quality of service}
    expires_at          BIGINT                      -- set when the device goes offline
);
CREATE INDEX mqtt_session_expiry ON mqtt_session (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE stored_downlink (
    id                  {serial},
    device_id           BIGINT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    topic               TEXT NOT NULL,
    payload             {bytes} NOT NULL,
    expires_at          BIGINT NOT NULL
);
CREATE INDEX stored_downlink_by_device ON stored_downlink (device_id, id);
CREATE INDEX stored_downlink_expiry ON stored_downlink (expires_at);

-- Accounts ---------------------------------------------------------------------------------------------------------
CREATE TABLE account (
    id                  {serial},
    name                {text} NOT NULL UNIQUE,
    password_hash       TEXT NOT NULL,
    enabled             INTEGER NOT NULL DEFAULT 1,
    must_change         INTEGER NOT NULL DEFAULT 0, -- after a reset by somebody else
    failed_logins       INTEGER NOT NULL DEFAULT 0,
    locked_until_at     BIGINT,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);

CREATE TABLE account_grant (
    account_id          BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    product_id          BIGINT NOT NULL,            -- 0: all products
    role                TEXT NOT NULL,              -- viewer | operator | admin
    PRIMARY KEY (account_id, product_id)
);

CREATE TABLE api_token (
    id                  {serial},
    account_id          BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name                TEXT NOT NULL,
    token_digest        {text} NOT NULL UNIQUE,     -- SHA-256, hexadecimal
    session             INTEGER NOT NULL DEFAULT 0, -- 1: made by a login, 0: by hand
    expires_at          BIGINT,
    last_used_at        BIGINT,
    created_at          BIGINT NOT NULL
);
CREATE INDEX api_token_by_account ON api_token (account_id, id);

CREATE TABLE idempotency (
    account_id          BIGINT NOT NULL,
    idempotency_key     {text} NOT NULL,
    request_digest      TEXT NOT NULL,
    status              INTEGER,                    -- of the answer; NULL while the first request still runs
    answer              TEXT,
    created_at          BIGINT NOT NULL,
    PRIMARY KEY (account_id, idempotency_key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- Events -----------------------------------------------------------------------------------------------------------
CREATE TABLE audit (
    id                  {serial},
    at                  BIGINT NOT NULL,
    account_id          BIGINT,                     -- NULL: the system itself, or the command line on the server
    account_name        {text} NOT NULL,
    address             TEXT NOT NULL,
    action              {text} NOT NULL,            -- as in "device.delete"
    target              {text} NOT NULL,            -- as in "device:a1B2c3D4e5F/pump-7"
    product_id          BIGINT,
    details             TEXT NOT NULL               -- JSON, without secrets
);
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_by_action ON audit (action, id);
CREATE INDEX audit_by_account ON audit (account_name, id);

CREATE TABLE event (
    id                  {serial},
    at                  BIGINT NOT NULL,
    kind                {text} NOT NULL,            -- as in "device.online"
    product_id          BIGINT NOT NULL,
    device_id           BIGINT,
    body                TEXT NOT NULL               -- JSON
);
CREATE INDEX event_by_time ON event (at, id);
CREATE INDEX event_by_device ON event (device_id, id);
CREATE INDEX event_by_product ON event (product_id, id);

-- OTA --------------------------------------------------------------------------------------------------------------
CREATE TABLE ota_module (
    product_id          BIGINT NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    folded_name         {text} NOT NULL,            -- names are unique without regard to case
    name                {text} NOT NULL,
    alias               TEXT NOT NULL DEFAULT '',
    description         TEXT NOT NULL DEFAULT '',
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    PRIMARY KEY (product_id, folded_name)
);

CREATE TABLE upload (
    id                  {text} PRIMARY KEY,         -- generated, hard to guess
    account_id          BIGINT NOT NULL,
    file_name           TEXT NOT NULL,              -- as the client called it; never a path on disk
    blob_key            TEXT NOT NULL,
    size_bytes          BIGINT NOT NULL,
    md5                 TEXT NOT NULL,
    sha256              TEXT NOT NULL,
    created_at          BIGINT NOT NULL
);
CREATE INDEX upload_by_age ON upload (created_at);

CREATE TABLE ota_package (
    id                  {serial},
    product_id          BIGINT NOT NULL REFERENCES product (id),
    module              {text} NOT NULL,
    name                {text} NOT NULL UNIQUE,
    kind                TEXT NOT NULL,              -- full | diff
    source_version      {text} NOT NULL DEFAULT '', -- of a diff
    version             {text} NOT NULL,
    sign_method         TEXT NOT NULL,              -- SHA256 | MD5
    status              TEXT NOT NULL,              -- not_required | unverified | verifying | verified | failed
    description         TEXT NOT NULL DEFAULT '',
    custom_info         TEXT NOT NULL DEFAULT '',
    created_by          TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    UNIQUE (product_id, module, kind, source_version, version)
);

CREATE TABLE ota_file (
    id                  {serial},
    package_id          BIGINT NOT NULL REFERENCES ota_package (id) ON DELETE CASCADE,
    position            INTEGER NOT NULL,
    file_name           TEXT NOT NULL,
    blob_key            TEXT NOT NULL,
    size_bytes          BIGINT NOT NULL,
    md5                 TEXT NOT NULL,
    sha256              TEXT NOT NULL
);
CREATE UNIQUE INDEX ota_file_by_package ON ota_file (package_id, position);

CREATE TABLE ota_job (
    id                  {serial},
    product_id          BIGINT NOT NULL REFERENCES product (id),
    package_id          BIGINT NOT NULL,            -- kept when the package is deleted: history stays readable
    package_name        TEXT NOT NULL,
    module              {text} NOT NULL,
    version             {text} NOT NULL,
    selection           TEXT NOT NULL,              -- STATIC
    targets             TEXT NOT NULL,              -- ALL | SPECIFIC
    status              TEXT NOT NULL,              -- PLANNED | IN_PROGRESS | COMPLETED | CANCELED
    stop_reason         TEXT NOT NULL DEFAULT '',
    source_versions     TEXT NOT NULL DEFAULT '[]', -- JSON; empty: any
    rate_per_minute     INTEGER,                    -- NULL: unlimited
    timeout_s           BIGINT,                     -- NULL: never
    need_push           INTEGER NOT NULL DEFAULT 1,
    next_offer_us       BIGINT NOT NULL DEFAULT 0,  -- when the rate allows the next push, in microseconds
    last_device_id      BIGINT NOT NULL,            -- devices registered later do not belong to the job
    fill_cursor         BIGINT NOT NULL DEFAULT 0,  -- devices up to this id have their task
    filled_at           BIGINT,
    cancel_statuses     TEXT NOT NULL DEFAULT '[]', -- JSON; tasks in these statuses are being canceled
    created_by          TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    started_at          BIGINT,
    ended_at            BIGINT
);
CREATE INDEX ota_job_by_product ON ota_job (product_id, id);
CREATE INDEX ota_job_by_package ON ota_job (package_id, id);
CREATE INDEX ota_job_running ON ota_job (id) WHERE ended_at IS NULL;

CREATE TABLE ota_job_target (                       -- of jobs over SPECIFIC devices, until they are filled
    job_id              BIGINT NOT NULL REFERENCES ota_job (id) ON DELETE CASCADE,
    device_id           BIGINT NOT NULL,
    PRIMARY KEY (job_id, device_id)
);

CREATE TABLE ota_task (
    id                  {serial},
    job_id              BIGINT NOT NULL REFERENCES ota_job (id),
    device_id           BIGINT NOT NULL,
    module              {text} NOT NULL,
    lane                {text} NOT NULL DEFAULT '', -- one live task per device and lane
    source_version      {text} NOT NULL,            -- when the task was made; '' if none was reported
    status              {text} NOT NULL,
    step                INTEGER NOT NULL DEFAULT -1,-- last progress, percent; -1: none since the last offer
    description         TEXT NOT NULL DEFAULT '',
    failure_kind        TEXT NOT NULL DEFAULT '',
    attempt             INTEGER NOT NULL DEFAULT 0, -- offers (pushes and answered pulls) so far
    push_due_at         BIGINT,                     -- wants a push from then on; NULL: offline, or pushed
    claimed_at          BIGINT,                     -- of the last offer: it counts in this rate slot
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    notified_at         BIGINT,
    progress_at         BIGINT,                     -- of the first progress ever: the time-out counts from here
    timeout_at          BIGINT,
    ended_at            BIGINT
);
CREATE UNIQUE INDEX ota_task_of_job ON ota_task (job_id, device_id);
CREATE UNIQUE INDEX ota_task_live ON ota_task (device_id, lane) WHERE ended_at IS NULL;
CREATE INDEX ota_task_ended ON ota_task (device_id, id) WHERE ended_at IS NOT NULL; -- apart, so that reports read ota_task_live
CREATE INDEX ota_task_by_status ON ota_task (job_id, status, id);
CREATE INDEX ota_task_due ON ota_task (job_id, push_due_at) WHERE push_due_at IS NOT NULL;
CREATE INDEX ota_task_timeout ON ota_task (timeout_at) WHERE timeout_at IS NOT NULL;

CREATE TABLE ota_job_count (
    job_id              BIGINT NOT NULL REFERENCES ota_job (id) ON DELETE CASCADE,
    status              {text} NOT NULL,
    source_version      {text} NOT NULL,
    failure_kind        {text} NOT NULL,
    tasks               BIGINT NOT NULL,
    PRIMARY KEY (job_id, status, source_version, failure_kind)
);

CREATE TABLE ota_job_offers (                       -- of the last minutes
    job_id              BIGINT NOT NULL REFERENCES ota_job (id) ON DELETE CASCADE,
    second              BIGINT NOT NULL,            -- Unix seconds
    offers              BIGINT NOT NULL,
    PRIMARY KEY (job_id, second)
);
