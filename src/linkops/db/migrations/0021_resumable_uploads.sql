-- Files that are on their way into a package; what came so far is in the spool of the server that took it.
CREATE TABLE upload_unfinished (
    id                  {text} PRIMARY KEY,         -- generated, hard to guess; also the name in the spool
    account_id          BIGINT NOT NULL,
    file_name           TEXT NOT NULL,
    size_bytes          BIGINT NOT NULL,
    have_bytes          BIGINT NOT NULL DEFAULT 0,  -- on disk, and told to the client
    resume_key          TEXT NOT NULL,              -- by which the client knows the file again; '' for never
    blob_key            TEXT NOT NULL,              -- where it goes: known before, so that no crash leaves it unnamed
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);
CREATE INDEX upload_unfinished_by_account ON upload_unfinished (account_id, updated_at);
CREATE INDEX upload_unfinished_by_age ON upload_unfinished (updated_at);

ALTER TABLE upload ADD COLUMN resume_key TEXT NOT NULL DEFAULT '';
CREATE INDEX upload_by_account ON upload (account_id, created_at);
