-- What the overview counts and lists without reading the rows of a million devices or tasks.
CREATE INDEX device_inactive ON device (product_id) WHERE activated_at IS NULL;
CREATE INDEX ota_task_failed ON ota_task (ended_at, id) WHERE status = 'FAILED';
