-- Files that devices upload, and their log entries.
-- There are no foreign keys to devices: a deleted device may have thousands of rows here, which ticks delete by and by.

CREATE TABLE device_upload (                        -- a file on its way: its bytes are in a spool file named after the id
    id                  {text} PRIMARY KEY,         -- generated, hard to guess
    device_id           BIGINT NOT NULL,
    product_id          BIGINT NOT NULL,
    file_name           {text} NOT NULL,            -- as the device calls it; never a path on disk
    size_bytes          BIGINT,                     -- as announced; NULL: a stream, whose last block says that it is that
    room_bytes          BIGINT NOT NULL,            -- reserved of the quotas
    have_bytes          BIGINT NOT NULL DEFAULT 0,  -- on disk, without gaps
    crc64               TEXT NOT NULL,              -- of these bytes, 16 hexadecimal digits
    wanted_crc64        TEXT NOT NULL,              -- of the whole file, as the device wrote it; '': not checked
    init_uid            TEXT NOT NULL,              -- tells a repeated request from a new one; '': none was given
    blob_key            TEXT NOT NULL,              -- where the file goes when it is complete
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);
CREATE UNIQUE INDEX device_upload_of_file ON device_upload (device_id, file_name);
CREATE INDEX device_upload_by_age ON device_upload (updated_at);

CREATE TABLE device_file (                          -- a complete file; a new one of the same name is a new row
    id                  {serial},
    device_id           BIGINT NOT NULL,
    product_id          BIGINT NOT NULL,
    file_name           {text} NOT NULL,
    size_bytes          BIGINT NOT NULL,
    crc64               TEXT NOT NULL,
    sha256              TEXT NOT NULL,
    blob_key            TEXT NOT NULL,
    upload_id           TEXT NOT NULL,              -- that made it: a repeated last block is answered as the first one was
    wanted_crc64        TEXT NOT NULL,
    created_at          BIGINT NOT NULL
);
CREATE UNIQUE INDEX device_file_of_device ON device_file (device_id, file_name);
CREATE INDEX device_file_by_product ON device_file (product_id, id);
CREATE INDEX device_file_by_product_name ON device_file (product_id, file_name, id);
CREATE INDEX device_file_by_product_size ON device_file (product_id, size_bytes, id);
CREATE INDEX device_file_by_product_age ON device_file (product_id, created_at);
CREATE INDEX device_file_by_age ON device_file (created_at);
CREATE INDEX device_file_by_name ON device_file (file_name, id);
CREATE INDEX device_file_by_size ON device_file (size_bytes, id);

CREATE TABLE abandoned_blob (                       -- stored files that nothing names any more, to be deleted
    blob_key            {text} PRIMARY KEY,
    abandoned_at        BIGINT NOT NULL
);

CREATE TABLE device_storage (                       -- one row: what all files and unfinished uploads of devices take
    id                  INTEGER PRIMARY KEY,
    held_bytes          BIGINT NOT NULL
);
INSERT INTO device_storage (id, held_bytes) VALUES (1, 0);

CREATE TABLE device_log (
    id                  {serial},
    device_id           BIGINT NOT NULL,
    received_at         BIGINT NOT NULL,
    logged_at           BIGINT,                     -- what utc_time says; NULL: nothing that we can read
    utc_time            TEXT NOT NULL,              -- as sent
    level               {text} NOT NULL,
    module              {text} NOT NULL,
    code                TEXT NOT NULL,
    trace_context       TEXT NOT NULL,
    content             TEXT NOT NULL
);
CREATE INDEX device_log_by_device ON device_log (device_id, id);
CREATE INDEX device_log_by_age ON device_log (received_at);

CREATE TABLE product_log_switch (
    product_id          BIGINT PRIMARY KEY REFERENCES product (id) ON DELETE CASCADE,
    is_on               INTEGER NOT NULL,
    told_up_to          BIGINT                      -- its online devices up to this id were told; NULL: all were
);
CREATE INDEX product_log_switch_telling ON product_log_switch (product_id) WHERE told_up_to IS NOT NULL;

CREATE TABLE device_log_switch (                    -- wins over that of the product
    device_id           BIGINT PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    is_on               INTEGER NOT NULL
);
