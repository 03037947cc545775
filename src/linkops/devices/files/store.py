"""SQL of complete files, and of the stored bytes that nothing names any more."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from linkops.db import Row, Tx
from linkops.devices.files.model import DeviceFile, FileOrder
from linkops.devices.model import DeviceKey

_COLUMNS = (
    "f.id, f.product_id, p.product_key, d.device_name, f.file_name, f.size_bytes, f.crc64, f.sha256, "
    "f.wanted_crc64, f.blob_key, f.created_at"
)
_FROM = "FROM device_file f JOIN device d ON d.id = f.device_id JOIN product p ON p.id = d.product_id"
_ADD = """
INSERT INTO device_file (device_id, product_id, file_name, size_bytes, crc64, sha256, blob_key, upload_id, wanted_crc64,
    created_at)
VALUES (:device_id, :product_id, :file_name, :size_bytes, :crc64, :sha256, :blob_key, :upload_id, :wanted_crc64, :now)
RETURNING id
"""
_EXISTS = "SELECT 1 FROM device_file WHERE device_id = :device_id AND file_name = :file_name"
_MADE_BY = """
SELECT size_bytes, wanted_crc64, crc64 FROM device_file WHERE device_id = :device_id AND upload_id = :upload_id
"""
_BY_IDS = f"""
SELECT {_COLUMNS} FROM {{files: id bigint}} r JOIN device_file f ON f.id = r.id
JOIN device d ON d.id = f.device_id JOIN product p ON p.id = d.product_id
"""  # noqa: S608 - our own columns
_REMOVE_NAMED = """
DELETE FROM device_file WHERE device_id = :device_id AND file_name = :file_name RETURNING size_bytes, blob_key
"""
_REMOVE = "DELETE FROM device_file WHERE id IN (SELECT r.id FROM {files: id bigint} r) RETURNING size_bytes, blob_key"
_ABANDON = """
INSERT INTO abandoned_blob (blob_key, abandoned_at) SELECT r.blob_key, :now FROM {blobs: blob_key text} r WHERE 1 = 1
ON CONFLICT (blob_key) DO NOTHING
"""
_ABANDONED = "SELECT blob_key FROM abandoned_blob LIMIT :most"
_FORGET = "DELETE FROM abandoned_blob WHERE blob_key IN (SELECT r.blob_key FROM {blobs: blob_key text} r)"
_OLD = "SELECT id FROM device_file WHERE created_at < :before ORDER BY created_at LIMIT :most"
_OF_NOBODY = """
SELECT f.id FROM device_file f WHERE NOT EXISTS (SELECT 1 FROM device d WHERE d.id = f.device_id) LIMIT :most
"""


class Made(NamedTuple):
    """What an upload became."""

    size_bytes: int
    wanted_crc64: str
    crc64: str


class Gone(NamedTuple):
    """What removed files took."""

    size_bytes: int
    blob_keys: list[str]


class _Sorting(NamedTuple):
    columns: tuple[str, ...]
    kinds: tuple[type, ...]
    beyond: str
    by: str


_SORTING = {
    FileOrder.NEWEST: _Sorting(("f.id",), (int,), "f.id < :after0", "f.id DESC"),
    FileOrder.OLDEST: _Sorting(("f.id",), (int,), "f.id > :after0", "f.id"),
    FileOrder.NAME: _Sorting(
        ("f.file_name", "f.id"), (str, int), "(f.file_name, f.id) > (:after0, :after1)", "f.file_name, f.id"
    ),
    FileOrder.LARGEST: _Sorting(
        ("f.size_bytes", "f.id"),
        (int, int),
        "(f.size_bytes, f.id) < (:after0, :after1)",
        "f.size_bytes DESC, f.id DESC",
    ),
}


def place_kinds(order: FileOrder) -> list[type]:
    """Return the types of the values that make a row's place in this order."""
    return list(_SORTING[order].kinds)


class Question(NamedTuple):
    """Which files; None: whatever.

    Attributes:
        products: by id.
        since: Unix milliseconds, inclusive.
        until: Unix milliseconds, exclusive.
    """

    products: Sequence[int] | None
    device_id: int | None
    name_prefix: str
    since: int | None
    until: int | None

    def where(self) -> tuple[str, dict[str, Any]]:
        """Return the condition on ``device_file f``, and its parameters."""
        given: dict[str, dict[str, Any]] = {}
        if self.device_id is not None:
            given["f.device_id = :device_id"] = {"device_id": self.device_id}
        if self.products is not None and len(self.products) == 1:
            # Said so, an index of the product gives its files in order.
            given["f.product_id = :product_id"] = {"product_id": self.products[0]}
        elif self.products is not None:
            products = [(product_id,) for product_id in self.products]
            given["f.product_id IN (SELECT r.id FROM {products: id bigint} r)"] = {"products": products}
        if self.name_prefix:
            prefix = {"first": self.name_prefix, "last": self.name_prefix + "\N{DELETE}"}
            given["f.file_name >= :first AND f.file_name < :last"] = prefix
        if self.since is not None:
            given["f.created_at >= :since"] = {"since": self.since}
        if self.until is not None:
            given["f.created_at < :until"] = {"until": self.until}
        params = {name: value for params in given.values() for name, value in params.items()}
        return " AND ".join(given) or "1 = 1", params


