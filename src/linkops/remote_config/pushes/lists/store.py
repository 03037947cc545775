"""SQL of lists of results."""

from linkops.db import Row, Tx
from linkops.remote_config.pushes.model import FailureKind, Result, ResultStatus

_RESULT = """
SELECT t.push_id, t.device_id, coalesce(d.device_name, ''), t.status, t.failure_kind, t.config_id, t.attempt, t.code,
    t.message, t.created_at, t.updated_at, t.sent_at, t.downloaded_at, t.answered_at
"""
# One statement for each question, so that each is answered from its own index.
_ANY = f"""
{_RESULT} FROM (
    SELECT * FROM config_result WHERE push_id = :push_id AND device_id > :after ORDER BY device_id LIMIT :most
) t LEFT JOIN device d ON d.id = t.device_id ORDER BY t.device_id
"""  # noqa: S608 - names of our own columns
_IN_STATUS = f"""
{_RESULT} FROM (
    SELECT * FROM config_result
    WHERE push_id = :push_id AND status = :status AND device_id > :after
        AND (CAST(:failure_kind AS TEXT) IS NULL OR failure_kind = :failure_kind)
    ORDER BY device_id LIMIT :most
) t LEFT JOIN device d ON d.id = t.device_id ORDER BY t.device_id
"""  # noqa: S608 - names of our own columns
_BY_NAME = f"""
{_RESULT} FROM (
    SELECT id, device_name FROM device
    WHERE product_id = :product_id AND device_name >= :least AND device_name < :below AND device_name <> :after_name
    ORDER BY device_name
) d CROSS JOIN config_result t
WHERE t.push_id = :push_id AND t.device_id = d.id AND (CAST(:status AS TEXT) IS NULL OR t.status = :status)
    AND (CAST(:failure_kind AS TEXT) IS NULL OR t.failure_kind = :failure_kind)
ORDER BY d.device_name LIMIT :most
"""  # noqa: S608 - names of our own columns
_OF_DEVICE = f"""
{_RESULT} FROM (
    SELECT * FROM config_result WHERE device_id = :device_id AND push_id < :below ORDER BY push_id DESC LIMIT :most
) t LEFT JOIN device d ON d.id = t.device_id ORDER BY t.push_id DESC
"""  # noqa: S608 - names of our own columns
_COUNTED = """
SELECT coalesce(sum(devices), 0) FROM config_push_count WHERE push_id = :push_id
    AND (CAST(:status AS TEXT) IS NULL OR status = :status)
    AND (CAST(:failure_kind AS TEXT) IS NULL OR failure_kind = :failure_kind)
"""
_COUNT_OF_DEVICE = """
SELECT count(*) FROM (SELECT 1 FROM config_result WHERE device_id = :device_id LIMIT :most) n
"""


def by_device(
    tx: Tx, push_id: int, status: ResultStatus | None, kind: FailureKind | None, after: int, most: int
) -> list[Result]:
    """Return up to ``most`` results of a push, in order of the ids of their devices, behind ``after``."""
    params = {"push_id": push_id, "after": after, "most": most}
    if status is None:
        return [_result(row) for row in tx.all(_ANY, **params)]
    return [_result(row) for row in tx.all(_IN_STATUS, status=status, failure_kind=kind, **params)]


def by_name(
    tx: Tx,
    push_id: int,
    product_id: int,
    prefix: str,
    status: ResultStatus | None,
    kind: FailureKind | None,
    after: str,
    most: int,
) -> list[Result]:
    """Return up to ``most`` results of devices whose names begin with ``prefix``, by name, behind ``after``."""
    rows = tx.all(
        _BY_NAME,
        push_id=push_id,
        product_id=product_id,
        least=max(prefix, after),
        below=prefix + "\U0010ffff",
        after_name=after,
        status=status,
        failure_kind=kind,
        most=most,
    )
    return [_result(row) for row in rows]


def of_device(tx: Tx, device_id: int, below: int, most: int) -> list[Result]:
    """Return up to ``most`` results of a device, of pushes with an id below ``below``, the newest first."""
    return [_result(row) for row in tx.all(_OF_DEVICE, device_id=device_id, below=below, most=most)]


def counted(tx: Tx, push_id: int, status: ResultStatus | None, kind: FailureKind | None) -> int:
    """Return how many results of a push there are, from its counters."""
    return int(tx.scalar(_COUNTED, push_id=push_id, status=status, failure_kind=kind))


def count_of_device(tx: Tx, device_id: int, most: int) -> int:
    """Return how many results a device has, counting to ``most``."""
    return int(tx.scalar(_COUNT_OF_DEVICE, device_id=device_id, most=most))


def _result(row: Row) -> Result:
    return Result(
        push_id=row[0],
        device_id=row[1],
        device_name=row[2],
        status=ResultStatus(row[3]),
        failure_kind=FailureKind(row[4]),
        config_id=row[5],
        attempt=row[6],
        code=row[7],
        message=row[8],
        created_at=row[9],
        updated_at=row[10],
        sent_at=row[11],
        downloaded_at=row[12],
        answered_at=row[13],
    )
