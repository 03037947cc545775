-- Which sub-device hangs on which gateway: one gateway at a time.
CREATE TABLE topology (
    sub_id              BIGINT PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    gateway_id          BIGINT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    added_at            BIGINT NOT NULL
);
CREATE INDEX topology_by_gateway ON topology (gateway_id, sub_id);
