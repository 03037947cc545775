-- Packages with everything that an operator may ask of them.
ALTER TABLE ota_package ADD COLUMN required_versions TEXT NOT NULL DEFAULT '[]';    -- JSON; empty: devices on any version
ALTER TABLE ota_package ADD COLUMN patch_format TEXT NOT NULL DEFAULT '';           -- of a diff that LinkOps made
ALTER TABLE ota_package ADD COLUMN whole_size_bytes BIGINT;                         -- of the image that such a diff yields
ALTER TABLE ota_package ADD COLUMN whole_sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE ota_file ADD COLUMN digestsign TEXT NOT NULL DEFAULT '';                -- the publisher's signature, base64
ALTER TABLE ota_file ADD COLUMN signed_by TEXT NOT NULL DEFAULT '';                 -- fingerprint of the key

-- Signatures of the publisher ----------------------------------------------------------------------------------------
CREATE TABLE ota_secure_update (                        -- a product without a row: off
    product_id          BIGINT PRIMARY KEY REFERENCES product (id) ON DELETE CASCADE,
    enabled             INTEGER NOT NULL,               -- 1: packages are signed, and devices get the signatures
    updated_at          BIGINT NOT NULL
);

CREATE TABLE ota_signing_key (
    id                  {serial},
    product_id          BIGINT NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    fingerprint         {text} NOT NULL,                -- SHA-256 of the public key, hexadecimal
    bits                INTEGER NOT NULL,
    public_key          TEXT NOT NULL,                  -- PEM
    private_key_sealed  TEXT NOT NULL,                  -- '' once another key took its place
    imported            INTEGER NOT NULL,
    created_by          TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    retired_at          BIGINT
);
CREATE UNIQUE INDEX ota_signing_key_current ON ota_signing_key (product_id) WHERE retired_at IS NULL;
CREATE INDEX ota_signing_key_by_product ON ota_signing_key (product_id, id);

-- Differential packages that LinkOps makes ---------------------------------------------------------------------------
CREATE TABLE ota_diff (
    id                  {serial},
    product_id          BIGINT NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    from_package_id     BIGINT NOT NULL,
    to_package_id       BIGINT NOT NULL,
    source_version      TEXT NOT NULL,
    version             TEXT NOT NULL,
    module              TEXT NOT NULL,
    name                TEXT NOT NULL,                  -- of the package to be
    compression         TEXT NOT NULL,                  -- heatshrink | crle
    needs_verification  INTEGER NOT NULL,
    status              TEXT NOT NULL,                  -- QUEUED | RUNNING | SUCCEEDED | FAILED | CANCELED
    stage               TEXT NOT NULL DEFAULT '',       -- fetching | comparing | proving | storing
    progress            INTEGER NOT NULL DEFAULT 0,     -- percent
    attempt             INTEGER NOT NULL DEFAULT 0,
    lease_until_at      BIGINT NOT NULL DEFAULT 0,      -- a run that does not renew it was cut off
    failure_code        TEXT NOT NULL DEFAULT '',
    package_id          BIGINT,                         -- of the package that was made
    whole_size_bytes    BIGINT NOT NULL,
    patch_size_bytes    BIGINT,
    account_id          BIGINT,
    created_by          TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    ended_at            BIGINT
);
CREATE INDEX ota_diff_by_product ON ota_diff (product_id, id);
CREATE INDEX ota_diff_waiting ON ota_diff (id) WHERE ended_at IS NULL;
