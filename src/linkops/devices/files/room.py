"""Is there room for another file (docs/device-files.md#quotas)?"""

from linkops.devices.files.model import MAX_FILE_BYTES, Held, Quotas


def room_for(size_bytes: int | None, held: Held, quotas: Quotas) -> int | None:
    """Return how many bytes an upload may have, None when there is no room for it.

    A stream (``size_bytes`` None) may have what is left, as far as a file may be so large: what it does not need is
    free again at its end.
    """
    left = min(quotas.max_bytes - held.bytes, quotas.max_bytes_in_all - held.bytes_in_all)
    if held.files >= quotas.max_files or left < 1:
        return None
    if size_bytes is None:
        return min(left, MAX_FILE_BYTES)
    return size_bytes if size_bytes <= left else None
