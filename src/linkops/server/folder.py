"""The data folder: made for its owner only, and used by one server at a time."""

import fcntl
import os
from pathlib import Path
from typing import IO

DATABASE_NAME = "linkops.db"


class FolderInUse(Exception):  # noqa: N818 - says what is the case
    """Another server works in this data folder."""


class DataFolder:
    """A data folder that is ours until `close`; the lock goes with the process, however it ends.

    From here on the process makes files for its owner only: whoever made the folder may have left it open to others.
    """

    def __init__(self, path: Path) -> None:
        os.umask(0o077)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = path
        self._lock = _locked(path / "lock")

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.path / DATABASE_NAME

    @property
    def blobs(self) -> Path:
        """Package files."""
        return self.path / "blobs"

    @property
    def master_key(self) -> Path:
        """The key that seals secrets."""
        return self.path / "master.key"

    @property
    def tls(self) -> Path:
        """Development CA and server certificate."""
        return self.path / "tls"

    def close(self) -> None:
        """Let another server have it."""
        self._lock.close()


def _locked(path: Path) -> IO[str]:
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise FolderInUse(f"{path.parent} is in use by another LinkOps server (process {owner})") from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
