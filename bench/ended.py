"""A large fleet whose updates have ended in every way, made by SQL: by messages it would take an hour."""

from pathlib import Path

from linkops.db import Tx, open_database
from linkops.db.database import Database

_PER_UNIT = 10_000
_VERSIONS = 12

_DEVICES = """
INSERT INTO device (product_id, device_name, secret_sealed, created_at, updated_at)
SELECT p.id, r.name, '', p.created_at, p.created_at FROM {devices: name text} r
CROSS JOIN (SELECT id, created_at FROM product ORDER BY id LIMIT 1) p WHERE 1 = 1
"""
_REPORTS = """
INSERT INTO module_version (device_id, module, product_id, version, reported_at)
SELECT d.id, 'default', d.product_id, CASE
    WHEN d.id % 2 = 0 THEN '1.0.0' WHEN d.id % 3 = 0 THEN '1.1.0' ELSE '0.' || (d.id % :versions) || '.0' END,
    d.created_at
FROM device d WHERE d.id > :after AND d.id <= :upto
"""
_COUNT_VERSIONS = """
INSERT INTO module_version_count (product_id, module, version, devices)
SELECT product_id, module, version, count(*) FROM module_version GROUP BY product_id, module, version
"""
_LAST_DEVICE, _LAST_TASK = "SELECT max(id) FROM device", "SELECT max(id) FROM ota_task"
# Of ten tasks seven succeed, one fails, one is canceled, one goes on.
_END = """
UPDATE ota_task SET
    status = CASE id % 10 WHEN 0 THEN 'FAILED' WHEN 1 THEN 'CANCELED' WHEN 2 THEN status ELSE 'SUCCEEDED' END,
    failure_kind = CASE WHEN id % 10 <> 0 THEN '' WHEN id % 20 = 0 THEN 'download' WHEN id % 30 = 0 THEN 'timeout'
        ELSE 'flash' END,
    description = CASE WHEN id % 10 = 0 THEN 'the device said so' ELSE '' END,
    ended_at = CASE WHEN id % 10 = 2 THEN NULL ELSE created_at END
WHERE id > :after AND id <= :upto
"""
_FORGET_COUNTS = "DELETE FROM ota_job_count WHERE 1 = 1"
_COUNT_TASKS = """
INSERT INTO ota_job_count (job_id, status, source_version, failure_kind, tasks)
SELECT job_id, status, source_version, failure_kind, count(*) FROM ota_task
GROUP BY job_id, status, source_version, failure_kind
"""


async def register(database: str, count: int) -> None:
    """Add so many devices to the only product, most of which have reported one of a dozen versions."""
    db = open_database(database)
    for start in range(0, count, _PER_UNIT):
        names = [(f"more-{number:07}",) for number in range(start, min(start + _PER_UNIT, count))]
        await db.write(Tx.run, _DEVICES, devices=names)
    await _in_parts(db, _LAST_DEVICE, _REPORTS, versions=_VERSIONS)
    await db.write(Tx.run, _COUNT_VERSIONS)
    db.close()


async def end(database: str) -> None:
    """Let most tasks end."""
    db = open_database(database)
    await _in_parts(db, _LAST_TASK, _END)
    await db.write(Tx.run, _FORGET_COUNTS)
    await db.write(Tx.run, _COUNT_TASKS)
    db.close()


async def _in_parts(db: Database, last: str, statement: str, **params: int) -> None:
    for after in range(0, int(await db.read(Tx.scalar, last)), _PER_UNIT):
        await db.write(Tx.run, statement, after=after, upto=after + _PER_UNIT, **params)


def database_in(data_dir: Path) -> str:
    """Return where a server keeps its database."""
    return str(data_dir / "linkops.db")
