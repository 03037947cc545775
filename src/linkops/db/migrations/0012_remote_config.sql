-- Remote configuration: documents, their versions, and what devices are given.
CREATE TABLE config_switch (                        -- a product without a row: off
    product_id          BIGINT PRIMARY KEY REFERENCES product (id) ON DELETE CASCADE,
    enabled             INTEGER NOT NULL,
    updated_at          BIGINT NOT NULL
);

-- Everything that was ever written or merged, byte for byte, each once in a product. What points here is looked at when
-- the transaction ends: a product that is deleted takes contents and documents along in any order.
CREATE TABLE config_content (
    id                  {serial},
    product_id          BIGINT NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    sha256              {text} NOT NULL,            -- hexadecimal
    size_bytes          BIGINT NOT NULL,
    content             {bytes} NOT NULL,
    created_at          BIGINT NOT NULL
);
CREATE UNIQUE INDEX config_content_by_digest ON config_content (product_id, sha256);

CREATE TABLE config_document (
    id                  {serial},
    product_id          BIGINT NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    scope               {text} NOT NULL,            -- product | group | device | schema
    group_id            BIGINT REFERENCES device_group (id) ON DELETE CASCADE,
    device_id           BIGINT REFERENCES device (id) ON DELETE CASCADE,
    version             INTEGER NOT NULL DEFAULT 0, -- number of the newest one, 0: none yet
    version_id          BIGINT NOT NULL DEFAULT 0,  -- of the newest one
    -- Of the newest one, NULL: the document was removed.
    content_id          BIGINT REFERENCES config_content (id) DEFERRABLE INITIALLY DEFERRED,
    size_bytes          BIGINT NOT NULL DEFAULT 0,
    priority            INTEGER NOT NULL DEFAULT 0  -- of a group's: the higher one is laid over the lower one
);
CREATE UNIQUE INDEX config_document_of_product ON config_document (product_id, scope) WHERE scope IN ('product', 'schema');
CREATE UNIQUE INDEX config_document_of_group ON config_document (group_id, product_id) WHERE group_id IS NOT NULL;
CREATE UNIQUE INDEX config_document_of_device ON config_document (device_id) WHERE device_id IS NOT NULL;
CREATE INDEX config_document_by_scope ON config_document (product_id, scope, id);
CREATE INDEX config_document_by_content ON config_document (content_id);
CREATE INDEX config_document_by_size ON config_document (product_id, size_bytes) WHERE scope IN ('group', 'device');

CREATE TABLE config_version (
    id                  {serial},
    document_id         BIGINT NOT NULL REFERENCES config_document (id) ON DELETE CASCADE,
    number              INTEGER NOT NULL,           -- from 1 in each document
    -- NULL: the document was removed.
    content_id          BIGINT REFERENCES config_content (id) DEFERRABLE INITIALLY DEFERRED,
    priority            INTEGER NOT NULL DEFAULT 0,
    restored_from       INTEGER,                    -- number of the version that it is a copy of
    comment             TEXT NOT NULL DEFAULT '',
    created_by          TEXT NOT NULL,
    created_at          BIGINT NOT NULL
);
CREATE UNIQUE INDEX config_version_by_number ON config_version (document_id, number);
CREATE INDEX config_version_by_content ON config_version (content_id);

-- What documents gave when they were merged, so that it is done once for all devices with the same ones.
CREATE TABLE config_rendering (
    product_id          BIGINT NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    layers              {text} NOT NULL,            -- ids of the versions, as in "17.4.23", 0 first: no product document
    -- NULL: more bytes than a document may have.
    content_id          BIGINT REFERENCES config_content (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (product_id, layers)
);
CREATE INDEX config_rendering_by_content ON config_rendering (content_id);
