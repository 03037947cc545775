-- What gateways report, and what they were asked. Times are Unix milliseconds.

-- Devices that a gateway saw around it and that are not its own; the newest few per gateway.
CREATE TABLE found_device (
    gateway_id          BIGINT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    product_key         {text} NOT NULL,
    device_name         {text} NOT NULL,
    found_at            BIGINT NOT NULL,
    PRIMARY KEY (gateway_id, product_key, device_name)
);

-- The last request of each kind to a gateway, and its answer.
CREATE TABLE gateway_request (
    gateway_id          BIGINT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    kind                {text} NOT NULL,            -- change | add | permit
    message_id          TEXT NOT NULL,              -- which the answer repeats
    sent_at             BIGINT NOT NULL,
    ends_at             BIGINT,                     -- of a join window
    answer_code         BIGINT,                     -- 200: done
    answered_at         BIGINT,
    PRIMARY KEY (gateway_id, kind)
);
