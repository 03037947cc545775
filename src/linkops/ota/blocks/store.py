"""SQL of streams: a stream is an unfinished task, read by its own device."""

from typing import NamedTuple

from linkops.db import Tx
from linkops.ota.model import TaskStatus

# A device is told nothing before its task is confirmed, and that goes for the file, too.
# Packages of several files are downloaded over HTTPS only.
_STREAM = """
SELECT f.blob_key, f.size_bytes FROM ota_task t JOIN ota_job j ON j.id = t.job_id
JOIN ota_file f ON f.package_id = j.package_id AND f.position = 0
WHERE t.id = :stream_id AND t.device_id = :device_id AND t.ended_at IS NULL AND t.status <> :unconfirmed
    AND f.size_bytes <= :most_bytes
    AND NOT EXISTS (SELECT 1 FROM ota_file o WHERE o.package_id = j.package_id AND o.position > 0)
"""


class StreamFile(NamedTuple):
    """A file that a device may read."""

    blob_key: str
    size_bytes: int


def stream(tx: Tx, device_id: int, stream_id: int, most_bytes: int) -> StreamFile | None:
    """Return the file of a stream; None unless its task is this device's, under way, and of one file not too large."""
    unconfirmed = TaskStatus.CONFIRM
    row = tx.one(_STREAM, device_id=device_id, stream_id=stream_id, most_bytes=most_bytes, unconfirmed=unconfirmed)
    return None if row is None else StreamFile(*row)
