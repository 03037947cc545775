-- X.509: the authorities whose certificates open devices, and the certificates that were issued or seen --------------
CREATE TABLE certificate_authority (
    id                  {serial},
    product_id          BIGINT REFERENCES product (id) ON DELETE CASCADE,  -- whose devices it vouches for; NULL: our own
    own                 INTEGER NOT NULL,           -- 1: made here, and issues
    enabled             INTEGER NOT NULL,           -- 0: none of its certificates is accepted
    auto_create         INTEGER NOT NULL,           -- 1: a device that it names, and that does not exist, is made
    subject             TEXT NOT NULL,              -- RFC 4514, for people
    subject_sha256      {text} NOT NULL,            -- of the name in DER: how the issuer of a certificate is found
    fingerprint         {text} NOT NULL UNIQUE,     -- SHA-256 of the certificate, hexadecimal
    certificate         TEXT NOT NULL,              -- PEM
    private_key_sealed  TEXT NOT NULL,              -- '' unless own
    not_before_at       BIGINT NOT NULL,
    not_after_at        BIGINT NOT NULL,
    created_by          TEXT NOT NULL,
    created_at          BIGINT NOT NULL
);
CREATE INDEX certificate_authority_by_subject ON certificate_authority (subject_sha256);
CREATE INDEX certificate_authority_by_product ON certificate_authority (product_id);
CREATE UNIQUE INDEX certificate_authority_issuing ON certificate_authority (own) WHERE own = 1 AND enabled = 1;

CREATE TABLE device_certificate (
    id                  {serial},
    device_id           BIGINT REFERENCES device (id) ON DELETE SET NULL,  -- a deleted device's stay until they expire
    product_id          BIGINT NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    authority_id        BIGINT NOT NULL REFERENCES certificate_authority (id) ON DELETE CASCADE,
    fingerprint         {text} NOT NULL UNIQUE,     -- SHA-256 of the certificate, hexadecimal
    serial              {text} NOT NULL,            -- hexadecimal
    key_type            TEXT NOT NULL,              -- as in "EC secp256r1"
    not_before_at       BIGINT NOT NULL,
    not_after_at        BIGINT NOT NULL,
    issued_by           TEXT NOT NULL,              -- '': by an uploaded authority, and first seen at a login
    created_at          BIGINT NOT NULL,
    first_used_at       BIGINT,
    last_used_at        BIGINT,
    ends_at             BIGINT,                     -- refused from then on, since a newer one takes its place
    revoked_at          BIGINT,
    revoked_by          TEXT NOT NULL DEFAULT '',
    revoke_reason       TEXT NOT NULL DEFAULT '',
    notice              INTEGER NOT NULL DEFAULT 0  -- 1: applications heard that it expires, 2: it has expired
);
CREATE INDEX device_certificate_by_device ON device_certificate (device_id, id);
CREATE INDEX device_certificate_by_expiry ON device_certificate (not_after_at, id);
CREATE INDEX device_certificate_by_product ON device_certificate (product_id, not_after_at, id);
CREATE INDEX device_certificate_by_authority ON device_certificate (authority_id, id);
-- Few among many: the lists of these, and what a list of revoked certificates (CRL) holds.
CREATE INDEX device_certificate_revoked ON device_certificate (not_after_at, id) WHERE revoked_at IS NOT NULL;
CREATE INDEX device_certificate_listed ON device_certificate (authority_id, id) WHERE revoked_at IS NOT NULL;
CREATE INDEX device_certificate_replaced ON device_certificate (not_after_at, id) WHERE ends_at IS NOT NULL;
CREATE INDEX device_certificate_to_notice ON device_certificate (not_after_at) WHERE notice < 2;
