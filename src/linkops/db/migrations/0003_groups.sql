-- Groups of devices. A static group has members; what a dynamic group has follows from its query whenever it is read.
CREATE TABLE device_group (
    id                  {serial},
    parent_id           BIGINT REFERENCES device_group (id),
    product_id          BIGINT REFERENCES product (id) ON DELETE CASCADE, -- NULL: over all products
    name                {text} NOT NULL,
    description         TEXT NOT NULL DEFAULT '',
    kind                TEXT NOT NULL,              -- static | dynamic
    query               TEXT NOT NULL DEFAULT '[]', -- JSON: conditions, all of which hold; of a dynamic group
    level               INTEGER NOT NULL,           -- 1: has no parent
    created_by          TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);
CREATE UNIQUE INDEX device_group_by_name ON device_group (coalesce(product_id, 0), coalesce(parent_id, 0), name);
CREATE INDEX device_group_by_parent ON device_group (parent_id);

CREATE TABLE device_group_member (
    group_id            BIGINT NOT NULL REFERENCES device_group (id) ON DELETE CASCADE,
    product_id          BIGINT NOT NULL,            -- the device's: a job reads the members of one product in id order
    device_id           BIGINT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, product_id, device_id)
);
CREATE INDEX device_group_member_by_device ON device_group_member (device_id, group_id);
