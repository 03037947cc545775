-- A tag knows who set it: operator, device, or system (a device's SDK about itself). See docs/adr/0041.
ALTER TABLE device_tag ADD COLUMN origin TEXT NOT NULL DEFAULT 'operator';

-- Where devices of a product may publish and subscribe below user/; a product without rows leaves that open. See docs/adr/0042.
CREATE TABLE topic_rule (
    product_id          BIGINT NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    path                {text} NOT NULL,            -- what follows user/; wildcards as in a filter
    access              TEXT NOT NULL,              -- publish | subscribe | both
    PRIMARY KEY (product_id, path)
);
