-- How many devices run each version: kept in the units that write module_version, so that a chart counts no devices.
CREATE TABLE module_version_count (
    product_id          BIGINT NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    module              {text} NOT NULL,
    version             {text} NOT NULL,
    devices             BIGINT NOT NULL,            -- never 0: such a row is deleted
    PRIMARY KEY (product_id, module, version)
);

-- What the device ran before: the statement that replaces a version hands it back, so that it is counted out exactly.
ALTER TABLE module_version ADD COLUMN previous_version {text};

INSERT INTO module_version_count (product_id, module, version, devices)
SELECT product_id, module, version, count(*) FROM module_version GROUP BY product_id, module, version;

-- Lists of the tasks that failed for one reason, which may be few among many that failed for others.
CREATE INDEX ota_task_by_failure ON ota_task (job_id, failure_kind, id) WHERE failure_kind <> '';
