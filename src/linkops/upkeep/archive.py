"""What a backup is: one archive of the database, the package files and the keys, with a manifest of check sums.

The database is copied by SQLite's own online backup, or by ``pg_dump``; package files never change once they are
written, so copying them afterwards yields at least all that the database names.
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from linkops import __version__
from linkops.blobs import UNFINISHED
from linkops.settings import Settings

MANIFEST = "manifest.json"
DATABASE = "linkops.db"
DUMP = "postgres.dump"
KEY = "master.key"
_FOLDERS = ("blobs", "tls")
UNFINISHED_FOLDER = ".unfinished-"


class Place(NamedTuple):
    """Where a server keeps what it knows; without a database's address, in SQLite in the folder."""

    data_dir: Path
    database_url: str | None


def place_of(settings: Settings) -> Place:
    """Return where a server with these settings keeps what it knows."""
    url = settings.database_url
    return Place(settings.data_dir, None if url is None else url.get_secret_value())


class BackupFailed(Exception):  # noqa: N818 - says what is the case
    """There is no backup, or it was not restored; the text says why."""


Tell = Callable[[int, int], None]
"""Hears how many bytes of how many are in the archive."""


def _nobody(_done: int, _all: int) -> None:
    pass


def write_backup(place: Place, file: Path, *, with_key: bool, tell: Tell = _nobody) -> list[str]:
    """Write a backup of a server, which may run meanwhile, and return the names in it.

    Raises:
        BackupFailed: when there is nothing to back up, or the file exists.
    """
    with tempfile.TemporaryDirectory(prefix=UNFINISHED_FOLDER, dir=file.parent or None) as scratch:
        unfinished = Path(scratch) / "backup.tar.gz"
        with tarfile.open(unfinished, "w:gz", compresslevel=1) as archive:
            sums = _add_all(archive, list(_members(place, Path(scratch), with_key=with_key)), tell)
            _add_text(archive, json.dumps({"linkops": __version__, "sha256": sums}, indent=1))
        unfinished.chmod(0o600)
        try:
            # A link, not a rename: it fails where a file of that name exists.
            file.hardlink_to(unfinished)
        except FileExistsError:
            raise BackupFailed(f"{file} exists already.") from None
    return list(sums)


def read_backup(file: Path, place: Place) -> list[str]:
    """Put a backup into an empty data folder (and database) and return the names that were restored.

    Raises:
        BackupFailed: when the folder is in use, or the backup is damaged; nothing is left behind then.
    """
    folder = place.data_dir
    if folder.exists() and any(folder.iterdir()):
        raise BackupFailed(f"{folder} is not empty: restore into a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        unpacked = Path(scratch) / "data"
        names = _unpack(file, unpacked)
        dump = unpacked / DUMP
        if dump.exists():
            _run(["pg_restore", "--no-owner", "--single-transaction", str(dump)], place)
            dump.unlink()
        if folder.exists():
            folder.rmdir()
        unpacked.chmod(0o700)
        unpacked.rename(folder)
    return names


def _members(place: Place, scratch: Path, *, with_key: bool) -> Iterator[tuple[str, Path]]:
    folder = place.data_dir
    if place.database_url is None:
        yield DATABASE, _copy_sqlite(folder / DATABASE, scratch / DATABASE)
    else:
        _run(["pg_dump", "--format=custom", "--file", str(scratch / DUMP)], place)
        yield DUMP, scratch / DUMP
    for name in _FOLDERS:
        for path in sorted((folder / name).rglob("*")):
            if path.is_file() and UNFINISHED not in path.name:
                yield str(path.relative_to(folder)), path
    if with_key and (folder / KEY).exists():
        yield KEY, folder / KEY


def _copy_sqlite(source: Path, target: Path) -> Path:
    if not source.exists():
        raise BackupFailed(f"There is no database in {source.parent}. Name the folder: --data-dir")
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as running, sqlite3.connect(target) as copy:
        running.backup(copy)
    copy.close()
    running.close()
    return target


def _add_all(archive: tarfile.TarFile, members: list[tuple[str, Path]], tell: Tell) -> dict[str, str]:
    """Add files and return their digests; a package that is deleted meanwhile is not missed."""
    sums: dict[str, str] = {}
    sizes = [_size(path) for _, path in members]
    done, whole = 0, sum(sizes)
    for (name, path), size in zip(members, sizes, strict=True):
        tell(done, whole)
        with suppress(FileNotFoundError):
            archive.add(path, name, recursive=False)
            sums[name] = _digest(path)
        done += size
    tell(done, whole)
    return sums


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _add_text(archive: tarfile.TarFile, text: str) -> None:
    content = text.encode()
    member = tarfile.TarInfo(MANIFEST)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def _unpack(file: Path, folder: Path) -> list[str]:
    folder.mkdir()
    try:
        with tarfile.open(file, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        sums: dict[str, str] = manifest["sha256"]
        damaged = [name for name, digest in sums.items() if _digest(folder / name) != digest]
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError) as error:
        raise BackupFailed(f"{file} is no backup, or damaged: {error}") from None
    if damaged:
        raise BackupFailed(f"{file} is damaged: {', '.join(damaged)}")
    (folder / MANIFEST).unlink()
    return list(sums)


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _postgres_url(place: Place) -> str:
    if place.database_url is None:
        raise BackupFailed("This backup holds a PostgreSQL database: name an empty one with --database-url.")
    return place.database_url


def _run(command: list[str], place: Place) -> None:
    """Run a tool of PostgreSQL on the database; the password is not among its arguments, which every user sees."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo  # noqa: PLC0415 - only with PostgreSQL

    if shutil.which(command[0]) is None:
        raise BackupFailed(f"{command[0]} is missing (Debian: postgresql-client).")
    where = conninfo_to_dict(_postgres_url(place))
    secret = {"PGPASSWORD": str(where.pop("password"))} if "password" in where else {}
    command += ["--dbname", make_conninfo("", **where)]
    environment = {**os.environ, **secret}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise BackupFailed(f"{command[0]} failed: {done.stderr.strip()}")
