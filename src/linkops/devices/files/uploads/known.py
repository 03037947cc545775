"""Uploads as their last block left them, so that not every block asks the database.

What is remembered may be out of date: each write to the database checks that it was not.
"""

from collections import OrderedDict

from linkops.devices.files.uploads.model import Upload

MOST_KNOWN = 10_000


class Known:
    """Uploads by id, those that moved first going first."""

    def __init__(self) -> None:
        self._uploads: OrderedDict[str, Upload] = OrderedDict()

    def get(self, device_id: int, upload_id: str) -> Upload | None:
        """Return an upload of this device, if it is remembered."""
        upload = self._uploads.get(upload_id)
        return upload if upload is not None and upload.device_id == device_id else None

    def keep(self, upload: Upload) -> None:
        """Remember how an upload is now."""
        self._uploads[upload.id] = upload
        self._uploads.move_to_end(upload.id)
        if len(self._uploads) > MOST_KNOWN:
            self._uploads.popitem(last=False)

    def drop(self, upload_id: str) -> None:
        """Ask the database next time."""
        self._uploads.pop(upload_id, None)
