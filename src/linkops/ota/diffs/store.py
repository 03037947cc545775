"""SQL of differential packages that are being made."""

from collections.abc import Sequence
from typing import NamedTuple

from linkops.db import Row, Tx
from linkops.ota.diffs.model import Compression, Diff, DiffStatus, Stage

_DIFF = """
SELECT d.id, d.product_id, p.product_key, d.module, d.from_package_id, d.to_package_id, d.source_version, d.version,
    d.name, d.compression, d.needs_verification, d.status, d.stage, d.progress, d.attempt, d.failure_code, d.package_id,
    d.whole_size_bytes, d.patch_size_bytes, d.account_id, d.created_by, d.created_at, d.updated_at, d.ended_at
FROM ota_diff d JOIN product p ON p.id = d.product_id
"""
_BY_ID = _DIFF + "WHERE d.id = :diff_id"
_WANTED = "WHERE (:all_products = 1 OR d.product_id IN (SELECT r.id FROM {products: id bigint} r))"
_NEWEST = _DIFF + _WANTED + " AND d.id < :edge ORDER BY d.id DESC LIMIT :most"
_COUNT = f"SELECT count(*) FROM (SELECT 1 FROM ota_diff d {_WANTED} LIMIT :most) n"  # noqa: S608 - our own text
_ADD = """
INSERT INTO ota_diff (product_id, module, from_package_id, to_package_id, source_version, version, name, compression,
    needs_verification, status, whole_size_bytes, account_id, created_by, created_at, updated_at)
VALUES (:product_id, :module, :from_package_id, :to_package_id, :source_version, :version, :name, :compression,
    :needs_verification, 'QUEUED', :whole_size_bytes, :account_id, :created_by, :now, :now)
RETURNING id
"""
_WAITING = "SELECT count(*) FROM ota_diff WHERE ended_at IS NULL"
_SAME_WAITING = """
SELECT 1 FROM ota_diff
WHERE ended_at IS NULL AND (name = :name OR (from_package_id = :from_package_id AND to_package_id = :to_package_id))
"""
_ANY_DUE = """
SELECT 1 FROM ota_diff WHERE ended_at IS NULL AND (status = 'QUEUED' OR lease_until_at <= :now) LIMIT 1
"""
# One at a time, of all servers that share the database.
_CLAIM = """
UPDATE ota_diff SET status = 'RUNNING', stage = :stage, progress = 0, attempt = attempt + 1,
    lease_until_at = :lease_until_at, updated_at = :now
WHERE id = (
    SELECT min(d.id) FROM ota_diff d WHERE d.ended_at IS NULL AND (d.status = 'QUEUED' OR d.lease_until_at <= :now)
        AND NOT EXISTS (SELECT 1 FROM ota_diff r WHERE r.status = 'RUNNING' AND r.lease_until_at > :now)
) AND (status = 'QUEUED' OR lease_until_at <= :now) AND ended_at IS NULL
RETURNING id
"""
_OWN = "WHERE id = :diff_id AND attempt = :attempt AND status = 'RUNNING'"
_ADVANCE = f"""
UPDATE ota_diff SET stage = :stage, progress = :progress, lease_until_at = :lease_until_at, updated_at = :now {_OWN}
"""  # noqa: S608 - our own text
_RELEASE = f"""
UPDATE ota_diff SET status = 'QUEUED', stage = '', progress = 0, attempt = attempt - 1, updated_at = :now {_OWN}
"""  # noqa: S608
_SUCCEED = f"""
UPDATE ota_diff SET status = 'SUCCEEDED', stage = '', progress = 100, package_id = :package_id,
    patch_size_bytes = :patch_size_bytes, updated_at = :now, ended_at = :now {_OWN}
"""  # noqa: S608
_FAIL = f"""
UPDATE ota_diff SET status = 'FAILED', stage = '', failure_code = :code, patch_size_bytes = :patch_size_bytes,
    updated_at = :now, ended_at = :now {_OWN}
"""  # noqa: S608
_CANCEL = """
UPDATE ota_diff SET status = 'CANCELED', stage = '', updated_at = :now, ended_at = :now
WHERE id = :diff_id AND ended_at IS NULL
"""
_DELETE_OLD = """
DELETE FROM ota_diff WHERE id IN (SELECT id FROM ota_diff WHERE ended_at < :before ORDER BY id LIMIT :most)
"""