def some(tx: Tx, question: Question, order: FileOrder, after: list[Any], most: int) -> list[DeviceFile]:
    """Return up to ``most`` files behind the place ``after`` (empty: from the start)."""
    where, params = question.where()
    sorting = _SORTING[order]
    beyond = f" AND {sorting.beyond}" if after else ""
    params |= {f"after{i}": value for i, value in enumerate(after)}
    sql = f"SELECT {_COLUMNS} {_FROM} WHERE {where}{beyond} ORDER BY {sorting.by} LIMIT :most"
    return [_file(row) for row in tx.all(sql, **params, most=most)]


def place_of(file: DeviceFile, order: FileOrder) -> list[Any]:
    """Return a file's place in this order."""
    return [getattr(file, column.removeprefix("f.")) for column in _SORTING[order].columns]


def count(tx: Tx, question: Question, most: int) -> int:
    """Return how many files there are, counting no further than ``most``."""
    where, params = question.where()
    sql = f"SELECT count(*) FROM (SELECT 1 FROM device_file f WHERE {where} LIMIT :most) c"  # noqa: S608 - ours
    return int(tx.scalar(sql, **params, most=most))


def by_ids(tx: Tx, file_ids: Sequence[int]) -> list[DeviceFile]:
    """Return those of these files that exist."""
    return [_file(row) for row in tx.all(_BY_IDS, files=[(file_id,) for file_id in file_ids])]


def exists(tx: Tx, device_id: int, file_name: str) -> bool:
    """Return whether a device has a complete file of this name."""
    return tx.scalar(_EXISTS, device_id=device_id, file_name=file_name) is not None


def made_by(tx: Tx, device_id: int, upload_id: str) -> Made | None:
    """Return what an upload of this device became; None if that is gone, or never was."""
    row = tx.one(_MADE_BY, device_id=device_id, upload_id=upload_id)
    return None if row is None else Made(*row)


def add(tx: Tx, now: int, **columns: Any) -> int:
    """Insert a file and return its id."""
    return int(tx.scalar(_ADD, now=now, **columns))


def remove_named(tx: Tx, device_id: int, file_name: str) -> Gone:
    """Forget the file of this name, if there is one."""
    return _gone(tx.all(_REMOVE_NAMED, device_id=device_id, file_name=file_name))


def remove(tx: Tx, file_ids: Sequence[int]) -> Gone:
    """Forget files."""
    return _gone(tx.all(_REMOVE, files=[(file_id,) for file_id in file_ids]))


def abandon(tx: Tx, blob_keys: Sequence[str], now: int) -> None:
    """Leave stored bytes to the sweep."""
    if blob_keys:
        tx.run(_ABANDON, blobs=[(key,) for key in blob_keys], now=now)


def abandoned(tx: Tx, most: int) -> list[str]:
    """Return up to ``most`` keys of stored bytes that are to be deleted."""
    return [key for (key,) in tx.all(_ABANDONED, most=most)]


def forget(tx: Tx, blob_keys: Sequence[str]) -> None:
    """Forget stored bytes that are deleted."""
    tx.run(_FORGET, blobs=[(key,) for key in blob_keys])


def old(tx: Tx, before: int, most: int) -> list[int]:
    """Return up to ``most`` files from before ``before``, the oldest first."""
    return [file_id for (file_id,) in tx.all(_OLD, before=before, most=most)]


def of_nobody(tx: Tx, most: int) -> list[int]:
    """Return up to ``most`` files whose device is gone."""
    return [file_id for (file_id,) in tx.all(_OF_NOBODY, most=most)]


def _gone(rows: Sequence[Row]) -> Gone:
    return Gone(sum(size for size, _ in rows), [key for _, key in rows])


def _file(row: Row) -> DeviceFile:
    return DeviceFile(
        id=row[0],
        product_id=row[1],
        key=DeviceKey(row[2], row[3]),
        file_name=row[4],
        size_bytes=row[5],
        crc64=row[6],
        sha256=row[7],
        checked=bool(row[8]),
        blob_key=row[9],
        created_at=row[10],
    )
