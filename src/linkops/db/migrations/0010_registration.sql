-- Devices that register themselves with their product's secret.
ALTER TABLE product ADD COLUMN registration INTEGER NOT NULL DEFAULT 0;         -- 1: they may
ALTER TABLE product ADD COLUMN listed_only INTEGER NOT NULL DEFAULT 1;          -- 0: also under names that nobody created

-- Until its next login after this a device that was activated may register again.
ALTER TABLE device ADD COLUMN register_again_at BIGINT;

-- What devices that nobody listed log in with.
CREATE TABLE device_token (
    id                  {serial},
    device_id           BIGINT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    client_id           {text} NOT NULL,            -- generated
    token_digest        TEXT NOT NULL,              -- SHA-256, hexadecimal
    created_at          BIGINT NOT NULL,
    used_at             BIGINT                      -- of the first login with it
);
CREATE UNIQUE INDEX device_token_by_client ON device_token (device_id, client_id);