class DiffToAdd(NamedTuple):
    """The columns of a differential package to be made."""

    product_id: int
    module: str
    from_package_id: int
    to_package_id: int
    source_version: str
    version: str
    name: str
    compression: Compression
    needs_verification: int
    whole_size_bytes: int
    account_id: int | None
    created_by: str


class Run(NamedTuple):
    """One attempt, which a later one makes void."""

    diff_id: int
    attempt: int


def by_id(tx: Tx, diff_id: int) -> Diff | None:
    """Return a differential package that is being made, or was."""
    row = tx.one(_BY_ID, diff_id=diff_id)
    return None if row is None else _diff(row)


def newest(tx: Tx, products: Sequence[int] | None, below: int, most: int) -> list[Diff]:
    """Return up to ``most`` of these products (None: all) with an id below ``below``, newest first."""
    return [_diff(row) for row in tx.all(_NEWEST, edge=below, most=most, **_of(products))]


def count(tx: Tx, products: Sequence[int] | None, most: int) -> int:
    """Return how many there are, counting to ``most``."""
    return int(tx.scalar(_COUNT, most=most, **_of(products)))


def add(tx: Tx, diff: DiffToAdd, now: int) -> int:
    """Queue one and return its id."""
    return int(tx.scalar(_ADD, **diff._asdict(), now=now))


def waiting(tx: Tx) -> int:
    """Return how many have not ended."""
    return int(tx.scalar(_WAITING))


def same_waiting(tx: Tx, name: str, from_package_id: int, to_package_id: int) -> bool:
    """Return whether one of this name, or between these packages, has not ended."""
    found = tx.scalar(_SAME_WAITING, name=name, from_package_id=from_package_id, to_package_id=to_package_id)
    return found is not None


def any_due(tx: Tx, now: int) -> bool:
    """Return whether one waits, or was cut off."""
    return tx.scalar(_ANY_DUE, now=now) is not None


def claim(tx: Tx, now: int, lease_until_at: int) -> Diff | None:
    """Begin the oldest that is due, unless another is being made."""
    diff_id = tx.scalar(_CLAIM, stage=Stage.FETCHING, now=now, lease_until_at=lease_until_at)
    return None if diff_id is None else by_id(tx, diff_id)


def advance(tx: Tx, run: Run, stage: Stage, progress: int, now: int, lease_until_at: int) -> bool:
    """Record how far an attempt is and return whether it still counts."""
    own = {**run._asdict(), "stage": stage, "progress": progress, "now": now, "lease_until_at": lease_until_at}
    return tx.run(_ADVANCE, **own) > 0


def release(tx: Tx, run: Run, now: int) -> None:
    """Let an attempt that this server gives up be made anew at once."""
    tx.run(_RELEASE, **run._asdict(), now=now)


def succeed(tx: Tx, run: Run, package_id: int, patch_size_bytes: int, now: int) -> bool:
    """Record the package that was made and return whether the attempt still counted."""
    return tx.run(_SUCCEED, **run._asdict(), package_id=package_id, patch_size_bytes=patch_size_bytes, now=now) > 0


def fail(tx: Tx, run: Run, code: str, patch_size_bytes: int | None, now: int) -> None:
    """Record why there will be no package."""
    tx.run(_FAIL, **run._asdict(), code=code, patch_size_bytes=patch_size_bytes, now=now)


def cancel(tx: Tx, diff_id: int, now: int) -> bool:
    """End one that has not ended and return whether that was so."""
    return tx.run(_CANCEL, diff_id=diff_id, now=now) > 0


def delete_old(tx: Tx, before: int, most: int) -> int:
    """Delete up to ``most`` that ended before ``before`` and return how many."""
    return tx.run(_DELETE_OLD, before=before, most=most)


def _of(products: Sequence[int] | None) -> dict[str, object]:
    return {"all_products": int(products is None), "products": [(product,) for product in products or ()]}


def _diff(row: Row) -> Diff:
    return Diff(
        id=row[0],
        product_id=row[1],
        product_key=row[2],
        module=row[3],
        from_package_id=row[4],
        to_package_id=row[5],
        source_version=row[6],
        version=row[7],
        name=row[8],
        compression=Compression(row[9]),
        needs_verification=bool(row[10]),
        status=DiffStatus(row[11]),
        stage=Stage(row[12]),
        progress=row[13],
        attempt=row[14],
        failure_code=row[15],
        package_id=row[16],
        whole_size_bytes=row[17],
        patch_size_bytes=row[18],
        account_id=row[19],
        created_by=row[20],
        created_at=row[21],
        updated_at=row[22],
        ended_at=row[23],
    )
