"""The end of an upload that becomes no file."""

from collections.abc import Sequence

from linkops.db import Tx
from linkops.devices.files import store as files
from linkops.devices.files.uploads import store


def give_up(tx: Tx, upload_ids: Sequence[str], now: int, *, idle_since: int = store.EVER) -> list[str]:
    """Forget uploads, and return those that there were.

    What they held is free again. One that nearly was a file when the server was killed may have left bytes in the store
    of files: these are deleted, too.

    Args:
        tx: of the unit.
        upload_ids: some uploads.
        now: Unix milliseconds.
        idle_since: one of which something came then or later is left alone.
    """
    removed = store.remove(tx, upload_ids, idle_since)
    files.abandon(tx, [each.blob_key for each in removed], now)
    return [each.upload_id for each in removed]
