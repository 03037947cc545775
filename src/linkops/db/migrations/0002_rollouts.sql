-- Rollouts with everything that an operator may ask of them.

-- A device's place in the product's stable random order: gray scales take the first so many.
ALTER TABLE device ADD COLUMN lot BIGINT NOT NULL DEFAULT 0;
UPDATE device SET lot = (id * 2654435761) % 2147483648;
CREATE INDEX device_by_lot ON device (product_id, lot, id);

-- What holds for all jobs of a product unless a job says otherwise.
CREATE TABLE ota_product_rule (
    product_id          BIGINT PRIMARY KEY REFERENCES product (id) ON DELETE CASCADE,
    windows             TEXT NOT NULL DEFAULT '[]', -- JSON: when devices may be told of updates; empty: always
    needs_approval      INTEGER NOT NULL DEFAULT 0, -- 1: a second person lets jobs start
    updated_at          BIGINT NOT NULL
);

-- Devices by name, as an operator lists them for a job.
CREATE TABLE ota_device_list (
    id                  {serial},
    product_id          BIGINT NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    account_id          BIGINT NOT NULL,
    devices             BIGINT NOT NULL DEFAULT 0,
    refused             BIGINT NOT NULL DEFAULT 0,  -- lines that name no device; the first are kept
    kept                INTEGER NOT NULL DEFAULT 0, -- 1: a job is made of it
    created_at          BIGINT NOT NULL
);
CREATE INDEX ota_device_list_unused ON ota_device_list (created_at) WHERE kept = 0;
CREATE TABLE ota_device_list_row (
    list_id             BIGINT NOT NULL REFERENCES ota_device_list (id) ON DELETE CASCADE,
    device_id           BIGINT NOT NULL,
    PRIMARY KEY (list_id, device_id)
);
CREATE TABLE ota_device_list_refusal (
    list_id             BIGINT NOT NULL REFERENCES ota_device_list (id) ON DELETE CASCADE,
    line                BIGINT NOT NULL,
    content             TEXT NOT NULL,
    code                TEXT NOT NULL,
    PRIMARY KEY (list_id, line)
);

ALTER TABLE ota_job ADD COLUMN kind TEXT NOT NULL DEFAULT 'UPGRADE';        -- UPGRADE | VERIFY
ALTER TABLE ota_job ADD COLUMN diff INTEGER NOT NULL DEFAULT 0;             -- 1: only for devices on the source version
ALTER TABLE ota_job ADD COLUMN scope TEXT NOT NULL DEFAULT '{}';            -- JSON: what the targets are, further
ALTER TABLE ota_job ADD COLUMN strategy TEXT NOT NULL DEFAULT '{}';         -- JSON: as it was asked for, and edited
ALTER TABLE ota_job ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';             -- JSON: handed to devices
ALTER TABLE ota_job ADD COLUMN download TEXT NOT NULL DEFAULT 'HTTPS';      -- HTTPS | MQTT
ALTER TABLE ota_job ADD COLUMN start_at BIGINT;                             -- NULL: at once
ALTER TABLE ota_job ADD COLUMN finish_at BIGINT;                            -- NULL: when the last task ends
ALTER TABLE ota_job ADD COLUMN hold_reason TEXT NOT NULL DEFAULT '';        -- approval | paused | stage | gate
ALTER TABLE ota_job ADD COLUMN approved_by TEXT NOT NULL DEFAULT '';
ALTER TABLE ota_job ADD COLUMN push_from_at BIGINT NOT NULL DEFAULT 0;      -- of the maintenance window: no pushes before,
ALTER TABLE ota_job ADD COLUMN push_until_at BIGINT;                        -- and none from then on; NULL: no window
ALTER TABLE ota_job ADD COLUMN fill_lot BIGINT NOT NULL DEFAULT -1;         -- fill_cursor of jobs that are filled by lot
ALTER TABLE ota_job ADD COLUMN fill_left BIGINT;                            -- of a gray scale: tasks still to be made
ALTER TABLE ota_job ADD COLUMN device_list_id BIGINT;
ALTER TABLE ota_job ADD COLUMN stage INTEGER NOT NULL DEFAULT -1;           -- the stage that is rolled out; -1: none yet
ALTER TABLE ota_job ADD COLUMN offered BIGINT NOT NULL DEFAULT 0;           -- tasks that were offered at least once
ALTER TABLE ota_job ADD COLUMN offer_left BIGINT;                           -- first offers that the stage allows; NULL: any
UPDATE ota_job SET strategy = '{"rate_per_minute":' || coalesce(CAST(rate_per_minute AS TEXT), 'null')
    || ',"timeout_s":' || coalesce(CAST(timeout_s AS TEXT), 'null')
    || ',"need_push":' || CASE WHEN need_push = 1 THEN 'true' ELSE 'false' END || '}';
CREATE INDEX ota_job_dynamic ON ota_job (product_id, module) WHERE selection = 'DYNAMIC' AND status = 'IN_PROGRESS';
CREATE INDEX ota_job_planned ON ota_job (start_at) WHERE status = 'PLANNED';

ALTER TABLE ota_device_list ADD COLUMN job_id BIGINT;
INSERT INTO ota_device_list (product_id, account_id, devices, kept, created_at, job_id)
SELECT product_id, 0, (SELECT count(*) FROM ota_job_target t WHERE t.job_id = ota_job.id), 1, created_at, id
FROM ota_job WHERE targets = 'SPECIFIC';
INSERT INTO ota_device_list_row (list_id, device_id)
SELECT l.id, t.device_id FROM ota_job_target t JOIN ota_device_list l ON l.job_id = t.job_id;
UPDATE ota_job SET device_list_id = (SELECT l.id FROM ota_device_list l WHERE l.job_id = ota_job.id);
ALTER TABLE ota_device_list DROP COLUMN job_id;
DROP TABLE ota_job_target;

ALTER TABLE ota_task ADD COLUMN timeout_s BIGINT;                           -- of the job, when the task was made
ALTER TABLE ota_task ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;         -- automatic ones so far
ALTER TABLE ota_task ADD COLUMN retry_at BIGINT;                            -- the attempt failed, the next is due then
UPDATE ota_task SET timeout_s = (SELECT j.timeout_s FROM ota_job j WHERE j.id = ota_task.job_id);
ALTER TABLE ota_job DROP COLUMN timeout_s;
DROP INDEX ota_task_of_job;                                                 -- a dynamic job may update a device again
CREATE INDEX ota_task_of_job ON ota_task (job_id, device_id);
CREATE INDEX ota_task_due_again ON ota_task (job_id, push_due_at) WHERE push_due_at IS NOT NULL AND attempt > 0;

CREATE TABLE ota_task_change (                                              -- the history of a task after it was made
    id                  {serial},
    task_id             BIGINT NOT NULL REFERENCES ota_task (id) ON DELETE CASCADE,
    at                  BIGINT NOT NULL,
    status              TEXT NOT NULL,
    attempt             INTEGER NOT NULL,
    reason              TEXT NOT NULL
);
CREATE INDEX ota_task_change_by_task ON ota_task_change (task_id, id);
